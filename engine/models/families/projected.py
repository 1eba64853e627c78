"""Guidance that turns the music towards the prompt without making it louder, and remembers.

    change   = told - free - 0.75 change of the step before,   at most 2.5 long
    guided   = told + (w - 1) (change - its part along told)

Lengths and directions are those of each channel over time. What it remembers is an argument and a
result: kept in an attribute, it would be applied twice where a step is recomputed.

Source: Sadat et al. 2024, arXiv:2410.02416; momentum and limit are those of ACE-Step 1.5.
"""

import torch
from torch import Tensor

MOMENTUM = -0.75
LONGEST = 2.5


def projected(
    told: Tensor, free: Tensor, carried: Tensor | None, strength: float
) -> tuple[Tensor, Tensor]:
    """Return the guided output and what the next step must be given as `carried`.

    `told` and `free` (batch, channels, frames) are the network's outputs with and without prompt;
    `strength` 1 is no guidance.
    """
    carried = told - free if carried is None else told - free + MOMENTUM * carried
    length = carried.norm(dim=-1, keepdim=True)
    # As min(1, longest / length), but with a gradient where there is no change at all.
    change = carried * (LONGEST / length.clamp_min(LONGEST))
    direction = torch.nn.functional.normalize(told, dim=-1)
    along = (change * direction).sum(dim=-1, keepdim=True) * direction
    return told + (strength - 1) * (change - along), carried
