"""A device that no machine has, to find on any machine what would break on a GPU.

Its tensors say that they are on "meta" and lie, with their values, on the CPU. Computing with one
of them and one of the CPU's fails as it does between GPU and CPU; so does drawing there from the
CPU's generator. What a GPU allows is allowed: copies from one to the other, and indices that lie on
the CPU. Not even single numbers may be mixed, which a GPU lets pass in some operations.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode

ELSEWHERE = torch.device("meta")
CPU = torch.device("cpu")
ATEN = torch.ops.aten
COPIES = (ATEN.copy_,)
WITH_INDICES = (ATEN.index, ATEN.index_put, ATEN.index_put_, ATEN._index_put_impl_)


class MixedDevicesError(RuntimeError):
    """One operation on tensors of two devices."""


class Far(Tensor):
    """A tensor elsewhere; `near` is where its values really are."""

    near: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

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

    @classmethod
    def __torch_dispatch__(cls, func: object, *_: object) -> Any:
        raise AssertionError(f"{func} outside `elsewhere`")

    # What torch does not ask the mode about: as a tensor on a GPU answers.

    def tolist(self) -> Any:
        return self.near.tolist()

    def new_tensor(self, data: Any) -> Tensor:
        return torch.tensor(data, dtype=self.dtype).to(ELSEWHERE)


class _Elsewhere(TorchDispatchMode):
    def __torch_dispatch__(
        self, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        named = dict(kwargs or {})
        leaves = _leaves([*args, *named.values()])
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        is_far = any(isinstance(each, Far) for each in tensors)
        if named.get("device") is not None:
            is_far = named["device"] == ELSEWHERE
            named["device"] = CPU
        else:
            _require_one_device(func, args, tensors)
        if is_far and any(isinstance(leaf, torch.Generator) for leaf in leaves):
            raise MixedDevicesError(f"{func} draws elsewhere from a generator of the CPU")
        if torch.Tag.inplace_view in func.tags and is_far:
            with no_dispatch():  # what the tensor says of its own shape
                func(*args, **named)
        # Down here nobody remembers that a view stands for its conjugate.
        func = ATEN.conj_physical.default if func is ATEN._conj.default else func
        given = {id(each.near if isinstance(each, Far) else each): each for each in tensors}
        result = func(*_near(args), **{name: _near(value) for name, value in named.items()})
        return _placed(result, given, is_far=is_far)


def _leaves(values: Sequence[Any]) -> list[Any]:
    found = []
    for value in values:
        found += _leaves(value) if isinstance(value, list | tuple) else [value]
    return found


def _near(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_near, value))
    return value.near if isinstance(value, Far) else value


def _placed(value: Any, given: dict[int, Tensor], *, is_far: bool) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_placed(each, given, is_far=is_far) for each in value)
    if not isinstance(value, Tensor):
        return value
    # What was changed in place stays where it is.
    return given[id(value)] if id(value) in given else Far(value) if is_far else value


def _require_one_device(func: Any, args: tuple[Any, ...], tensors: Sequence[Tensor]) -> None:
    if func.overloadpacket in COPIES:
        return
    if func.overloadpacket in WITH_INDICES and isinstance(args[0], Far):
        tensors = [each for each in (args[0], *args[2:]) if isinstance(each, Tensor)]
    if len({isinstance(each, Far) for each in tensors}) > 1:
        told = ", ".join(f"{tuple(each.shape)} on {each.device}" for each in tensors)
        raise MixedDevicesError(f"{func} of {told}")


@contextmanager
def elsewhere() -> Iterator[None]:
    """Let there be that device."""
    with _Elsewhere(), same_arithmetic():
        yield


@contextmanager
def same_arithmetic() -> Iterator[None]:
    """Compute on the CPU as `elsewhere` does, bit by bit: without what only the CPU has."""
    had = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(had)
