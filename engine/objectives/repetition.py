"""Repetition: the music comes round again after a period, so that it loops without a clip.

    loss = mean over frames k of the overlap of  (made[k] - made[period + k])^2

in the model's feature domain (dB^2) where it has one, else in its latents. Both sides move: the
music itself decides what is repeated.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix E. The paper does not say whether the
target side is held still; here both get a gradient.
"""

from dataclasses import dataclass

from engine.errors import InvalidRequestError
from engine.listening import Heard
from engine.shapes import Scalar


@dataclass(frozen=True, kw_only=True)
class RepetitionObjective:
    """The first `overlap` frames come again after `period` frames, both at least 1."""

    period: int
    overlap: int
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "repeat"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean squared difference of the music and itself one period later."""
        made = heard.features
        end = self.period + self.overlap
        if end > made.shape[-1]:
            raise InvalidRequestError(
                f"A loop of {self.period} frames needs {self.overlap} more to close, which is {end}"
                f"; the model makes {made.shape[-1]} at a time. Choose a shorter period."
            )
        first, again = made[..., : self.overlap], made[..., self.period : end]
        return (first - again).square().mean()
