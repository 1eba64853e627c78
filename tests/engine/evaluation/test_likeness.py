"""What the measures of likeness say of changes whose effect is known."""

import librosa
import numpy as np
import pytest
import torch

from engine.evaluation.likeness import (
    FLOOR,
    RESOLUTIONS,
    attack_likeness,
    convergence,
    likeness,
    log_distance,
    mean,
    mel_error,
)

SAMPLES = 32768


def noise(seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, SAMPLES, generator=generator, dtype=torch.float64)


def test_audio_is_like_itself() -> None:
    report = likeness(noise()[None], noise()[None], sample_rate=44100)
    assert (report.mel_error, report.convergence, report.log_distance) == (0, 0, 0)
    assert report.attacks == pytest.approx(1)


@pytest.mark.parametrize("window", RESOLUTIONS)
def test_twice_as_loud_is_six_decibels_and_as_far_as_silence(window: int) -> None:
    once, twice, silence = noise() * 100, noise() * 200, noise() * 0
    six = torch.full((2,), 20 * np.log10(2), dtype=torch.float64)
    torch.testing.assert_close(log_distance(twice, once, window), six, rtol=1e-3, atol=0)
    torch.testing.assert_close(mel_error(twice, once, sample_rate=44100), six, rtol=1e-3, atol=0)
    one = torch.ones(2, dtype=torch.float64)
    torch.testing.assert_close(convergence(twice, once, window), one, rtol=1e-6, atol=0)
    torch.testing.assert_close(convergence(silence, once, window), one, rtol=1e-6, atol=0)


def test_a_gain_changes_no_attack_and_a_delay_does() -> None:
    clicks = torch.zeros(1, SAMPLES)
    clicks[:, 5000::8000] = 1
    assert attack_likeness(3 * clicks, clicks).item() == pytest.approx(1)
    assert attack_likeness(clicks.roll(1000), clicks).item() == 0
    early = clicks + 0.5 * clicks.roll(-1000)  # an echo before the click: cos = 1 / sqrt(1 + 1/4)
    assert attack_likeness(early, clicks).item() == pytest.approx(1 / 1.25**0.5)


def test_the_mel_error_is_librosas() -> None:
    ours = mel_error(noise(1)[:1], noise(2)[:1], sample_rate=44100)
    levels = [
        librosa.feature.melspectrogram(
            y=noise(seed)[0].numpy(), sr=44100, n_fft=2048, hop_length=512, n_mels=80, power=1,
            pad_mode="reflect",
        )
        for seed in (1, 2)
    ]  # fmt: skip
    theirs = np.abs(20 * np.log10((levels[0] + FLOOR) / (levels[1] + FLOOR))).mean()
    assert ours.item() == pytest.approx(theirs, rel=1e-4)


def test_silence_is_like_silence_and_the_mean_is_the_mean() -> None:
    silence = torch.zeros(1, 2, SAMPLES)
    quiet = likeness(silence, silence, sample_rate=44100)
    assert (quiet.mel_error, quiet.convergence, quiet.log_distance, quiet.attacks) == (0, 0, 0, 1)
    loud = likeness(silence, noise()[None].float(), sample_rate=44100)
    assert mean([quiet, loud]).attacks == pytest.approx((1 + loud.attacks) / 2)
