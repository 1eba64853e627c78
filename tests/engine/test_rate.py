"""Resampling, stated as facts about sines."""

import math

import pytest
import torch

from engine.rate import resample, with_channels
from engine.shapes import Samples


def sine(rate: int, samples: int) -> Samples:
    return torch.sin(2 * math.pi * 440 * torch.arange(samples, dtype=torch.float64) / rate)[None]


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 48000, 96000, 192000])
def test_a_sine_stays_where_it_is(rate: int) -> None:
    there = resample(sine(rate, rate), rate, 44100)
    assert there.shape == (1, 44100)
    # Away from the ends, where the filter hears silence.
    assert (there - sine(44100, 44100))[:, 2000:-2000].abs().max() < 1e-4


@pytest.mark.parametrize("samples", [1, 7, 100, 44101])
@pytest.mark.parametrize(("rate_in", "rate_out"), [(48000, 44100), (44100, 192000), (8000, 44100)])
def test_the_length_is_the_rounded_ratio(samples: int, rate_in: int, rate_out: int) -> None:
    there = resample(torch.zeros(2, samples), rate_in, rate_out)
    assert there.shape == (2, round(samples * rate_out / rate_in))


def test_equal_rates_change_no_bit() -> None:
    audio = torch.randn(2, 100)
    assert torch.equal(resample(audio, 44100, 44100), audio)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_number_format_stays(dtype: torch.dtype) -> None:
    assert resample(torch.zeros(1, 100, dtype=dtype), 44100, 48000).dtype == dtype


def test_mono_becomes_two_equal_channels_and_stereo_their_mean() -> None:
    assert with_channels(torch.ones(1, 3), 2).equal(torch.ones(2, 3))
    assert with_channels(torch.tensor([[1.0], [3.0]]), 1).equal(torch.tensor([[2.0]]))
