"""Texture: what a control does not speak of stays as it would have been.

    log-mel at the asked frames -> 23 bands and the level of all, in dB
    -> mean, deviation and liveliness of each
    loss = mean over all of  max(0, |made - wanted| - allowed)^2

The quickest way to a clear melody is silence around it, and to moments that are alike, sound that
stands still: asked for these alone, the search removes drums, bass and chords within a dozen
iterations. So each band must keep its mean, its deviation over time and the size of its changes
from frame to frame: of the music that the same noise makes uncontrolled, or of the clip where new
music joins one. Around a melody that is asked of every second and a half, else of all the music at
once, so that parts of a form may differ. Where the level itself is asked for, what counts is each
band beside the mean of all.

Not in the paper.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from engine.listening import Heard
from engine.shapes import Features, Scalar

BAND_EDGES = (*range(1, 9), *range(16, 128, 8))
"""Of 128 mel bins: single ones in the bass, then eight at a time."""
LEVEL_SHARE = 8
"""Bands that the level of all counts as: one loud note moves it much and the bands little."""
MELODY_STRETCH_SECONDS = 1.5
ALLOWED_DB = (1.0, 0.3, 0.3)
"""Of the mean, the deviation and the liveliness."""
_DB_PER_NEPER = 10 / math.log(10)

Asked = Bool[Tensor, " frames"]
Texture = Float[Tensor, "batch 3 bands stretches"]


@dataclass(frozen=True, kw_only=True)
class TextureObjective:
    """`target` is the `texture` to have at the frames where `asked` is true."""

    target: Texture
    asked: Asked
    weight: float
    relative: bool = False
    """Whether the level of all bands together is left out."""
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "texture"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean square of what goes beyond what is allowed, in dB^2."""
        stretches = self.target.shape[-1]
        made = texture(heard.log_mel, self.asked, stretches, relative=self.relative)
        allowed = made.new_tensor(ALLOWED_DB)[:, None, None]
        return ((made - self.target).abs() - allowed).clamp_min(0).square().mean()


def texture(
    log_mel: Features, asked: Asked, stretches: int = 1, *, relative: bool = False
) -> Texture:
    """Return each band's mean, deviation and root mean square change, in dB, in each stretch."""
    music = log_mel[..., asked]
    parts = music.tensor_split(BAND_EDGES, dim=1)
    bands = torch.stack([part.mean(dim=1) for part in parts], dim=1)
    if relative:
        bands = bands - bands.mean(dim=1, keepdim=True)
    else:
        level = _DB_PER_NEPER * torch.logsumexp(music / _DB_PER_NEPER, dim=1, keepdim=True)
        bands = torch.cat([bands, level.expand(-1, LEVEL_SHARE, -1)], dim=1)
    return torch.stack([_summary(part) for part in bands.tensor_split(stretches, dim=-1)], dim=-1)


def stretches_of(asked: Asked, *, frame_seconds: float) -> int:
    """Return into how many stretches the frames around a melody are divided."""
    return max(1, round(int(asked.sum()) * frame_seconds / MELODY_STRETCH_SECONDS))


def _summary(bands: Features) -> Float[Tensor, "batch 3 bands"]:
    moves = bands - bands.mean(dim=-1, keepdim=True)
    changes = bands.diff(dim=-1) if bands.shape[-1] > 1 else torch.zeros_like(bands)
    # Floors are added: where nothing moves, the root has no gradient.
    sizes = [(each.square().mean(dim=-1) + 1e-6).sqrt() for each in (moves, changes)]
    return torch.stack([bands.mean(dim=-1), *sizes], dim=1)
