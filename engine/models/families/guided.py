"""Calling a diffusers network: both branches of guidance at once, its blocks recomputed or not.

    w cond + (1 - w) uncond     w = 1 is off

Source: Ho and Salimans 2022, arXiv:2207.12598.
"""

import copy
from collections.abc import Callable
from itertools import chain
from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.models.music_model import Conditioning
from engine.shapes import Latents, PerItem

Told = dict[str, Tensor]
# (x_t, t, what it is told) -> the network's output, whatever that predicts.
Network = Callable[[Tensor, Tensor, Told], Tensor]

Module = TypeVar("Module", bound=nn.Module)


def guided(network: Network, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
    """Return the network's output with guidance applied."""
    free, told = branches(network, x_t, t, conditioning)
    return told if free is None else free + conditioning.guidance * (told - free)


def branches(
    network: Network, x_t: Latents, t: PerItem, conditioning: Conditioning
) -> tuple[Latents | None, Latents]:
    """Return the network's outputs without the prompt (None: guidance is off) and with it.

    One call, of twice the batch.
    """
    given = _for_batch(conditioning.given, x_t)
    if conditioning.without is None or conditioning.guidance == 1:
        return None, network(x_t, t, given)
    without = _for_batch(conditioning.without, x_t)
    both = {name: torch.cat([without[name], value]) for name, value in given.items()}
    free, told = network(torch.cat([x_t, x_t]), torch.cat([t, t]), both).chunk(2)
    return free, told


def recomputing(network: Module) -> Module:
    """Return a twin that shares all weights and recomputes its blocks in the backward pass."""
    shared = {id(each): each for each in chain(network.parameters(), network.buffers())}
    twin = copy.deepcopy(network, shared)
    twin.enable_gradient_checkpointing()  # type: ignore[operator]
    return twin


def _for_batch(told: Told, x_t: Tensor) -> Told:
    return {k: v.expand(len(x_t), *v.shape[1:]).to(x_t.device) for k, v in told.items()}
