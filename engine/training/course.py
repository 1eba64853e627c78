"""What is learnt when: short windows first, where steps are cheap, then short and long in turn."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.examples import Examples, Given


@dataclass(frozen=True)
class Course:
    """Batches of `batch` short windows, or of half as many long ones; `long` may be missing."""

    short: Examples
    long: Examples | None = None
    short_share: float = 0.6
    """Share of the budget that is spent before the first long window."""
    batch: int = 32

    def batch_at(self, step: int, share: float, draw: torch.Generator) -> tuple[Tensor, Given]:
        """Return latents and conditioning for `step`, when `share` of the budget is spent."""
        if self.long is None or share < self.short_share or step % 2 == 0:
            return self.short.batch(draw, self.batch)
        return self.long.batch(draw, self.batch // 2)
