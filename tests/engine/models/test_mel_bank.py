"""Mel bands are those that everybody means."""

import librosa
import pytest
import torch

from engine.models.mel_bank import mel_bank


@pytest.mark.parametrize(
    ("rate", "n_fft", "bands"), [(44100, 2048, 128), (44100, 2048, 32), (22050, 1024, 80)]
)
def test_they_are_librosas(rate: int, n_fft: int, bands: int) -> None:
    theirs = torch.from_numpy(librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=bands))
    assert mel_bank(rate, n_fft, bands).allclose(theirs, rtol=1e-5, atol=1e-8)
