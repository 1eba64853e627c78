"""What a job does without when the device's memory runs out, one step after the other.

Takes and windows are made one at a time in any case, so what remains is what one window holds at
once: the activations of its gradient, and its decoder's.

The first step changes not a bit of the music. Decoding in short windows changes its rounding, and
only where a model's decoder hears less far than such a window does it save anything.
"""

from dataclasses import dataclass

import torch

from engine.device import free_bytes, total_bytes
from engine.errors import DeviceMemoryError, ModelTooLargeError


@dataclass(frozen=True)
class Frugality:
    """`sparing`: recompute as much as there is to recompute. `decode_share` of the model's longest
    window is decoded at a time. `told` is a sentence for the user."""

    sparing: bool = False
    decode_share: float = 1.0
    told: str = ""


LAVISH = Frugality()
LADDER = (
    LAVISH,
    Frugality(sparing=True, told="Memory ran out: going on with less of it, and slower."),
    Frugality(
        sparing=True,
        decode_share=0.25,
        told="Memory ran out again: going on with as little of it as possible.",
    ),
)
"""As memory allows, then ever less of it."""

_OUT_OF_MEMORY = ("DefaultCPUAllocator", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""What is said without a type of its own: of the main memory, by CUDA itself and by its library."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Return whether less memory would have prevented this error."""
    if isinstance(error, ModelTooLargeError):
        return False
    if isinstance(error, torch.OutOfMemoryError | MemoryError | DeviceMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _OUT_OF_MEMORY)


def not_enough_memory(device: torch.device) -> DeviceMemoryError:
    """Return what to tell the user when the end of the ladder is reached."""
    free, total = free_bytes(device) / 2**30, total_bytes(device) / 2**30
    return DeviceMemoryError(
        "This job does not fit into the memory, not even when it takes as little as it can: "
        f"{free:.1f} of {total:.1f} GiB are free. Choose a shorter stretch or a smaller model, or "
        "close other programs."
    )
