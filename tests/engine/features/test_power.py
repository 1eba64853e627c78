"""The power spectrogram is librosa's, and silence does not break it."""

import librosa
import numpy as np
import pytest
import torch

from engine.errors import InvalidRequestError
from engine.features.power import full_scale, power_spectrogram, window_size


def noise(samples: int = 20_000, channels: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, channels, samples, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("n_fft", "hop", "samples"), [(2048, 512, 20_480), (1024, 300, 9_999)])
def test_it_is_librosas(n_fft: int, hop: int, samples: int) -> None:
    audio = noise(samples)
    spectrum = librosa.stft(
        audio[0, 0].numpy(), n_fft=n_fft, hop_length=hop, window="hann", pad_mode="reflect"
    )
    power = power_spectrogram(audio, n_fft=n_fft, hop=hop)
    assert power.shape == (1, n_fft // 2 + 1, samples // hop)
    expected = np.abs(spectrum[:, : samples // hop]) ** 2
    np.testing.assert_allclose(power[0].numpy(), expected, rtol=1e-5, atol=1e-5 * expected.max())


def test_channels_are_averaged_in_power() -> None:
    audio = noise(channels=2)
    left, right = (power_spectrogram(audio[:, [c]], n_fft=512, hop=128) for c in (0, 1))
    both = power_spectrogram(audio, n_fft=512, hop=128)
    assert both.allclose((left + right) / 2)


def test_middle_and_side_have_the_power_of_left_and_right() -> None:
    audio = noise(channels=2)
    left, right = audio.unbind(1)
    middle_and_side = torch.stack([left + right, left - right], 1) / 2
    one, other = (power_spectrogram(x, n_fft=512, hop=128) for x in (audio, middle_and_side))
    assert one.allclose(2 * other)


def test_a_full_scale_sine_peaks_at_full_scale() -> None:
    time = torch.arange(8192, dtype=torch.float64)
    sine = torch.sin(2 * torch.pi * 100 / 2048 * time)[None, None]
    power = power_spectrogram(sine, n_fft=2048, hop=512)
    assert float(power[0, 100, 8]) == pytest.approx(full_scale(2048), rel=1e-6)
    assert int(power[0, :, 8].argmax()) == 100
    assert window_size(power) == 2048


def test_silence_has_a_finite_gradient() -> None:
    audio = torch.zeros(1, 2, 8192, requires_grad=True)
    power_spectrogram(audio, n_fft=1024, hop=256).sum().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()


def test_audio_shorter_than_half_a_window_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="longer selection"):
        power_spectrogram(noise(1024), n_fft=2048, hop=512)
