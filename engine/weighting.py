"""How much each of several losses counts: weights, schedules, and balancing by gradient norm.

    total(k) = sum_i  weight_i  balance_i  schedule_i(k)  L_i          (paper, eq. 14)

The paper divides by the number of losses, which the optimizer is blind to. Balancing gives every
loss a gradient of the same norm at the first noise, so that weights mean what they say whatever
the units; it is done once, for a sum that changes could not be compared over iterations.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, appendix H; balancing in the manner of Chen et
al. 2018, GradNorm, arXiv:1711.02257, without its training.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from engine.shapes import Latents, Scalar

_LEAST_NORM = 1e-12


@dataclass(frozen=True)
class Weighting:
    """What multiplies each loss, by name; a name that is missing has weight 1 throughout.

    `schedules` are the factors at the first and the last iteration, linear between them.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    schedules: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    balance: bool = False

    def weight(self, name: str, balance: Mapping[str, float]) -> float:
        """Return what the loss counts when searches are compared: the schedule left out."""
        return self.weights.get(name, 1.0) * balance.get(name, 1.0)

    def total(self, losses: Mapping[str, float], balance: Mapping[str, float]) -> float:
        """Return the weighted sum by which noises are compared."""
        return sum(self.weight(name, balance) * each for name, each in losses.items())

    def now(self, name: str, progress: float) -> float:
        """Return the schedule's factor at `progress`: 0 first, 1 last iteration."""
        first, last = self.schedules.get(name, (1.0, 1.0))
        return first + (last - first) * progress


def balancing(losses: Mapping[str, Scalar], noise: Latents) -> dict[str, float]:
    """Return the factors that give every loss the least norm of their gradients by `noise`.

    A loss without a gradient, such as one that is still content, keeps factor 1; its weight then
    counts beside that of the gentlest loss, whose factor is 1 too.
    """
    norms = {
        name: float(torch.autograd.grad(loss, noise, retain_graph=True)[0].norm())
        for name, loss in losses.items()
    }
    heard = [norm for norm in norms.values() if norm > _LEAST_NORM]
    least = min(heard, default=1.0)
    return {name: least / norm if norm > _LEAST_NORM else 1.0 for name, norm in norms.items()}
