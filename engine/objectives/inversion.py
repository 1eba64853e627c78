"""Inversion: the music is the clip itself, so that its noise can be found and varied.

    loss = mean over counted frames of (model's - clip's)^2

in the model's feature domain (dB^2) where it has one, else in its latents.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix D.
"""

from dataclasses import dataclass

from engine.listening import Heard
from engine.objectives.objective import masked_mean
from engine.shapes import Curve, Features, Scalar


@dataclass(frozen=True, kw_only=True)
class ClipObjective:
    """`target` (1, bins, frames): the clip as the model's features, where `mask` is 1.

    Frames beyond the clip's end are left out by the `mask` (1, frames).
    """

    target: Features
    mask: Curve
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "clip"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean squared difference over bins and counted frames."""
        difference = (heard.features - self.target).square().mean(dim=1)
        return masked_mean(difference, self.mask)
