"""What a user may know of a window: everything up to a cut, after it, around a hole, or inside one.

The masks that a denoiser is trained to fill: continuing, leading in, mending a hole, and growing
to both sides.
"""

import torch
from torch import Tensor

from engine.training.draws import integers, uniform


def random_keep_mask(size: int, frames: int, draw: torch.Generator) -> Tensor:
    """Return masks (size, frames), 1 where the latents are known; each kind equally often.

    Cuts lie between 10 and 90 % of the window: from ten frames on, something is known and
    something new.
    """
    cuts = ((0.1 + 0.8 * uniform(draw, size, 2)) * frames).floor()
    first, last = cuts.amin(1, keepdim=True), cuts.amax(1, keepdim=True)
    place = torch.arange(frames, device=draw.device)[None]
    inside = (place >= first) & (place <= last)
    kinds = torch.stack([place < first, place > last, ~inside, inside]).float()
    return kinds[integers(draw, len(kinds), size), torch.arange(size, device=draw.device)]
