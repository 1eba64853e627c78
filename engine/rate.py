"""Sample rates: the clip's into the model's and back, without moving anything in time.

Sample n of the output lies at n / rate_out seconds, so two stretches that start on the same whole
second line up at any pair of rates.
"""

import numpy as np
import soxr
import torch
from jaxtyping import Float
from torch import Tensor

from engine.shapes import Stretch


def resample(audio: Stretch, rate_in: int, rate_out: int) -> Stretch:
    """Return `audio` at `rate_out` Hz, round(samples * rate_out / rate_in) long, same dtype.

    Linear phase, delay compensated (soxr, very high quality). Equal rates: the very same tensor.
    """
    if rate_in == rate_out:
        return audio
    samples = round(audio.shape[-1] * rate_out / rate_in)
    resampled = soxr.resample(audio.numpy().T, rate_in, rate_out, quality="VHQ")[:samples].T
    # soxr rounds the length its own way: at most a sample or two too few.
    missing = samples - resampled.shape[-1]
    return torch.from_numpy(np.pad(resampled, ((0, 0), (0, missing))))


def with_channels(audio: Float[Tensor, "_ samples"], channels: int) -> Float[Tensor, "_ samples"]:
    """Return `audio` with 1 or 2 channels: mono is doubled, stereo is averaged."""
    if audio.shape[0] == channels:
        return audio
    return audio.expand(channels, -1) if audio.shape[0] == 1 else audio.mean(0, keepdim=True)
