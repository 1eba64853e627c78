"""A device that no machine has, to find what would break on a GPU where there is none.

Its tensors say that they are on "meta" and lie, with their values, on the CPU. Computing with one
of them and one of the CPU's fails as it does between CPU and GPU; so does drawing there from the
CPU's generator. What a GPU allows is allowed: copies from one to the other, and indices that lie on
the CPU. Not even single numbers may be mixed, which a GPU would let pass in some operations.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

ELSEWHERE = torch.device("meta")
COPIES = ("aten::copy_",)
INDEXED = ("aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")


class MixedDevicesError(RuntimeError):
    """One operation on tensors of two devices."""


class Far(Tensor):
    """A tensor elsewhere; `near` is where its values really are."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> "Far":
        made = Tensor._make_wrapper_subclass(
            cls,
            near.shape,
            strides=near.stride(),
            storage_offset=near.storage_offset(),
            dtype=near.dtype,
            device=ELSEWHERE,
        )
        made.near = near
        return made

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func: object, *_: object) -> Any:
        raise AssertionError(f"{func} outside `elsewhere`")

    def tolist(self) -> Any:
        """Return the values, as a tensor of a GPU does."""
        return self.near.tolist()

    def new_tensor(self, data: Any) -> Tensor:
        """Return `data` elsewhere, as a tensor of a GPU does on its own device."""
        return torch.tensor(data, dtype=self.dtype).to(ELSEWHERE)


class _Elsewhere(TorchDispatchMode):
    def __torch_dispatch__(
        self, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        leaves = tree_leaves((args, kwargs))
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        is_far = any(isinstance(each, Far) for each in tensors)
        if kwargs.get("device") is not None:
            is_far = torch.device(kwargs["device"]) == ELSEWHERE
            kwargs["device"] = torch.device("cpu")
        else:
            _require_one_device(func, args, tensors)
        if is_far and any(isinstance(leaf, torch.Generator) for leaf in leaves):
            raise MixedDevicesError(f"{func} draws elsewhere from a generator of the CPU")
        given = {id(_near(each)): each for each in tensors}
        # Down here nobody remembers that a view stands for its conjugate.
        func = (
            torch.ops.aten.conj_physical.default if func is torch.ops.aten._conj.default else func
        )
        result = func(*tree_map(_near, args), **tree_map(_near, kwargs))

        def placed(value: Any) -> Any:
            if not isinstance(value, Tensor):
                return value
            # What was changed in place stays where it is.
            return given[id(value)] if id(value) in given else Far(value) if is_far else value

        return tree_map(placed, result)


def _near(value: Any) -> Any:
    return value.near if isinstance(value, Far) else value


def _require_one_device(func: Any, args: tuple[Any, ...], tensors: list[Tensor]) -> None:
    name = func.overloadpacket._qualified_op_name
    if name in COPIES:
        return
    if name in INDEXED and isinstance(args[0], Far):
        tensors = [each for each in (args[0], *args[2:]) if isinstance(each, Tensor)]
    if len({isinstance(each, Far) for each in tensors}) > 1:
        shapes = [
            f"{tuple(t.shape)} {'elsewhere' if isinstance(t, Far) else 'cpu'}" for t in tensors
        ]
        raise MixedDevicesError(f"{func} of {', '.join(shapes)}")


@contextmanager
def elsewhere() -> Iterator[None]:
    """Let there be that device."""
    with _Elsewhere(), same_arithmetic():
        yield


@contextmanager
def same_arithmetic() -> Iterator[None]:
    """Compute on the CPU as `elsewhere` does, bit by bit: without what only the CPU has."""
    was = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was)
