"""Intensity: the music follows a curve of loudness, by its decibels or by its shape only.

    level   mean over asked frames of  (w * (made - wanted))^2                  dB^2
    shape   1 - rho(w * made, w * wanted) over asked frames                     0 to 2

made and wanted are levels per frame in dB, w the Savitzky-Golay filter over one second, rho
Pearson's correlation: "shape" asks for rise and fall, whatever the level and the depth.

Both curves go through the filter, which is linear. A target that no smoothed curve can follow is
so reached exactly by music that has it: a hard step of 12 dB, left unsmoothed, would cost that very
music 1 dB^2 over a window. Slow targets (lines, parabolas) are not changed by the filter.

Each stretch of asked frames is smoothed by itself, its first and last levels repeated beyond it,
as the filter does at the ends of a window. So what is not asked changes nothing and gets no
gradient. Smoothed together with the music around it, a stretch would depend on its neighbours for
half a second: 2 s wanted 8 dB above a kept clip would cost least (0.3 dB off) when its first tenth
of a second is 6 dB too loud.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, "Intensity Control" and appendix C. How the
filter meets masks and steps is chosen.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.features.intensity import intensity
from engine.listening import Heard
from engine.shapes import Curve, PerItem, Scalar

STEADY = 1e-4
"""Variance, in dB^2, below which a curve has no shape: rho is then 0, its gradient finite."""


@dataclass(frozen=True, kw_only=True)
class IntensityObjective:
    """Decibels: `target` (1, frames) before smoothing, where `mask` (1, frames) is 1."""

    target: Curve
    mask: Curve
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "intensity"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean squared difference of the smoothed curves in dB^2."""
        difference = smoothed_where_asked(heard.levels - self.target, self.mask, heard)
        return difference.square().sum() / max(1, difference.numel())


@dataclass(frozen=True, kw_only=True)
class ShapeObjective:
    """Rise and fall: `target` (1, frames) in dB of any offset and depth, where `mask` is 1."""

    target: Curve
    mask: Curve
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "shape"

    def loss(self, heard: Heard) -> Scalar:
        """Return 1 - rho: 0 for the same shape, 1 for none, 2 for the mirrored one."""
        made = smoothed_where_asked(heard.levels, self.mask, heard)
        wanted = smoothed_where_asked(self.target, self.mask, heard)
        return (1 - correlation(made, wanted.expand_as(made))).mean()


def smoothed_where_asked(curve: Curve, mask: Curve, heard: Heard) -> Tensor:
    """Return (batch, asked frames): each stretch where `mask` is 1, smoothed by itself."""
    asked = mask[0] > 0
    runs = [
        intensity(curve[:, start:end], frame_seconds=heard.frame_seconds)
        for start, end in stretches(asked)
    ]
    return torch.cat(runs, dim=1) if runs else curve[:, :0]


def stretches(asked: Tensor) -> list[tuple[int, int]]:
    """Return (start, end) of every run of true values in `asked` (frames,)."""
    edges = torch.nn.functional.pad(asked.to(torch.int8), (1, 1)).diff()
    starts, ends = (edges == 1).nonzero()[:, 0], (edges == -1).nonzero()[:, 0]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def correlation(one: Curve, other: Curve) -> PerItem:
    """Return Pearson's rho over the frames of each item; 0 where a curve is constant or empty."""
    frames = max(1, one.shape[1])
    one, other = (curve - curve.sum(dim=1, keepdim=True) / frames for curve in (one, other))
    # Floors are added, not clamped: a constant curve still learns which way to bend.
    deviations = [(curve.square().sum(dim=1) / frames + STEADY).sqrt() for curve in (one, other)]
    return (one * other).sum(dim=1) / frames / (deviations[0] * deviations[1])
