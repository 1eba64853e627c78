"""Log-mel -> what a waveform needs: magnitudes at every frequency, and how phases move.

    features (batch, 160, frames)  ->  Sketch: magnitudes of mid and of side (batch, 1025, frames),
                                       `advance` and `slope` of mid's phases, complex

A phase itself cannot be known from features, since music that starts a millisecond later has the
same ones. How it turns from one frame to the next can (the pitch says it), and how it turns from
one frequency to the next (the attack says it). The network says both as expected unit vectors:
where it is sure they are long, where it is not they are short. `phase_sweep` makes phases of them.

Like the denoiser it is made of matrix products only: each block looks at three frames, one, two,
four and eight apart. Source of the idea: Masuyama et al. 2020, "Phase reconstruction based on
recurrent phase unwrapping with deep neural networks", arXiv:2002.05832.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.models.mel_bank import mel_bank, mel_magnitude
from engine.models.saved_network import SavedNetwork
from engine.shapes import Features


@dataclass(frozen=True)
class Sketch:
    """What is known of a spectrum before it has phases, each (batch, fft_bins, frames)."""

    mid: Tensor
    """Magnitude."""
    side: Tensor
    """Magnitude."""
    advance: Tensor
    """Expected turn of mid's phase since the frame before, as a complex number within 1."""
    slope: Tensor
    """Expected turn of mid's phase from this frequency to the next higher one."""


class Vocoder(SavedNetwork):
    """Features (dB) -> `Sketch`; differentiable. Trained by `engine.training.vocoder`."""

    skip: Tensor
    areas: Tensor

    def __init__(
        self,
        sample_rate: int = 44100,
        n_fft: int = 2048,
        mid_bins: int = 128,
        side_bins: int = 32,
        width: int = 224,
        hidden: int = 256,
        distances: Sequence[int] = (1, 2, 4, 8),
    ) -> None:
        super().__init__()
        self.fft_bins = n_fft // 2 + 1
        banks = [mel_bank(sample_rate, n_fft, bins) for bins in (mid_bins, side_bins)]
        self.register_buffer("skip", torch.block_diag(*map(_between, banks)), persistent=False)
        areas = torch.cat([bank.sum(dim=1) for bank in banks])
        self.register_buffer("areas", areas, persistent=False)
        self.first = nn.Linear(3 * (mid_bins + side_bins), width)
        self.blocks = nn.ModuleList(_Block(width, hidden, distance) for distance in distances)
        self.norm = nn.RMSNorm(width)
        self.last = nn.Linear(width, 6 * self.fft_bins)
        nn.init.normal_(self.last.weight, std=0.02)
        nn.init.zeros_(self.last.bias)

    def forward(self, features: Features, frames: slice = slice(None)) -> Sketch:
        """Return the sketch of some `frames`, having listened to all of them."""
        features = features.mT
        hidden = self.first(_with_neighbours((features + 30) / 20, 1))
        for block in self.blocks:
            hidden = block(hidden)
        heard = self.last(self.norm(hidden[:, frames])).unflatten(-1, (6, self.fft_bins))
        level = (mel_magnitude(features[:, frames]) / self.areas).log()
        rough = (level @ self.skip.T).unflatten(-1, (2, self.fft_bins))
        magnitudes = (rough + heard[..., :2, :]).exp()
        turns = torch.complex(heard[..., 2::2, :], heard[..., 3::2, :])
        return Sketch(
            magnitudes[..., 0, :].mT,
            magnitudes[..., 1, :].mT,
            turns[..., 0, :].mT,
            turns[..., 1, :].mT,
        )


class _Block(nn.Module):
    def __init__(self, width: int, hidden: int, distance: int) -> None:
        super().__init__()
        self.distance = distance
        self.norm = nn.RMSNorm(width)
        self.open = nn.Linear(3 * width, hidden)
        self.close = nn.Linear(hidden, width)
        nn.init.normal_(self.close.weight, std=1 / (6 * math.sqrt(hidden)))
        nn.init.zeros_(self.close.bias)

    def forward(self, x: Tensor) -> Tensor:
        around = _with_neighbours(self.norm(x), self.distance)
        return x + self.close(F.gelu(self.open(around), approximate="tanh"))


def _with_neighbours(x: Tensor, distance: int) -> Tensor:
    """Return each frame of (batch, frames, width) beside those `distance` before and after it."""
    frames = x.shape[1]
    padded = F.pad(x, (0, 0, distance, distance))
    return torch.cat([padded[:, :frames], x, padded[:, 2 * distance :]], dim=-1)


def _between(bank: Tensor) -> Tensor:
    """Return (fft_bins, bands): each frequency as a weighted mean of the bands around it."""
    bands, fft_bins = bank.shape
    frequency = torch.arange(fft_bins, dtype=torch.float32)
    centers = (bank @ frequency) / bank.sum(dim=1)
    upper = torch.searchsorted(centers, frequency).clamp(1, bands - 1)
    share = (frequency - centers[upper - 1]) / (centers[upper] - centers[upper - 1])
    share = share.clamp(0, 1)[:, None]
    identity = torch.eye(bands)
    return (1 - share) * identity[upper - 1] + share * identity[upper]
