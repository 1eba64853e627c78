"""How phases turn -> phases: from frame to frame, away from what is known.

    magnitudes, advance and slope (batch, bins, frames)  ->  unit numbers (batch, bins, frames)

Each frame turns on from the one before it and then agrees within itself, bin by bin. Beside known
audio the first half of a gap goes on from its left edge, the second comes to its right edge, and
what does not fit meets in the middle, away from both seams.

Source of the idea: Masuyama et al. 2020, "Phase reconstruction based on recurrent phase unwrapping
with deep neural networks", arXiv:2002.05832.
"""

from math import inf

import torch
from torch import Tensor

ROUNDS = 3
"""How often the bins of one frame look at each other; six are no better."""
TINY = 1e-30
"""Single precision divides shorter numbers by their own length to anything, or to nothing."""


def sweep(
    magnitude: Tensor,
    advance: Tensor,
    slope: Tensor,
    *,
    known: Tensor | None = None,
    fixed: Tensor | None = None,
) -> Tensor:
    """Return phases as complex numbers of length 1.

    `advance` is the expected turn since the frame before, `slope` that to the next higher bin,
    both complex and within 1. `known` (batch, bins, frames) is a complex spectrum whose phases
    stay where `fixed` (frames) is true.
    """
    frames = magnitude.shape[-1]
    along = slope[:, :-1]
    # Nothing precedes the first frame: its phases follow each other, whatever the first one is.
    climb = torch.cat([torch.zeros_like(along[:, :1, 0].real), along[..., 0].angle()], dim=1)
    begin = torch.polar(torch.ones_like(climb), climb.cumsum(dim=1))
    if fixed is None or known is None or not fixed.any():
        fixed = torch.zeros(frames, dtype=torch.bool)
        phases = torch.zeros_like(advance)
    else:
        phases = _unit(known, torch.ones_like(known)) * fixed
    kept = fixed.tolist()
    loudness = magnitude.sqrt()

    def settle(frame: int, neighbour: int, turn: Tensor) -> Tensor:
        pull = turn * phases[..., neighbour] * loudness[..., frame] * loudness[..., neighbour]
        made = _unit(pull, phases[..., neighbour])
        for _ in range(ROUNDS):
            sound, climbing = made * magnitude[..., frame], along[..., frame]
            around = pull.clone()
            around[:, 1:] += climbing * sound[:, :-1]
            around[:, :-1] += climbing.conj() * sound[:, 1:]
            made = _unit(around, made)
        return made

    backwards = _nearer_to_the_right(kept)
    for frame in range(frames):
        if frame == 0 and not kept[0]:
            phases[..., 0] = begin
        elif not kept[frame] and not backwards[frame]:
            phases[..., frame] = settle(frame, frame - 1, advance[..., frame])
    for frame in reversed(range(frames - 1)):
        if backwards[frame]:
            phases[..., frame] = settle(frame, frame + 1, advance[..., frame + 1].conj())
    return phases


def _nearer_to_the_right(kept: list[bool]) -> list[bool]:
    """Return, per frame, whether the next kept frame is nearer than the last one."""
    until = _since(kept[::-1])[::-1]
    return [after < before for before, after in zip(_since(kept), until, strict=True)]


def _since(kept: list[bool]) -> list[float]:
    """Return how many frames ago one was kept, infinity before the first."""
    ago = inf
    return [ago := 0.0 if keep else ago + 1 for keep in kept]


def _unit(numbers: Tensor, otherwise: Tensor) -> Tensor:
    """Return `numbers` with length 1, `otherwise` where they are too short to have a direction."""
    return torch.where(numbers.abs() < TINY, otherwise, torch.sgn(numbers))
