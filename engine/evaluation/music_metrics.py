"""Numbers of a log-mel: its tempogram, its level, and what two sets of clips have in common."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.linalg import sqrtm
from torch import Tensor

FRAMES_PER_SECOND = 44100 / 512
TEMPI = np.arange(60, 181)
OCTAVES = (1.0, 2.0, 0.5)


def tempogram(log_mel: Tensor) -> Tensor:
    """Return the strength of each tempo of TEMPI, (batch, 121), from (batch, bins, frames) in dB.

    Autocorrelation of the onset envelope at one, two and four beats.
    """
    onset = F.relu(log_mel[..., 1:] - log_mel[..., :-1]).mean(1)
    onset = onset - onset.mean(1, keepdim=True)
    length = onset.shape[1]
    power = torch.fft.rfft(onset, 4 * length).abs() ** 2
    correlation = torch.fft.irfft(power)[:, :length]
    correlation = correlation / correlation[:, :1].clamp_min(1e-6)
    strengths = []
    for bpm in TEMPI:
        total = torch.zeros(len(onset))
        for beats in (1, 2, 4):
            lag = 60 / bpm * FRAMES_PER_SECOND * beats
            low = int(lag)
            if low + 1 < length:
                share = lag - low
                total += correlation[:, low] * (1 - share) + correlation[:, low + 1] * share
        strengths.append(total)
    return torch.stack(strengths, 1)


def level(log_mel: Tensor) -> Tensor:
    """Return the level per frame in dB, (batch, frames), smoothed over half a second."""
    power = 10 * torch.log10((10 ** (log_mel / 10)).sum(1) + 1e-6)
    return F.avg_pool1d(F.pad(power[:, None], (20, 20), mode="replicate"), 41, 1)[:, 0]


def slope(log_mel: Tensor) -> Tensor:
    """Return how much louder the last 1.2 s are than the first, in dB, per clip."""
    curve = level(log_mel)
    return curve[:, -100:].mean(1) - curve[:, :100].mean(1)


def summary_features(log_mel: Tensor) -> Tensor:
    """Return one vector per clip: mean and spread of the spectrum, and its tempogram."""
    scaled = log_mel / 20
    spectrum = (scaled.mean(2)[:, ::2], scaled.std(2)[:, ::4])
    return torch.cat([*spectrum, tempogram(scaled)[:, ::6]], 1)


@dataclass(frozen=True)
class FrechetSpace:
    """A fixed space for Frechet distances: standardized features on 32 principal directions."""

    mean: Tensor
    deviation: Tensor
    directions: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "FrechetSpace":
        """Return the space that real training clips span."""
        mean, deviation = features.mean(0), features.std(0) + 1e-4
        directions = torch.linalg.svd((features - mean) / deviation, full_matrices=False)[2][:32]
        return cls(mean, deviation, directions.T)

    def standardize(self, features: Tensor) -> Tensor:
        """Return features with the training clips' mean 0 and deviation 1."""
        return (features - self.mean) / self.deviation

    def distance(self, a: Tensor, b: Tensor) -> float:
        """Return the Frechet distance between the Gaussians of two sets of clips."""
        a, b = (self.standardize(x) @ self.directions for x in (a, b))
        covariances = np.cov(a.T.numpy()), np.cov(b.T.numpy())
        mixed = sqrtm(covariances[0] @ covariances[1]).real
        between = float((a.mean(0) - b.mean(0)).square().sum())
        return between + float(np.trace(covariances[0] + covariances[1] - 2 * mixed))
