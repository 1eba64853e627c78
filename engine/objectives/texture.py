"""Texture: around a melody the music stays as dense as it would have been without it.

    log-mel -> mean over 8 bins and 3/4 s -> 16 bands by stretches of time, dB
    loss = mean over asked cells of  max(0, |made - without| - 3 dB)^2

The quickest way to a clear melody is silence around it: asked for notes alone, the search removes
drums, bass and chords within a dozen iterations. So where a melody is asked, each band must stay
within 3 dB of the music that the same noise makes without it. On eight settings of ten styles this
raises the agreement of the style recognizer from 0.62 to 1.00, for six of 94 points of accuracy.

Not in the paper.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from engine.listening import Heard
from engine.objectives.objective import masked_mean
from engine.shapes import Curve, Scalar

BINS_PER_BAND = 8
STRETCH_SECONDS = 0.75
ALLOWED_DB = 3.0

Texture = Float[Tensor, "batch bands stretches"]


@dataclass(frozen=True, kw_only=True)
class TextureObjective:
    """`target` is the `texture` to keep; `mask` (1, stretches) is 1 where a melody is asked."""

    target: Texture
    mask: Curve
    weight: float
    schedule: tuple[float, float] = (1.0, 1.0)
    name: str = "texture"

    def loss(self, heard: Heard) -> Scalar:
        """Return the mean square of what goes beyond 3 dB, in dB^2."""
        beyond = ((texture(heard) - self.target).abs() - ALLOWED_DB).clamp_min(0)
        return masked_mean(beyond.square().mean(dim=1), self.mask)


def texture(heard: Heard) -> Texture:
    """Return how loud each band is on average, in dB; frames left over at the end do not count."""
    return avg_pool2d(heard.log_mel, (BINS_PER_BAND, _frames(heard)))


def texture_objective(without: Heard, asked: Curve, *, weight: float) -> TextureObjective:
    """Return the objective that keeps the texture of `without` where `asked` (1, frames) is 1.

    A stretch counts when something is asked in half of it or more.
    """
    share = avg_pool2d(asked[None], (1, _frames(without)))[0]
    return TextureObjective(target=texture(without), mask=(share >= 0.5).float(), weight=weight)


def _frames(heard: Heard) -> int:
    """Return the frames of a stretch, in music shorter than one all there are."""
    return min(heard.frames, round(STRETCH_SECONDS / heard.frame_seconds))
