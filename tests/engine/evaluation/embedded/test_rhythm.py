"""Tempo and bar line of clicks that are where they are put."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.evaluation.embedded.rhythm import (
    BarTemplates,
    bar_seconds,
    librosa_tempi,
    off_the_bar,
    off_the_beat,
    same_tempo,
    tempi,
)
from engine.training.corpus.composition import Composition, compose

RATE = 44100 / 512
FRAMES = 512


def piece(bpm: int, offset: float) -> Composition:
    drawn, _ = compose(0)
    return replace(drawn, style="rock", bpm=bpm, offset=offset, drums=True)


def played(bpm: float, offset: float) -> torch.Tensor:
    """A log-mel of a rock bar, (128, FRAMES): bass on 1 and 3, noise on 2 and 4, hats on eighths.

    The first bar line is at `offset` seconds. A second bass on the last sixteenth tells 1 from 3.
    """
    mel = torch.full((128, FRAMES), -60.0)
    for sixteenth in range(-16, int((FRAMES / RATE - offset) * bpm / 15)):
        frame = round((offset + sixteenth * 15 / bpm) * RATE)
        if not 0 <= frame < FRAMES:
            continue
        in_bar = sixteenth % 16
        if in_bar in (0, 8, 15):
            mel[:7, frame] = 0.0
        if in_bar in (4, 12):
            mel[20:60, frame] = -10.0
        if in_bar % 2 == 0:
            mel[80:, frame] = -30.0
    return mel


@pytest.mark.parametrize("bpm", [72.0, 100.0, 124.0, 150.0])
def test_clicks_have_the_tempo_they_are_played_at(bpm: float) -> None:
    clicks = played(bpm, 0.0)[None]
    for (found,) in (tempi(clicks), librosa_tempi(clicks)):
        assert same_tempo(found, bpm)
        assert not same_tempo(found, bpm * 1.2)


def test_half_and_double_tempo_count_as_the_same_and_others_do_not() -> None:
    assert same_tempo(70, 140)
    assert same_tempo(140, 70)
    assert same_tempo(103, 100)
    assert not same_tempo(105, 100)
    assert not same_tempo(150, 100)


@pytest.mark.parametrize("moved", [0.0, 0.3, 1.0, 1.7])
def test_a_bar_line_is_found_where_it_was_put(moved: float) -> None:
    learnt = [piece(bpm, -0.1) for bpm in (96, 110, 125)]
    templates = BarTemplates.of(torch.stack([played(p.bpm, -0.1) for p in learnt]), learnt)
    told = piece(104, -moved)
    (line,) = templates.bar_lines(played(104, -moved)[None], [bar_seconds(told)])
    assert abs(off_the_bar(line, told)) < 0.1


def test_off_the_bar_counts_beats_around_the_bar_and_off_the_beat_within_one() -> None:
    told = piece(120, -0.5)  # a beat before the clip: the next bar line after three quarters
    assert off_the_bar(0.75, told) == pytest.approx(0)
    assert off_the_bar(0.0, told) == pytest.approx(1)
    assert off_the_beat(0.0, told) == pytest.approx(0)
    assert abs(off_the_bar(0.25, told)) == pytest.approx(2)
    assert off_the_beat(0.75 + 0.1, told) == pytest.approx(0.4)


def test_a_tempo_needs_no_absolute_level() -> None:
    quiet = played(124.0, 0.0)[None] - 20
    assert np.isclose(tempi(quiet), tempi(played(124.0, 0.0)[None]))
