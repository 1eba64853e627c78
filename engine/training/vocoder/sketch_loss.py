"""How far a sketch is from the clip it should be: magnitudes by ear and by energy, turns by angle.

magnitudes   |log difference|, relative energy of the difference, difference of square roots,
             and |dB| between 80 mel bands: what `engine.evaluation.likeness` measures
turns        squared distance of the expected unit vector to the one that was, weighted by the
             loudness of both ends; least for the mean, whose length is how sure one can be
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.mel_bank import FLOOR
from engine.models.vocoder import Sketch
from engine.shapes import Scalar

BANDS = 80
SIDE = 0.5
"""Weight of side beside mid."""
WEIGHTS: Mapping[str, float] = {
    "log": 0.5,
    "energy": 1.0,
    "root": 1.0,
    "mel": 0.15,
    "advance": 1.0,
    "slope": 1.0,
}
"""Chosen so that each term weighs about as much as the others after a thousand steps."""


@dataclass(frozen=True)
class Heard:
    """The same frames of a clip, complex spectra (batch, fft_bins, frames)."""

    mid: Tensor
    before: Tensor
    """Mid, one frame earlier."""
    side: Tensor


def sketch_losses(sketch: Sketch, heard: Heard, bank: Tensor) -> dict[str, Scalar]:
    """Return every term, unweighted; `bank` (80, fft_bins) are mel bands."""
    mid, side, before = heard.mid.abs(), heard.side.abs(), heard.before.abs()

    def apart(scale: Callable[[Tensor], Tensor]) -> Scalar:
        of_mid = (scale(sketch.mid) - scale(mid)).abs().mean()
        return of_mid + SIDE * (scale(sketch.side) - scale(side)).abs().mean()

    missing = (sketch.mid - mid).square().sum(dim=(1, 2))
    # 1 is far below any music: where a clip pauses, its energy must not divide by nothing.
    energy = mid.square().sum(dim=(1, 2)).sqrt() + 1
    return {
        "log": apart(lambda magnitude: (magnitude + FLOOR).log()),
        "energy": ((missing + 1e-6).sqrt() / energy).mean(),
        "root": apart(lambda magnitude: (magnitude + FLOOR).sqrt()),
        "mel": apart(lambda magnitude: 20 * (bank @ magnitude + FLOOR).log10()),
        "advance": _turn_loss(sketch.advance, heard.mid, heard.before, (mid * before).pow(0.25)),
        "slope": _turn_loss(
            sketch.slope[:, :-1],
            heard.mid[:, 1:],
            heard.mid[:, :-1],
            (mid[:, 1:] * mid[:, :-1]).pow(0.25),
        ),
    }


def total(losses: Mapping[str, Scalar]) -> Scalar:
    """Return the weighted sum of the terms."""
    return torch.stack([WEIGHTS[name] * loss for name, loss in losses.items()]).sum()


def _turn_loss(expected: Tensor, end: Tensor, start: Tensor, weight: Tensor) -> Scalar:
    distance = torch.view_as_real(torch.sgn(end * start.conj()) - expected).square().sum(dim=-1)
    return (weight * distance).sum() / (weight.sum() + FLOOR)
