"""Levels are decibels of RMS, whichever way they are measured."""

import math

import librosa
import numpy as np
import pytest
import torch
from scipy.signal import savgol_filter

from engine.features.intensity import SILENCE_DB, frame_levels, intensity, levels_of_power
from engine.features.power import power_spectrogram

RATE = 44100


def sine(amplitude: float, *, hertz: float = 440.0, seconds: float = 1.0) -> torch.Tensor:
    time = torch.arange(round(seconds * RATE), dtype=torch.float64) / RATE
    return amplitude * torch.sin(2 * torch.pi * hertz * time)[None, None]


def noise(channels: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(1, channels, RATE, generator=generator, dtype=torch.float64)


def by_parseval(audio: torch.Tensor) -> torch.Tensor:
    return levels_of_power(power_spectrogram(audio, n_fft=2048, hop=512), n_fft=2048)


def test_frame_levels_are_librosas_rms() -> None:
    audio = noise()
    rms = librosa.feature.rms(
        y=audio[0, 0].numpy(), frame_length=2048, hop_length=512, pad_mode="reflect"
    )
    levels = frame_levels(audio, window=2048, hop=512)
    assert levels.shape == (1, RATE // 512)
    expected = librosa.amplitude_to_db(rms, ref=1.0, top_db=None)[:, : RATE // 512]
    np.testing.assert_allclose(levels.numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize("amplitude", [1.0, 0.5, 0.01])
def test_a_sine_has_its_amplitude_over_root_two(amplitude: float) -> None:
    expected = 20 * math.log10(amplitude / math.sqrt(2))
    for levels in (
        by_parseval(sine(amplitude)),
        frame_levels(sine(amplitude), window=2048, hop=512),
    ):
        assert float(levels[0, 20:60].mean()) == pytest.approx(expected, abs=0.01)


def test_by_parseval_it_is_the_energy_under_the_window() -> None:
    audio, window = noise(), torch.hann_window(2048, dtype=torch.float64)
    excerpt = audio[0, 0, 20 * 512 - 1024 : 20 * 512 + 1024]
    energy = (excerpt * window).square().sum() / window.square().sum()
    assert float(by_parseval(audio)[0, 20]) == pytest.approx(float(10 * energy.log10()), rel=1e-5)


def test_twice_the_amplitude_is_six_decibels_more() -> None:
    for measure in (by_parseval, lambda audio: frame_levels(audio, window=2048, hop=512)):
        more = measure(noise() * 2) - measure(noise())
        assert more.allclose(torch.full_like(more, 20 * math.log10(2)), atol=1e-3)


def test_two_equal_channels_are_as_loud_as_one() -> None:
    both = noise().expand(1, 2, -1)
    assert by_parseval(both).allclose(by_parseval(noise()))


def test_intensity_is_smoothed_over_a_second() -> None:
    levels = by_parseval(noise())
    expected = savgol_filter(levels.numpy(), 87, 2, mode="nearest")
    smoothed = intensity(levels, frame_seconds=512 / RATE)
    np.testing.assert_allclose(smoothed.numpy(), expected, rtol=1e-5)


def test_a_fade_in_decibels_is_kept_as_it_is() -> None:
    seconds = 4.0
    ramp = torch.linspace(-40, -10, round(seconds * RATE), dtype=torch.float64)
    audio = sine(1.0, seconds=seconds) * 10 ** (ramp / 20)
    curve = intensity(by_parseval(audio), frame_seconds=512 / RATE)[0]
    expected = ramp[::512][: len(curve)] - 20 * math.log10(math.sqrt(2))
    assert (curve - expected)[44:-44].abs().max() < 0.1


def test_silence_is_the_floor_with_a_finite_gradient() -> None:
    audio = torch.zeros(1, 2, 22050, requires_grad=True)
    for levels in (by_parseval(audio), frame_levels(audio, window=2048, hop=512)):
        assert levels.allclose(torch.full_like(levels, SILENCE_DB))
        levels.sum().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()
