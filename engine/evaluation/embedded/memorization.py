"""Is it new? How near a clip is to the nearest training clip, beside what real new clips are.

The distance of two clips is 1 minus the cosine of their latents about the training clips' mean:
0 for a copy, about 1 for strangers. It sees copies in place, which is how a copy would come: the
grid that a clip was told is the copy's own.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Memory:
    """Training clips to be compared with: their mean and unit vectors (clips, numbers)."""

    mean: Tensor
    directions: Tensor

    @classmethod
    def of(cls, latents: Tensor) -> "Memory":
        """Return the memory of training clips, (clips, channels, frames)."""
        flat = latents.flatten(1)
        mean = flat.mean(0)
        return cls(mean, _unit(flat - mean))

    def nearest(self, latents: Tensor) -> Tensor:
        """Return the distance of each clip to the nearest training clip, (clips,), 0 to 2."""
        likeness: Tensor = _unit(latents.flatten(1) - self.mean) @ self.directions.T
        return 1 - likeness.amax(1)


def copies(distances: Tensor, of_new_clips: Tensor) -> float:
    """Return the share of clips nearer to training than all but 1 % of real new clips are."""
    return float((distances < torch.quantile(of_new_clips, 0.01)).float().mean())


def _unit(vectors: Tensor) -> Tensor:
    return vectors / vectors.norm(dim=1, keepdim=True).clamp_min(1e-9)
