"""The measures of the model card, on sounds whose answer is known."""

import numpy as np
import pytest
import torch

from engine.evaluation.music_metrics import FrechetSpace, in_key_energy, slope, tempo_is


def pulses(bpm: float, frames: int = 512) -> torch.Tensor:
    """A log-mel of clicks, (1, 20, frames): 40 dB for a frame on every beat."""
    rate = 44100 / 512
    mel = torch.full((1, 20, frames), -60.0)
    for beat in range(int(frames / rate * bpm / 60)):
        mel[..., round(beat * 60 / bpm * rate)] = -20.0
    return mel


@pytest.mark.parametrize("bpm", [72.0, 100.0, 124.0, 150.0])
def test_clicks_have_the_tempo_they_are_played_at(bpm: float) -> None:
    assert tempo_is(pulses(bpm), [bpm]) == 1
    assert tempo_is(pulses(bpm), [bpm * 1.2]) == 0


def test_half_and_double_tempo_count_as_the_same() -> None:
    assert tempo_is(pulses(140.0), [70.0]) == 1


def test_a_scale_lies_in_its_own_key_more_than_in_others() -> None:
    time = np.arange(44100 * 4) / 44100
    scale = [261.63 * 2 ** (step / 12) for step in (0, 2, 4, 5, 7, 9, 11)]
    audio = sum(np.sin(2 * np.pi * f * time) for f in scale).astype(np.float32)[None]
    inside, chance = in_key_energy(audio, [0], ["major"])
    assert inside > 0.8
    assert 0.5 < chance < 0.65


@pytest.mark.parametrize("decibels", [-12.0, 0.0, 18.0])
def test_a_ramp_has_the_slope_of_its_ends(decibels: float) -> None:
    ramp = torch.linspace(-30, -30 + decibels, 512).expand(1, 20, 512)
    # The outer 100 frames at each end are averaged, the very ends are not reached.
    assert abs(float(slope(ramp)) - decibels * (1 - 100 / 512)) < 0.2


def test_a_set_has_no_distance_to_itself_and_moves_away_as_it_shifts() -> None:
    features = torch.randn(300, 40, generator=torch.Generator().manual_seed(0))
    space = FrechetSpace.of(features)
    near = space.distance(features, features)
    assert abs(near) < 1e-2
    assert (
        space.distance(features, features + 0.5) > space.distance(features, features + 0.1) > near
    )
