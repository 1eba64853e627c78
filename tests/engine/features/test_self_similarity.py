"""Alike is near 1, different is not, and form shows as blocks."""

import librosa
import numpy as np
import torch
from scipy.signal import savgol_filter

from engine.features.log_mel import log_mel
from engine.features.power import power_spectrogram
from engine.features.self_similarity import cepstrum, self_similarity, timbre

RATE = 44100
PART = 2 * 44100 // 512


def heard_timbre(audio: torch.Tensor) -> torch.Tensor:
    power = power_spectrogram(audio, n_fft=2048, hop=512)
    return timbre(log_mel(power, sample_rate=RATE))


def noise(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(1, 1, PART * 512, generator=generator, dtype=torch.float64)


def form() -> torch.Tensor:
    """A hiss, a chord of two seconds, and the hiss again: A B A."""
    time = torch.arange(PART * 512, dtype=torch.float64) / RATE
    chord = 0.1 * sum(torch.sin(2 * torch.pi * f * time) for f in (220.0, 277.2, 329.6))
    return torch.cat([noise(0), chord[None, None] + noise(2) / 100, noise(1)], dim=-1)  # type: ignore[index]


def test_the_cepstrum_is_librosas_mfcc() -> None:
    bands = log_mel(power_spectrogram(form(), n_fft=2048, hop=512), sample_rate=RATE)
    expected = librosa.feature.mfcc(S=bands[0].numpy(), n_mfcc=20)
    np.testing.assert_allclose(cepstrum(bands)[0].numpy(), expected, rtol=1e-5, atol=1e-6)


def test_every_moment_is_like_itself_and_likeness_is_mutual() -> None:
    similarity = self_similarity(heard_timbre(form()))[0]
    assert similarity.diagonal().allclose(torch.ones(3 * PART, dtype=torch.float64), atol=1e-4)
    assert similarity.allclose(similarity.mT)
    assert similarity.abs().max() <= 1 + 1e-9


def test_a_form_of_a_b_a_is_a_matrix_of_blocks() -> None:
    parts = torch.arange(3).repeat_interleave(PART) % 2
    wanted = (parts[:, None] == parts[None]).double() * 2 - 1
    for smoothing in (None, 87):
        measured = self_similarity(heard_timbre(form()), smoothing=smoothing)[0]
        correlation = torch.corrcoef(torch.stack([measured.flatten(), wanted.flatten()]))[0, 1]
        assert correlation > 0.9


def test_level_is_no_timbre() -> None:
    faded = form() * torch.linspace(0.5, 1, form().shape[-1], dtype=torch.float64)
    one, other = (self_similarity(heard_timbre(audio)) for audio in (form(), faded))
    assert (one - other).abs().mean() < 0.02


def test_smoothing_is_scipys_in_two_dimensions() -> None:
    rough = self_similarity(heard_timbre(form()))
    rows = savgol_filter(rough.numpy(), 43, 2, axis=-1, mode="nearest")
    expected = savgol_filter(rows, 43, 2, axis=-2, mode="nearest")
    smooth = self_similarity(heard_timbre(form()), smoothing=43)
    np.testing.assert_allclose(smooth.numpy(), expected, rtol=1e-5, atol=1e-8)


def test_silence_has_no_timbre_and_a_finite_gradient() -> None:
    audio = torch.zeros(1, 1, 22050, requires_grad=True)
    similarity = self_similarity(heard_timbre(audio), smoothing=9)
    assert similarity.abs().max() < 1e-6
    similarity.sum().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()
