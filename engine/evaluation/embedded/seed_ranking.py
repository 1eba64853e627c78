"""Does a faster sampler tell good seeds from bad ones? What choosing seeds before a search needs.

Several seeds are played by each sampler for the same prompt; each seed has a loss, and Spearman's
correlation says how alike two samplers order them. Two losses, as DITTO's own tasks have them:

    intensity   mean squared difference of the level to a ramp of 12 dB, about their means, dB^2
    overlap     mean squared difference of the first half's log-mel to a held-out clip's, dB^2
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor

from engine.evaluation.embedded.clips import Clips
from engine.evaluation.embedded.heard import features
from engine.evaluation.embedded.telling import generate
from engine.evaluation.music_metrics import level
from engine.models.embedded import EmbeddedModel

PROMPTS, SEEDS = 10, 16
RAMP_DB = 12.0
LOSSES = ("intensity", "overlap")


@dataclass(frozen=True)
class Losses:
    """The loss of every seed of every prompt, (PROMPTS, SEEDS) for each of LOSSES."""

    intensity: Tensor
    overlap: Tensor


def losses(model: EmbeddedModel, held_out: Clips, seconds: float) -> Losses:
    """Return what each seed loses by the model's own number of steps."""
    codec, clips = model.codec, held_out.first(PROMPTS)
    wanted = features(codec, clips.latents)
    rows = []
    for piece, target in zip(clips.pieces, wanted, strict=True):
        mel = features(codec, generate(model, [piece] * SEEDS, seconds, first_seed=piece.seed))
        rows.append((ramp_loss(mel[:, : codec.config.mid_bins]), overlap_loss(mel, target)))
    intensity, overlap = (torch.stack(column) for column in zip(*rows, strict=True))
    return Losses(intensity, overlap)


def ramp_loss(log_mel: Tensor) -> Tensor:
    """Return how far the level is from a rise of RAMP_DB, (clips,), dB^2; loudness is free."""
    curve = level(log_mel)
    ramp = torch.linspace(-RAMP_DB / 2, RAMP_DB / 2, curve.shape[1])
    return (curve - curve.mean(1, keepdim=True) - ramp).square().mean(1)


def overlap_loss(log_mel: Tensor, target: Tensor) -> Tensor:
    """Return how far the first half is from `target` (bins, frames), (clips,), dB^2."""
    half = target.shape[-1] // 2
    return (log_mel - target)[..., :half].square().mean((1, 2))


def agreement(one: Losses, other: Losses) -> dict[str, float]:
    """Return Spearman's correlation of two samplers, the mean over prompts, for each loss."""
    return {
        name: float(np.mean([_spearman(*pair) for pair in zip(*ways, strict=True)]))
        for name in LOSSES
        for ways in [(getattr(one, name), getattr(other, name))]
    }


def _spearman(one: Sequence[float] | Tensor, other: Sequence[float] | Tensor) -> float:
    return float(spearmanr(one, other).statistic)
