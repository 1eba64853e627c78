"""Mel bands: triangles on a scale that is linear below 1 kHz and logarithmic above (Slaney 1998).

power or magnitude spectrum (n_fft / 2 + 1)  ->  bands, each triangle of area 1 in Hz
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

FLOOR = 1e-3
"""Added to mel magnitudes before the logarithm: silence reads -60 dB and keeps a gradient."""
SOFTNESS = FLOOR / 4
"""How gradually magnitudes end at 0 where the spectrum is not played but measured."""
HERTZ_PER_MEL = 200 / 3
KNEE_HERTZ = 1000.0
KNEE_MEL = KNEE_HERTZ / HERTZ_PER_MEL
LOG_STEP = np.log(6.4) / 27


def mel_bank(sample_rate: int, n_fft: int, bands: int) -> Tensor:
    """Return the weights (bands, n_fft / 2 + 1) of each frequency in each band, 0 Hz to Nyquist."""
    nyquist = sample_rate / 2
    frequencies = np.linspace(0, nyquist, n_fft // 2 + 1)
    corners = _hertz(np.linspace(0, _mel(nyquist), bands + 2))
    widths = np.diff(corners)
    ramps = corners[:, None] - frequencies
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    areas = (corners[2:] - corners[:-2]) / 2
    return torch.from_numpy((triangles / areas[:, None]).astype(np.float32))


def mel_magnitude(decibels: Tensor) -> Tensor:
    """Return the magnitudes of levels in dB, the floor taken off.

    Never negative, and not clamped: silence could not be asked to become loud.
    """
    mel = 10 ** (decibels / 20) - FLOOR
    return (mel + (mel.square() + SOFTNESS**2).sqrt()) / 2


def _mel(hertz: float) -> float:
    if hertz < KNEE_HERTZ:
        return hertz / HERTZ_PER_MEL
    return float(KNEE_MEL + np.log(hertz / KNEE_HERTZ) / LOG_STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = KNEE_HERTZ * np.exp(LOG_STEP * (mels - KNEE_MEL))
    return np.where(mels < KNEE_MEL, mels * HERTZ_PER_MEL, above)
