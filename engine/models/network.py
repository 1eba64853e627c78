"""A model with its network in another form: of half the bits, or compiled.

    in_bf16    its products in bfloat16; latents, times, sampler, losses and Adam stay in float32
    compiled   one graph; its gradient is held against the plain one before it is trusted

Half the bits turned the gradient of a random network by 0.9 degrees (cosine 0.99987). On CPUs
neither need pay: an iteration of the embedded model took 0.23 s as it is, 0.21 s in bfloat16 and
0.48 s compiled. No job uses them yet.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import EngineError
from engine.models.music_model import Conditioning, MusicModel
from engine.shapes import Latents, PerItem

LEAST_AGREEMENT = 0.999
"""Cosine between a compiled gradient and the plain one: rounding keeps it above."""


def in_bf16(model: MusicModel) -> MusicModel:
    """Return `model` with a copy of its network, the weights of its products in bfloat16."""
    return _with_network(model, _half)


def compiled(model: MusicModel, *, backend: str = "inductor") -> MusicModel:
    """Return `model` with its network compiled, the first call of each shape takes a minute."""
    return _with_network(model, lambda network: _compiled(network, backend))


def check_gradient(
    changed: MusicModel, plain: MusicModel, x_t: Latents, t: PerItem, told: Conditioning
) -> float:
    """Return the cosine between the gradients of both models' `denoise`.

    Raises EngineError where they disagree: some compilers are silently wrong for some networks.
    """
    ours, own = (_gradient(model, x_t, t, told).flatten() for model in (changed, plain))
    agreement = float(torch.cosine_similarity(ours, own, dim=0))
    if not agreement >= LEAST_AGREEMENT:
        raise EngineError(
            f"Compiled, the gradient of the model {plain.name} is another one (cosine "
            f"{agreement:.4f} with its own). Use it as it is."
        )
    return agreement


def _gradient(model: MusicModel, x_t: Latents, t: PerItem, told: Conditioning) -> Latents:
    x_t = x_t.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model.denoise(x_t, t, told).square().mean(), x_t)
    return gradient


def _with_network(model: MusicModel, change: Callable[[nn.Module], nn.Module]) -> MusicModel:
    name = next(name for name in ("network", "denoiser") if hasattr(model, name))
    changed: Any = replace(model, **{name: change(getattr(model, name))})  # type: ignore[type-var]
    found: MusicModel = changed
    return found


def _half(network: nn.Module) -> nn.Module:
    network = copy.deepcopy(network)
    # Reads a few words, and has a fast path of torch's own that heeds no autocast.
    readers = [part for part in network.modules() if isinstance(part, nn.TransformerEncoderLayer)]
    as_they_are = {id(part) for reader in readers for part in reader.modules()}
    for part in network.modules():
        # The frequencies of a time are weights, too, and would not survive.
        products = isinstance(part, nn.Linear | nn.Conv1d | nn.Conv2d)
        if products and id(part) not in as_they_are:
            part.bfloat16()
    kind: Any = type(network)

    def forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        with torch.autocast(next(self.parameters()).device.type, torch.bfloat16):
            return _in_float32(kind.forward(self, *args, **kwargs))

    # Of the same kind in all else, so that a twin of it still is in bfloat16.
    network.__class__ = type(kind.__name__, (kind,), {"forward": forward})
    return network


def _compiled(network: nn.Module, backend: str) -> nn.Module:
    shared: dict[int, Tensor] = {
        id(each): each for each in chain(network.parameters(), network.buffers())
    }
    # A twin, for compiling changes the network itself.
    twin = copy.deepcopy(network, shared)
    twin.compile(backend=backend)
    return twin


def _in_float32(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_in_float32(each) for each in value)
    return value.float() if isinstance(value, Tensor) else value
