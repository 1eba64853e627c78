"""What a computation holds in memory, counted in tensors, on any device.

Counts the storages born while it runs: activations, gradients, temporaries, recomputed or not.
What was there before (weights, x_T) is not counted, nor are the allocator's own losses.
"""

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.shapes import Latents, PerItem


class LiveBytes(TorchDispatchMode):
    """Counts, between `with` and its end, the bytes of new tensors: alive `now` and at the `peak`.

    A tensor that dies later is still taken off `now`. `before` are the bytes of the tensors that
    were there already and were used: weights, conditioning, x_T.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = 0
        self.peak = 0
        self.before = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one operation; what it returns in storage of its own is new."""
        del types
        kwargs = kwargs or {}
        for storage in _storages((args, kwargs)):
            if storage._cdata not in self._known:
                self._known.add(storage._cdata)
                self.before += storage.nbytes()
        result = func(*args, **kwargs)
        for storage in _storages(result):
            if storage._cdata not in self._known:
                self._born(storage)
        return result

    def _born(self, storage: torch.UntypedStorage) -> None:
        # The address is the storage's identity: all views of it share it.
        address, size = storage._cdata, storage.nbytes()
        self._known.add(address)
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._died, address, size)

    def _died(self, address: int, size: int) -> None:
        self._known.discard(address)
        self.now -= size


def _storages(tree: object) -> list[torch.UntypedStorage]:
    return [leaf.untyped_storage() for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def activation_bytes(denoise: Callable[[Latents, PerItem], Latents], x_T: Latents) -> int:
    """Return what one call of `denoise` keeps for its backward pass, in bytes."""
    x_t = x_T.detach().clone().requires_grad_()
    with torch.enable_grad(), LiveBytes() as live:
        x_0 = denoise(x_t, torch.ones_like(x_t[:, 0, 0]))
        kept: int = live.now
    del x_0
    return kept
