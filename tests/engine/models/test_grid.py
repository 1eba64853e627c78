"""The grid channels against the beats they stand for."""

import math

import torch

from engine.models.grid import grid
from engine.models.music_model import MusicalContext


def make(context: MusicalContext) -> torch.Tensor:
    return grid(context, latent_frames=64, frame_seconds=4096 / 44100)[0]


def test_without_a_tempo_only_the_position_is_told() -> None:
    channels = make(MusicalContext())
    assert channels[:2].abs().sum() > 0
    assert channels[2:].abs().sum() == 0


def test_the_position_rises_through_the_window() -> None:
    position = make(MusicalContext())[0]
    assert (position.diff() > 0).all()
    assert position[0] > -1
    assert position[-1] < 1


def test_a_downbeat_in_the_middle_of_a_frame_has_phase_zero() -> None:
    middle = (10 + 0.5) * 4096 / 44100
    channels = make(MusicalContext(bpm=120, beat_offset=middle))
    sines, cosines = channels[2::2, 10], channels[3::2, 10]
    assert sines.allclose(torch.zeros(3), atol=1e-5)
    assert cosines.allclose(torch.ones(3), atol=1e-5)


def test_a_grid_moved_by_a_bar_is_the_same_grid() -> None:
    one = make(MusicalContext(bpm=120, beat_offset=0.3))
    other = make(MusicalContext(bpm=120, beat_offset=0.3 - 2.0))
    assert one.allclose(other, atol=1e-4)


def test_the_beat_turns_as_fast_as_the_tempo() -> None:
    channels = make(MusicalContext(bpm=120, beat_offset=0.0))
    phase = torch.atan2(channels[2], channels[3])
    step = (phase[1] - phase[0]) % (2 * math.pi)
    assert math.isclose(float(step), 2 * math.pi * 2 * 4096 / 44100, rel_tol=1e-4)


def test_a_downbeat_of_hours_ago_is_as_exact_as_one_of_now() -> None:
    one = make(MusicalContext(bpm=120, beat_offset=0.3))
    other = make(MusicalContext(bpm=120, beat_offset=0.3 - 4 * 3600))
    assert one.allclose(other, atol=1e-4)
