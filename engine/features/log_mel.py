"""Log-mel spectrum: the spectrum in bands as an ear divides it, in decibels.

    power (batch, fft_bins, frames) -> (batch, 128, frames)

The bands are those of `librosa.filters.mel`. Chosen: 128 bands; a floor of -90 dB per frequency,
below which nothing is heard beside music.
"""

from functools import lru_cache

import numpy as np
import torch
from librosa.filters import mel as mel_bank
from numpy.typing import NDArray

from engine.features.power import full_scale, window_size
from engine.shapes import Features, Power

BANDS = 128
SILENCE = 1e-9


def log_mel(power: Power, *, sample_rate: int) -> Features:
    """Return the level of each band in dB relative to a full-scale sine that fills it."""
    n_fft = window_size(power)
    bank = torch.from_numpy(_bank(sample_rate, n_fft)).to(power)
    return 10 * torch.log10(bank @ (power / full_scale(n_fft)) + SILENCE)


@lru_cache(maxsize=4)
def _bank(sample_rate: int, n_fft: int) -> NDArray[np.float64]:
    """Return (128, 1 + n_fft / 2): the bands as weighted means of frequencies."""
    bands = mel_bank(sr=sample_rate, n_fft=n_fft, n_mels=BANDS, dtype=float)
    # librosa's bands have the same area in Hz; as means their level does not depend on n_fft.
    return bands / bands.sum(axis=1, keepdims=True).clip(min=1e-12)
