"""The picture: where the beats lie, and that every clip can be drawn."""

from pathlib import Path

import numpy as np
import pytest

from bridge.plot import Picture, beats, draw
from plugin_protocol.values import MeasuredCurve, Music, Span


def picture(
    rate: int = 8_000, seconds: float = 2.0, music: Music | None = None, start: int = 0
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


def test_silence_can_be_drawn(tmp_path: Path) -> None:
    silent = picture()
    silent.audio[:] = 0
    draw(tmp_path / "p.png", silent)
    assert (tmp_path / "p.png").exists()
