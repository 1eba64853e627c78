"""The moment that matters, in a real Audacity: select, press, hear it in place, undo."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from real_audacity import Ditto, RealAudacity, Samples, read, real_audacity, until

pytestmark = pytest.mark.slow

GROOVE = Path(__file__).parents[3] / "installers" / "examples" / "groove.wav"
RATE = 44100
WHOLE = read(GROOVE)
FRAMES = len(WHOLE)
ALL = 20.0  # seconds: longer than anything here becomes


@pytest.fixture(scope="module")
def audacity(ditto: Ditto) -> Iterator[RealAudacity]:
    with real_audacity(ditto) as audacity:
        audacity.listen()
        audacity.open()
        audacity.run("settings", "quality=draft", "seconds=1", "handles=1.5")
        yield audacity


def music_of(audacity: RealAudacity, take: str = "result.wav") -> Samples:
    """What the newest job made."""
    return read(audacity.jobs[-1] / take)


def assert_undone(audacity: RealAudacity, original: Samples = WHOLE) -> None:
    """One undo, and the track is what it was."""
    audacity.do("Undo:")
    track = audacity.samples(ALL)
    np.testing.assert_array_equal(track[: len(original)], original)
    assert not track[len(original) :].any()


def chosen(audacity: RealAudacity, entry: str, answer: str) -> None:
    """Choose an entry of Tools > DITTO, by its name for scripts, and wait for what is said."""
    before = len(audacity.said)
    assert "OK" in audacity.do(f"{entry}:")
    until(lambda: answer in audacity.said[before:], f"{answer} was not said in {audacity.said}")


def test_a_selection_is_filled_by_the_menu(audacity: RealAudacity) -> None:
    audacity.fresh(GROOVE)
    audacity.select(2.0, 3.5)
    chosen(audacity, "DittoFillSelection", "at 2.000 s of 'groove'")

    start, end = 2 * RATE, 2 * RATE + 66150
    track, music = audacity.samples(FRAMES / RATE), music_of(audacity)
    assert track.shape == WHOLE.shape
    np.testing.assert_array_equal(track[:start], WHOLE[:start])
    np.testing.assert_array_equal(track[start:end], music)
    np.testing.assert_array_equal(track[end:], WHOLE[end:])
    assert np.abs(music - WHOLE[start:end]).max() > 0.01
    assert_undone(audacity)


def test_another_take_lies_where_the_first_lay(audacity: RealAudacity) -> None:
    audacity.fresh(GROOVE)
    audacity.select(1.0, 2.0)
    audacity.run("fill")
    first = music_of(audacity)
    audacity.run("another")

    track, second = audacity.samples(FRAMES / RATE), music_of(audacity)
    np.testing.assert_array_equal(track[RATE : 2 * RATE], second)
    np.testing.assert_array_equal(track[2 * RATE :], WHOLE[2 * RATE :])
    assert np.abs(first - second).max() > 0.01
    audacity.do("Undo:")
    np.testing.assert_array_equal(audacity.samples(FRAMES / RATE)[RATE : 2 * RATE], first)


def test_a_clip_goes_on_after_its_last_sample(audacity: RealAudacity) -> None:
    audacity.fresh(GROOVE)
    audacity.select(1.0, 1.0)  # a point is enough
    audacity.run("continue")

    track, music = audacity.samples(ALL), music_of(audacity)
    end = FRAMES + RATE
    assert len(music) == RATE
    np.testing.assert_array_equal(track[:FRAMES], WHOLE)
    np.testing.assert_array_equal(track[FRAMES:end], music)
    assert not track[end:].any()
    assert_undone(audacity)


def test_what_leads_into_a_clip_moves_it_where_there_is_no_room(audacity: RealAudacity) -> None:
    audacity.fresh(GROOVE)
    audacity.select(0.0, 1.0)
    audacity.run("lead-in")

    track, music = audacity.samples(ALL), music_of(audacity)
    end = RATE + FRAMES
    np.testing.assert_array_equal(track[:RATE], music)
    np.testing.assert_array_equal(track[RATE:end], WHOLE)
    assert not track[end:].any()
    assert_undone(audacity)


def test_a_loop_is_closed_behind_the_selection(audacity: RealAudacity) -> None:
    audacity.fresh(GROOVE)
    audacity.select(0.0, 3.0)
    audacity.run("loop")

    track, bridge, cut = audacity.samples(ALL), music_of(audacity), 3 * RATE
    moved = cut + len(bridge)
    assert len(bridge) > 0
    np.testing.assert_array_equal(track[:cut], WHOLE[:cut])
    np.testing.assert_array_equal(track[cut:moved], bridge)
    np.testing.assert_array_equal(track[moved : moved + FRAMES - cut], WHOLE[cut:])
    assert_undone(audacity)


def test_an_envelope_becomes_the_level_of_the_new_music_and_is_not_heard_twice(
    audacity: RealAudacity,
) -> None:
    audacity.fresh(GROOVE)
    for time, gain in ((1.0, 1.0), (2.0, 0.1), (3.0, 1.0)):
        audacity.do(f"SetEnvelope: Time={time} Value={gain}")
    before, drawn = audacity.heard(5.8), audacity.do("GetInfo: Type=Envelopes")
    audacity.select(1.0, 3.0)
    audacity.run("reshape")

    after, music, start, end = audacity.heard(5.8), music_of(audacity), RATE, 3 * RATE
    np.testing.assert_array_equal(after[:start], before[:start])
    np.testing.assert_array_equal(after[start:end], music)
    np.testing.assert_array_equal(after[end:], before[end:])
    # Around the selection DITTO heard what a listener hears; the curve is for inside.
    clip = read(audacity.jobs[-1] / "clip.wav")
    np.testing.assert_allclose(clip[:start], before[:start], atol=1e-5)
    np.testing.assert_allclose(clip[end:], before[end : len(clip)], atol=1e-5)
    np.testing.assert_array_equal(clip[2 * RATE], WHOLE[2 * RATE])
    audacity.do("Undo:")
    np.testing.assert_array_equal(audacity.heard(5.8), before)
    assert audacity.do("GetInfo: Type=Envelopes") == drawn


def test_labels_give_the_form_of_a_mono_track_with_a_rate_of_its_own(
    audacity: RealAudacity, tmp_path: Path
) -> None:
    clip, rate = tmp_path / "mono.wav", 48000
    soundfile.write(clip, WHOLE[:, :1], rate, subtype="FLOAT")
    original = read(clip)
    audacity.fresh(clip)
    for number, (time, name) in enumerate(((1.0, "A"), (2.0, "B"), (3.0, "A"))):
        audacity.select(time, time)
        audacity.do("AddLabel:")
        audacity.do(f"SetLabel: Label={number} Text={name}")
    audacity.select(1.0, 4.0)
    audacity.run("structure")

    request = json.loads((audacity.jobs[-1] / "job.json").read_text())
    (form,) = request["spec"]["controls"]
    assert [name for name, _ in form["sections"]] == ["", "A", "B", "A", ""]
    track, music = audacity.samples(len(original) / rate), music_of(audacity)
    assert music.shape == (3 * rate, 1)
    np.testing.assert_array_equal(track[:rate], original[:rate])
    np.testing.assert_array_equal(track[rate : 4 * rate], music)
    np.testing.assert_array_equal(track[4 * rate :], original[4 * rate :])


def test_a_cancelled_job_changes_nothing(audacity: RealAudacity) -> None:
    audacity.fresh(GROOVE)
    audacity.run("settings", "quality=best", "takes=3")
    try:
        audacity.select(1.0, 3.0)
        chosen(audacity, "DittoFillSelection", "optimizing")
        chosen(audacity, "DittoCancel", "Cancelled")
    finally:
        audacity.run("settings", "quality=draft", "takes=1")
    np.testing.assert_array_equal(audacity.samples(FRAMES / RATE), WHOLE)


def test_a_job_outlives_the_daemon_and_audacity(audacity: RealAudacity, ditto: Ditto) -> None:
    audacity.fresh(GROOVE)
    audacity.select(1.5, 3.5)
    audacity.run("settings", "takes=2")
    chosen(audacity, "DittoFillSelection", "optimizing")
    before = len(audacity.said)
    os.kill(ditto.daemon_pid(), signal.SIGKILL)
    until(lambda: "daemon" in audacity.said[before:], audacity.said)
    audacity.crash()
    until(lambda: "The music is kept" in audacity.said, audacity.said)

    audacity.open()
    until(lambda: "waiting: choose Tools > DITTO Collect" in audacity.said, audacity.said)
    audacity.do(f"Import2: Filename={GROOVE}")
    audacity.run("settings", "takes=1")
    audacity.run("collect")
    track = audacity.samples(FRAMES / RATE)
    np.testing.assert_array_equal(track[66150 : 66150 + 2 * RATE], music_of(audacity))
    np.testing.assert_array_equal(track[:66150], WHOLE[:66150])
    assert "nothing to collect" in audacity.run("collect")


def test_what_cannot_be_done_is_said_and_no_window_opens(audacity: RealAudacity) -> None:
    audacity.do("SelectAll:")
    audacity.do("RemoveTracks:")
    assert "Select some audio" in audacity.run("fill")
    audacity.fresh(GROOVE)
    audacity.select(1.0, 1.0)
    assert "Only a point is selected" in audacity.run("fill")
    audacity.select(1.0, 2.0)
    assert "No envelope is drawn" in audacity.run("reshape")
    assert "fewer than two labels" in audacity.run("structure")
    assert "in two tracks" in audacity.run("melody")
    assert audacity.answers("GetInfo: Type=Tracks")
