"""Random tensors, made on the device of the generator that they are drawn from."""

import torch
from torch import Tensor


def uniform(draw: torch.Generator, *size: int) -> Tensor:
    """Return numbers in [0, 1)."""
    return torch.rand(size, generator=draw, device=draw.device)


def normal(draw: torch.Generator, *size: int) -> Tensor:
    """Return numbers of mean 0 and deviation 1."""
    return torch.randn(size, generator=draw, device=draw.device)


def integers(draw: torch.Generator, below: int, *size: int) -> Tensor:
    """Return integers from 0 to `below` - 1."""
    return torch.randint(below, size, generator=draw, device=draw.device)
