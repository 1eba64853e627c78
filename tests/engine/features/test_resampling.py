"""Resampling with a gradient agrees with soxr and keeps time."""

import pytest
import torch
from scipy.signal import firwin, lfilter

from engine.features.resampling import resample_differentiable
from engine.rate import resample

RATES = [(44100, 48000), (48000, 44100), (22050, 48000), (44100, 16000)]


def music(rate: int, band: float) -> torch.Tensor:
    """One second of noise below `band` Hz, in double precision."""
    noise = torch.randn(2, rate, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.from_numpy(lfilter(firwin(1001, band, fs=rate), 1.0, noise.numpy()))


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_it_agrees_with_soxr_to_80_decibels(rate_in: int, rate_out: int) -> None:
    audio = music(rate_in, 0.8 * min(rate_in, rate_out) / 2)
    ours = resample_differentiable(audio[None], rate_in, rate_out)[0]
    soxr = resample(audio, rate_in, rate_out)
    assert ours.shape == soxr.shape
    inner = slice(rate_out // 50, -rate_out // 50)
    error = (ours - soxr)[:, inner].square().mean() / soxr[:, inner].square().mean()
    assert 10 * error.log10() < -80


def test_a_tone_stays_where_it_is_in_time() -> None:
    seconds_in, seconds_out = (
        torch.arange(rate, dtype=torch.float64) / rate for rate in (44100, 48000)
    )
    tone = torch.sin(2 * torch.pi * 1000 * seconds_in)[None, None]
    made = resample_differentiable(tone, 44100, 48000)
    expected = torch.sin(2 * torch.pi * 1000 * seconds_out)
    assert made[0, 0, 500:-500].allclose(expected[500:-500], atol=1e-5)


def test_what_the_lower_rate_cannot_hold_goes() -> None:
    time = torch.arange(48000, dtype=torch.float64) / 48000
    made = resample_differentiable(torch.sin(2 * torch.pi * 12000 * time)[None, None], 48000, 16000)
    assert made[..., 500:-500].abs().max() < 1e-5


def test_equal_rates_change_nothing() -> None:
    audio = torch.randn(1, 2, 100)
    assert resample_differentiable(audio, 44100, 44100) is audio


def test_it_is_linear_and_so_is_its_gradient() -> None:
    audio = torch.randn(1, 1, 400, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a: resample_differentiable(a, 3, 4)[..., ::37], audio)
