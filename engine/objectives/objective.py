"""The contract of an objective: one thing that the music of one window should have, as a number.

    loss(heard) = how far what is heard is from what is asked,   0 where it is reached

Each objective holds targets on the window's own frames, and a mask that is 1 where it asks for
something. Losses are means over what is asked, so that they do not depend on how long that is;
they carry no weight. A batch of music has the mean of its items' losses.
"""

from typing import Protocol, runtime_checkable

from torch import Tensor

from engine.listening import Heard
from engine.shapes import Scalar


@runtime_checkable
class Objective(Protocol):
    """What all objectives share; every one is a value, complete when made."""

    @property
    def name(self) -> str:
        """The name that its loss is reported under."""
        ...

    @property
    def weight(self) -> float:
        """The factor of its loss in the sum of all."""
        ...

    @property
    def schedule(self) -> tuple[float, float]:
        """The factors of the weight at the first and the last iteration, linear between them."""
        ...

    def loss(self, heard: Heard) -> Scalar:
        """Return the loss, unweighted and differentiable, in the unit that its file names."""
        ...


def masked_mean(values: Tensor, mask: Tensor) -> Scalar:
    """Return the mean of `values` where `mask`, of the same shape but for the batch, is 1.

    Without anything asked it is 0, with a gradient of 0.
    """
    counted = mask.expand_as(values)
    return (values * counted).sum() / counted.sum().clamp(min=1)
