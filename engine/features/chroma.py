"""Chroma: how strongly each of the twelve notes sounds over time, whatever its octave.

    power (batch, fft_bins, frames) -> high-pass at middle C -> 12 pitch classes, C first

The high-pass keeps the bass from drowning the melody.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Melody Control"; the high-pass from Wu et al.
2023, Music ControlNet, arXiv:2311.07069 (a biquad at middle C). Chosen: the pitch-class bank of
`librosa.filters.chroma` in standard tuning; a Butterworth high-pass of second order; each frame
normalized to sum 1 with a floor of -80 dB per class, so that silence is all twelve alike.
"""

from functools import lru_cache

import numpy as np
import torch
from librosa import fft_frequencies
from librosa.filters import chroma as pitch_class_bank
from numpy.typing import NDArray
from scipy.signal import butter, freqz

from engine.features.power import full_scale, window_size
from engine.shapes import Chroma, Power

MIDDLE_C = 261.63
"""Hz."""
SILENCE = 1e-8


def chroma(power: Power, *, sample_rate: int) -> Chroma:
    """Return the energy of each pitch class; that of a full-scale sine is about 1."""
    n_fft = window_size(power)
    bank = torch.from_numpy(_bank(sample_rate, n_fft)).to(power)
    return bank @ power / full_scale(n_fft)


def log_chroma(energies: Chroma) -> Chroma:
    """Return the logarithm of each pitch class's share of its frame: log-probabilities."""
    shares = energies + SILENCE
    return torch.log(shares) - torch.log(shares.sum(dim=1, keepdim=True))


def high_pass_power(frequencies: NDArray[np.float64], *, sample_rate: int) -> NDArray[np.float64]:
    """Return what the high-pass at middle C leaves of the power at `frequencies` in Hz."""
    numerator, denominator = butter(2, MIDDLE_C, btype="highpass", fs=sample_rate)
    response = freqz(numerator, denominator, worN=frequencies, fs=sample_rate)[1]
    return np.abs(response) ** 2


@lru_cache(maxsize=4)
def _bank(sample_rate: int, n_fft: int) -> NDArray[np.float64]:
    """Return (12, 1 + n_fft / 2): each frequency's part in each pitch class."""
    pitch_classes = pitch_class_bank(sr=sample_rate, n_fft=n_fft, tuning=0.0, dtype=float)
    frequencies = fft_frequencies(sr=sample_rate, n_fft=n_fft)
    return pitch_classes * high_pass_power(frequencies, sample_rate=sample_rate)
