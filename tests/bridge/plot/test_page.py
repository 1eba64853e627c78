"""The picture: where the beats lie, and that every clip can be drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.plot import Picture, beats, draw
from bridge.plot.page import rows
from bridge.spec import AudioFile, Control, Intensity, Melody, Structure
from plugin_protocol.controls import Note, Section
from plugin_protocol.values import MeasuredCurve, MeasuredMatrix, Music, Span

CONTROLS: tuple[Control, ...] = (
    Intensity(points=((0, -30), (1, -12))),
    Intensity(points=((0, -30), (1, -12)), match="shape"),
    Intensity(reference=AudioFile(path="song.wav")),
    Melody(notes=(Note(0, 0.5, 60), Note(0.5, 1, 67))),
    Melody(reference=AudioFile(path="song.wav")),
    Structure(sections=(Section("A$", 1), Section("", 0.5), Section("B", 0.5))),
    Structure(sections=(Section("A", 1), Section("B", 1)), unit="bars"),
)


def picture(
    rate: int = 8_000,
    seconds: float = 2.0,
    music: Music | None = None,
    start: int = 0,
    controls: tuple[Control, ...] = (),
) -> Picture:
    samples = round(rate * seconds)
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (samples, 1)).astype(np.float32)
    return Picture(
        audio=audio,
        sample_rate=rate,
        new=(Span(start=samples // 2, end=samples),),
        clip_start=start,
        music=music or Music(),
        curves=(
            MeasuredCurve(
                name="overlap", unit="dB", seconds=(0, 1), target=(0, 1), measured=(0, 0.9)
            ),
        ),
        matrices=(
            MeasuredMatrix(
                name="structure", size=2, seconds=(0, 2), target=b"\xff\0\0\xff", measured=bytes(4)
            ),
        ),
        controls=controls,
        title="$5 groove, seed 0",
    )


def test_the_grid_passes_through_the_downbeat_both_ways() -> None:
    found = beats(picture(music=Music(bpm=120, beat_offset=0.75)))
    assert found == [(-1, 0.25), (0, 0.75), (1, 1.25), (2, 1.75)]


def test_the_grid_moves_with_the_clip() -> None:
    found = dict(beats(picture(music=Music(bpm=120, beat_offset=0.25), start=8_000)))
    assert found[0] == 1.25


def test_an_unknown_tempo_draws_no_grid() -> None:
    assert beats(picture(music=Music(beat_offset=0.25))) == []


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 192_000])
def test_a_tenth_of_a_second_is_drawn_at_every_rate_without_warning(
    rate: int, tmp_path: Path
) -> None:
    draw(tmp_path / "p.part", picture(rate, 0.1, Music(bpm=120, beat_offset=0.0)))
    assert (tmp_path / "p.part").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("seconds", [0.1, 2.0])
@pytest.mark.parametrize("music", [Music(), Music(bpm=120, beat_offset=0.0)])
def test_every_control_is_drawn_without_warning(
    seconds: float, music: Music, tmp_path: Path
) -> None:
    draw(tmp_path / "p.png", picture(22_050, seconds, music, controls=CONTROLS))
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_every_control_has_a_row_of_its_own() -> None:
    without, with_two = picture(), picture(controls=CONTROLS[:2])
    assert len(rows(with_two)) == len(rows(without)) + 2


def test_a_control_measured_here_is_not_drawn_twice() -> None:
    measured = MeasuredCurve(name="intensity", unit="dB", seconds=(0,), target=(0,), measured=(0,))
    once = picture(controls=CONTROLS[:1])
    assert len(rows(replace(once, curves=(*once.curves, measured)))) == len(rows(once))


def test_silence_can_be_drawn(tmp_path: Path) -> None:
    silent = picture(controls=CONTROLS)
    silent.audio[:] = 0
    draw(tmp_path / "p.png", silent)
    assert (tmp_path / "p.png").exists()
