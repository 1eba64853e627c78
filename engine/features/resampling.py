"""Resampling with a gradient: audio at another rate, for listeners that only know their own.

    audio (batch, channels, samples) -> (batch, channels, ceil(samples * rate_out / rate_in))

A sinc under a Kaiser window reads the signal between its samples: one row of weights for each
position that an output sample can have between input samples (160 rows from 44.1 to 48 kHz), all
applied by one convolution. Flat to 90 % of the lower Nyquist frequency, nothing beyond 103 %; music
inside agrees with soxr to -80 dB. `engine.rate` is for what is kept, this for what is only
measured.

Source: Smith 1984, "Digital audio resampling"; the window's shape is Kaiser and Schafer 1980.
"""

from functools import lru_cache
from math import ceil, gcd

import torch
from jaxtyping import Float
from torch import Tensor

from engine.shapes import Audio

Resampled = Float[Tensor, "batch channels _"]

ZERO_CROSSINGS = 64
CUTOFF = 0.95
"""Of the lower Nyquist frequency."""
_BETA = 14.77
"""Kaiser's: side lobes below -140 dB."""


def resample_differentiable(audio: Audio, rate_in: int, rate_out: int) -> Resampled:
    """Return `audio` at `rate_out` Hz; sample n of it lies at n / rate_out seconds."""
    if rate_in == rate_out:
        return audio
    common = gcd(rate_in, rate_out)
    step, phases = rate_in // common, rate_out // common
    weights, reach = _weights(step, phases)
    batch, channels, samples = audio.shape
    rows = torch.nn.functional.pad(audio.reshape(-1, 1, samples), (reach, reach + step))
    phased = torch.nn.functional.conv1d(rows, weights.to(audio), stride=step)
    made = phased.transpose(1, 2).reshape(batch, channels, -1)
    return made[..., : ceil(samples * phases / step)]


@lru_cache(maxsize=4)
def _weights(step: int, phases: int) -> tuple[Tensor, int]:
    """Return (phases, 1, taps), and how many samples a row reaches to either side.

    Every `step` input samples there are `phases` output samples; the one of row p lies p * step /
    phases samples after the first of them.
    """
    cutoff = CUTOFF * min(1.0, phases / step)  # of the input's Nyquist frequency
    reach = ceil(ZERO_CROSSINGS / cutoff)
    taps = torch.arange(-reach, reach + step, dtype=torch.float64)
    distance = taps - torch.arange(phases, dtype=torch.float64)[:, None] * step / phases
    inside = (1 - (distance * cutoff / ZERO_CROSSINGS).square()).clamp(min=0)
    window = torch.special.i0(_BETA * inside.sqrt()) / torch.special.i0(torch.tensor(_BETA))
    weights = cutoff * torch.sinc(cutoff * distance) * window
    return torch.where(inside > 0, weights, 0.0)[:, None], reach
