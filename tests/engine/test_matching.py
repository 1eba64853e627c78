"""Level and delay of the model's rendering, undone."""

import pytest
import torch

from engine.matching import audio_levels, best_lag, is_silent
from engine.shapes import Samples

RATE = 44100


def noise(seed: int = 0, samples: int = 20000) -> Samples:
    return 0.1 * torch.randn(2, samples, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("gain", "expected"), [(2.0, -6.02), (0.7, 3.10), (0.001, 6), (1e3, -6)])
def test_the_gain_undoes_the_difference_up_to_6_db(gain: float, expected: float) -> None:
    known = noise()
    levels = audio_levels(known, gain * known, torch.ones(1, 20000), frame=1000)
    assert levels.gain_db((0, 20000)) == pytest.approx(max(-6, min(6, expected)), abs=0.01)


def test_without_a_known_frame_there_is_no_gain() -> None:
    levels = audio_levels(noise(), 9 * noise(), torch.zeros(1, 20000), frame=1000)
    assert levels.gain_db((0, 20000)) == 0


def test_silence_against_silence_needs_no_gain() -> None:
    silence = torch.zeros(2, 20000)
    assert is_silent(silence)
    assert audio_levels(silence, silence, torch.ones(1, 20000), 1000).gain_db((0, 20000)) == 0


@pytest.mark.parametrize("lag", [-220, -37, 0, 1, 200])
def test_a_shift_is_found(lag: int) -> None:
    known = noise()
    assert best_lag(known, known.roll(lag, -1), ((5000, 16000),), RATE) == lag


def test_unrelated_audio_is_not_shifted() -> None:
    assert best_lag(noise(0), noise(1), ((5000, 16000),), RATE) == 0


def test_silence_is_not_shifted() -> None:
    silence = torch.zeros(2, 20000)
    assert best_lag(silence, noise(), ((5000, 16000),), RATE) == 0
    assert best_lag(noise(), silence, ((0, 20000),), RATE) == 0
