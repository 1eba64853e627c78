"""The log-mel spectrum is librosa's, scaled so that a window's length does not matter."""

import librosa
import numpy as np
import pytest
import torch

from engine.features.log_mel import SILENCE, log_mel
from engine.features.power import full_scale, power_spectrogram

RATE = 44100


def noise() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(1, 1, RATE, generator=generator, dtype=torch.float64)


def measured(audio: torch.Tensor, n_fft: int = 2048) -> torch.Tensor:
    return log_mel(power_spectrogram(audio, n_fft=n_fft, hop=512), sample_rate=RATE)


def test_up_to_a_constant_per_band_it_is_librosas() -> None:
    power = power_spectrogram(noise(), n_fft=2048, hop=512)
    bands = librosa.feature.melspectrogram(S=power[0].numpy(), sr=RATE, n_fft=2048, n_mels=128)
    flat = librosa.feature.melspectrogram(S=np.ones((1025, 1)), sr=RATE, n_fft=2048, n_mels=128)
    expected = 10 * np.log10(bands / flat / full_scale(2048) + SILENCE)
    np.testing.assert_allclose(
        log_mel(power, sample_rate=RATE)[0].numpy(), expected, rtol=1e-5, atol=1e-4
    )


def test_twice_the_amplitude_is_six_decibels_more_in_every_band() -> None:
    more = measured(2 * noise()) - measured(noise())
    assert more.allclose(torch.full_like(more, 6.0206), atol=0.01)


@pytest.mark.parametrize("hertz", [220.0, 1000.0, 6000.0])
def test_a_tone_is_loudest_in_the_band_around_it(hertz: float) -> None:
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    loudest = int(measured(torch.sin(2 * torch.pi * hertz * time)[None, None])[0, :, 40].argmax())
    centers = librosa.mel_frequencies(n_mels=130, fmin=0, fmax=RATE / 2)[1:-1]
    assert loudest in np.argsort(np.abs(centers - hertz))[:2]


def test_silence_is_the_floor_with_a_finite_gradient() -> None:
    audio = torch.zeros(1, 1, 8192, requires_grad=True)
    bands = measured(audio)
    assert bands.allclose(torch.full_like(bands, 10 * np.log10(SILENCE)))
    bands.sum().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()
