"""What the actions ask DITTO for, read as `ditto job` reads it."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
import soundfile
from pretend_reaper.model import Envelope, Mark, Track, item
from pretend_reaper.sound import heard
from pretend_reaper.studio import RATE, Studio, noise

from bridge.folders.request import FolderJob
from bridge.spec import Intensity, Melody, Structure
from plugin_protocol.values import Inpaint, Loop, Outpaint, Vary

NO, YES = 7, 6


def asked_by(studio: Studio, action: str) -> FolderJob:
    studio.reaper.run(action)
    assert studio.reaper.boxes == []
    return msgspec.json.decode((studio.jobs[-1] / "job.json").read_bytes(), type=FolderJob)


def clip_of(studio: Studio, name: str = "clip.wav") -> np.ndarray:
    samples, _ = soundfile.read(studio.jobs[-1] / name, dtype="float32", always_2d=True)
    return np.asarray(samples)


def test_a_fill_has_context_on_either_side(studio: Studio) -> None:
    studio.set("context", 1)
    studio.project.selection = (12.0, 12.5)
    asked = asked_by(studio, "Fill selection")
    assert asked.deliver == "new"
    assert isinstance(asked.spec.job, Inpaint)
    (region,) = asked.spec.job.regions
    assert (region.start, region.end) == (1.0, 1.5)
    assert np.array_equal(clip_of(studio), heard_original(studio)[RATE : 7 * RATE // 2])


def heard_original(studio: Studio) -> np.ndarray:
    studio.item.active = 0
    return heard(studio.item)


def test_context_ends_where_the_item_ends(studio: Studio) -> None:
    studio.project.selection = (10.5, 13.75)
    asked_by(studio, "Fill selection")
    assert len(clip_of(studio)) == 4 * RATE


def test_tempo_and_bar_are_the_projects(studio: Studio) -> None:
    studio.project.bpm, studio.project.meter = 100.0, (3, 4)
    studio.project.selection = (12.0, 12.5)
    studio.set("context", 1)
    asked = asked_by(studio, "Fill selection")
    assert asked.spec.music.bpm == 100.0
    # Bars of 1.8 s: one begins at second 10.8, the clip at second 11.
    assert asked.spec.music.beat_offset == pytest.approx(-0.2)
    assert asked.title == "Fill selection, Guitar, bar 7"


def test_the_clip_may_tell_its_own_tempo(studio: Studio) -> None:
    studio.set("tempo", "clip")
    assert asked_by(studio, "Make loop").spec.music.bpm is None


def test_settings_are_asked_for(studio: Studio) -> None:
    chosen = {"prompt": 'a "dry" kit, 1\\2', "quality": "best", "takes": 2, "seed": 5, "model": "m"}
    for name, value in chosen.items():
        studio.set(name, value)
    spec = asked_by(studio, "Make loop").spec
    assert {name: getattr(spec, name) for name in chosen} == chosen
    assert isinstance(spec.job, Loop)


@pytest.mark.parametrize("action", ["after its end", "before its start"])
def test_only_the_end_of_a_long_item_is_heard(studio: Studio, action: str) -> None:
    source = noise(studio.folder / "long.wav", 40.0)
    studio.project.tracks[0].items[0] = item(source, 10.0, "Long")
    asked = asked_by(studio, f"Continue item {action}")
    assert isinstance(asked.spec.job, Outpaint)
    heard_part = source.samples[-30 * RATE :] if "end" in action else source.samples[: 30 * RATE]
    assert np.array_equal(clip_of(studio), heard_part)


def test_a_volume_envelope_becomes_intensity(studio: Studio) -> None:
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.1), (4.0, 1.0)])]
    asked = asked_by(studio, "Reshape to envelope")
    assert asked.spec.job == Vary(strength=0.5)
    (control,) = asked.spec.controls
    assert isinstance(control, Intensity)
    assert control.match == "gain"
    seconds, levels = map(np.array, zip(*control.points, strict=True))
    assert np.allclose(levels, 20 * np.log10(np.interp(seconds, [0, 4], [0.1, 1.0])))
    # What becomes music is not in the clip as well.
    assert np.array_equal(clip_of(studio), heard_original(studio))


def test_a_heard_envelope_is_only_in_what_stays(studio: Studio) -> None:
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.1), (4.0, 1.0)])]
    studio.project.selection = (11.0, 12.0)
    asked = asked_by(studio, "Reshape to envelope")
    assert asked.within is not None
    assert (asked.within.start, asked.within.end) == (1.0, 2.0)
    ratio = clip_of(studio) / heard_original(studio)
    gain = np.interp(np.arange(4 * RATE) / RATE, [0, 4], [0.1, 1.0])[:, None]
    fade, step = RATE // 100, 64
    stays = np.ones(4 * RATE, bool)
    stays[RATE + fade - step : 2 * RATE - fade + step] = False
    assert np.allclose(ratio[stays], gain[stays], atol=1e-5)
    assert np.allclose(ratio[RATE + fade + step : 2 * RATE - fade - step], 1.0)


def test_any_selected_envelope_can_be_followed(studio: Studio) -> None:
    curve = Envelope("Cutoff / Filter", [(0.0, 3.0), (11.0, 3.0), (13.0, 5.0)])
    studio.project.tracks[0].envelopes.append(curve)
    studio.project.selected_envelope = curve
    studio.project.selection = (11.0, 13.0)
    (control,) = asked_by(studio, "Reshape to envelope").spec.controls
    assert isinstance(control, Intensity)
    seconds, levels = map(np.array, zip(*control.points, strict=True))
    assert (seconds[0], seconds[-1]) == (0.0, 4.0)
    rise = np.clip(seconds - 1, 0, 2)
    assert np.allclose(levels, -30 + 15 * rise, atol=1e-6)


@pytest.mark.parametrize("whose", ["another take", "another track"])
def test_an_envelope_that_was_left_selected_elsewhere_is_not_followed(
    studio: Studio, whose: str
) -> None:
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.1), (4.0, 1.0)])]
    left = Envelope("Volume", [(0.0, 1.0), (40.0, 0.5)])
    other = item(noise(studio.folder / "o.wav", 1.0), 0.0, "Other")
    other.selected = False
    studio.project.tracks.append(Track([other]))
    owner = other.takes[0] if whose == "another take" else studio.project.tracks[1]
    owner.envelopes.append(left)
    studio.project.selected_envelope = left
    (control,) = asked_by(studio, "Reshape to envelope").spec.controls
    assert isinstance(control, Intensity)
    assert control.points[0] == pytest.approx((0.0, -20.0))


def test_a_take_envelope_counts_in_the_takes_own_time(studio: Studio) -> None:
    studio.take.values["D_PLAYRATE"] = 2.0
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.1), (8.0, 1.0)])]
    (control,) = asked_by(studio, "Reshape to envelope").spec.controls
    assert isinstance(control, Intensity)
    assert control.points[-1] == pytest.approx((4.0, 0.0))


def test_regions_become_the_form(studio: Studio) -> None:
    studio.project.marks = [
        Mark(13.0, "Chorus", 20.0),
        Mark(11.0, "Verse", 12.0),
        Mark(2.0, "Intro", 5.0),
        Mark(12.1, "a marker"),
    ]
    (control,) = asked_by(studio, "Structure from regions or markers").spec.controls
    assert isinstance(control, Structure)
    assert [(section.label, section.length) for section in control.sections] == [
        ("", 1.0), ("Verse", 1.0), ("", 1.0), ("Chorus", 1.0),
    ]  # fmt: skip


def test_without_regions_markers_do(studio: Studio) -> None:
    long = "a very long name of what is played here, ähm"
    studio.project.marks = [Mark(12.0, long), Mark(9.0, "A"), Mark(13.0, "A")]
    (control,) = asked_by(studio, "Structure from regions or markers").spec.controls
    assert isinstance(control, Structure)
    assert [(section.label, section.length) for section in control.sections] == [
        ("A", 2.0), (long[:24], 1.0), ("A", 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [YES, NO])
def test_a_melody_stays_where_it_lies_on_the_timeline(studio: Studio, answer: int) -> None:
    voice = item(noise(studio.folder / "voice.wav", 3.0, seed=1), 11.5, "Voice")
    studio.project.tracks.append(Track([voice]))
    studio.reaper.answers = [answer]
    studio.reaper.run("Follow melody of item")
    changed, tune = (studio.item, voice) if answer == YES else (voice, studio.item)
    assert len(changed.takes) == 2
    assert len(tune.takes) == 1
    job = (studio.jobs[-1] / "job.json").read_bytes()
    (control,) = msgspec.json.decode(job, type=FolderJob).spec.controls
    assert isinstance(control, Melody)
    melody = clip_of(studio, "melody.wav")
    assert len(melody) == len(clip_of(studio))
    of_tune = heard(tune)
    if answer == YES:
        assert not melody[: 3 * RATE // 2].any()
        assert np.array_equal(melody[3 * RATE // 2 :], of_tune[: 5 * RATE // 2])
    else:
        assert np.array_equal(melody[: 5 * RATE // 2], of_tune[3 * RATE // 2 :])
        assert not melody[5 * RATE // 2 :].any()


def test_a_melody_from_elsewhere_begins_with_the_clip(studio: Studio) -> None:
    voice = item(noise(studio.folder / "voice.wav", 3.0, seed=1), 100.0, "Voice")
    studio.project.tracks.append(Track([voice]))
    studio.reaper.answers = [YES]
    studio.reaper.run("Follow melody of item")
    assert np.array_equal(clip_of(studio, "melody.wav")[: 3 * RATE], heard(voice))


def test_points_are_in_order_and_few_enough(studio: Studio) -> None:
    long = item(noise(studio.folder / "long.wav", 30.0), 10.0, "Long")
    long.takes[0].envelopes = [Envelope("Volume", [(0.0, 0.0), (30.0, 2.0)])]
    studio.project.tracks[0].items[0] = long
    (control,) = asked_by(studio, "Reshape to envelope").spec.controls
    assert isinstance(control, Intensity)
    assert len(control.points) <= 512
    assert all(before[0] < after[0] for before, after in pairwise(control.points))
