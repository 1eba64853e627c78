"""Notes land in their pitch classes; the bass stays out of the way."""

import math

import librosa
import numpy as np
import pytest
import torch

from engine.features.chroma import MIDDLE_C, chroma, high_pass_power, log_chroma
from engine.features.power import full_scale, power_spectrogram

RATE = 44100
A = 9


def sines(*hertz: float) -> torch.Tensor:
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    return 0.1 * sum(torch.sin(2 * torch.pi * f * time) for f in hertz)[None, None]  # type: ignore[index]


def energies(audio: torch.Tensor, n_fft: int = 8192) -> torch.Tensor:
    return chroma(power_spectrogram(audio, n_fft=n_fft, hop=1024), sample_rate=RATE)


@pytest.mark.parametrize("n_fft", [2048, 8192])
def test_concert_pitch_is_an_a(n_fft: int) -> None:
    assert (energies(sines(440.0), n_fft)[..., 2:-2].argmax(dim=1) == A).all()


@pytest.mark.parametrize("step", range(12))
def test_every_note_is_its_pitch_class(step: int) -> None:
    note = sines(MIDDLE_C * 2 ** (1 + step / 12))
    assert (energies(note)[..., 5:-5].argmax(dim=1) == step).all()


def test_a_semitone_up_rotates_the_classes_by_one() -> None:
    chord = (523.25, 659.26, 783.99)
    low = energies(sines(*chord))[0, :, 20]
    high = energies(sines(*(f * 2 ** (1 / 12) for f in chord)))[0, :, 20]
    shares = torch.stack([low.roll(1) / low.sum(), high / high.sum()])
    assert (shares[0] - shares[1]).abs().max() < 0.05


def test_the_high_pass_is_butterworths() -> None:
    # |H|^2 = 1 / (1 + w^-4) with w the warped frequency over that of the corner.
    frequencies = np.array([0.0, 65.4, 130.8, MIDDLE_C, 1000.0, 10_000.0])
    warped = np.tan(np.pi * frequencies / RATE) / math.tan(math.pi * MIDDLE_C / RATE)
    expected = warped**4 / (1 + warped**4)
    np.testing.assert_allclose(
        high_pass_power(frequencies, sample_rate=RATE), expected, rtol=1e-5, atol=1e-12
    )
    assert float(high_pass_power(np.array([MIDDLE_C]), sample_rate=RATE)[0]) == pytest.approx(0.5)


def test_a_loud_bass_does_not_hide_the_melody() -> None:
    melody, bass = sines(880.0), sines(65.41)
    assert (energies(melody + 3 * bass)[..., 5:-5].argmax(dim=1) == A).all()


def test_without_the_high_pass_it_is_librosas_bank() -> None:
    power = torch.rand(1, 4097, 7, dtype=torch.float64) * full_scale(8192)
    frequencies = librosa.fft_frequencies(sr=RATE, n_fft=8192)
    passed = power[0].numpy() * high_pass_power(frequencies, sample_rate=RATE)[:, None]
    bank = librosa.filters.chroma(sr=RATE, n_fft=8192, tuning=0.0)
    expected = bank @ passed / full_scale(8192)
    np.testing.assert_allclose(chroma(power, sample_rate=RATE)[0].numpy(), expected, rtol=1e-5)


def test_log_chroma_is_a_distribution_whatever_the_level() -> None:
    loud, soft = energies(sines(440.0, 554.4)), energies(sines(440.0, 554.4) / 10)
    total = log_chroma(loud).exp().sum(dim=1)
    assert total.allclose(torch.ones_like(total))
    assert log_chroma(loud).exp().allclose(log_chroma(soft).exp(), atol=1e-3)


def test_silence_is_every_note_alike_with_a_finite_gradient() -> None:
    audio = torch.zeros(1, 2, 22050, requires_grad=True)
    shares = log_chroma(energies(audio))
    assert shares.allclose(torch.full_like(shares, -math.log(12)))
    shares[:, 0].sum().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()
