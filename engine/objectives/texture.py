"""Texture: around a melody or a form the music stays as dense and as lively as it would have been.

    log-mel at the asked frames -> 16 bands -> mean and deviation of each over every stretch, dB
    loss = mean over all of  max(0, |made - without| - allowed)^2

The quickest way to a clear melody is silence around it, and to alike moments, sound that stands
still: asked for these alone, the search removes drums, bass and chords within a dozen iterations.
So each band must keep its mean (3 dB allowed) and its deviation over time (1 dB allowed) of the
music that the same noise makes uncontrolled. Around a melody that is asked of every second and a
half; a form, whose parts shall differ, is asked of all its music at once.

Measured on eight settings, without -> with: a melody's accuracy 94 -> 94 % and the agreement of the
style recognizer 0.62 -> 1.00; a form's correlation 0.89 -> 0.90 and agreement 0.62 -> 1.00.

Not in the paper.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from engine.listening import Heard
from engine.shapes import Features, Scalar

BINS_PER_BAND = 8
MELODY_STRETCH_SECONDS = 1.5
ALLOWED_MEAN_DB, ALLOWED_DEVIATION_DB = 3.0, 1.0

Asked = Bool[Tensor, " frames"]
Texture = Float[Tensor, "batch 2 bands stretches"]


@dataclass(frozen=True, kw_only=True)
class TextureObjective:
    """`target` is the `texture` to keep, of the frames where `asked` is true."""

    target: Texture
    asked: Asked
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "texture"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean square of what goes beyond what is allowed, in dB^2."""
        made = texture(heard.log_mel, self.asked, self.target.shape[-1])
        allowed = made.new_tensor([ALLOWED_MEAN_DB, ALLOWED_DEVIATION_DB])[:, None, None]
        return ((made - self.target).abs() - allowed).clamp_min(0).square().mean()


def texture_objective(
    without: Heard, asked: Asked, *, stretch_seconds: float | None, weight: float
) -> TextureObjective:
    """Return the objective that keeps the texture of `without` where `asked` is true.

    In stretches of about `stretch_seconds`; None: in one.
    """
    seconds = int(asked.sum()) * without.frame_seconds
    stretches = 1 if stretch_seconds is None else max(1, round(seconds / stretch_seconds))
    target = texture(without.log_mel, asked, stretches)
    return TextureObjective(target=target, asked=asked, weight=weight)


def texture(log_mel: Features, asked: Asked, stretches: int) -> Texture:
    """Return the mean and the deviation over time, in dB, of each band in each stretch."""
    bands = log_mel[..., asked].unflatten(1, (-1, BINS_PER_BAND)).mean(dim=2)
    parts = [
        torch.stack([part.mean(dim=-1), part.var(dim=-1, correction=0).add(1e-6).sqrt()], dim=1)
        for part in bands.tensor_split(stretches, dim=-1)
    ]
    return torch.stack(parts, dim=-1)
