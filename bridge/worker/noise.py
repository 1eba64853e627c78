"""The noise of a take as a blob: safetensors with "x_T.0", "x_T.1", ..., one for each window.

Each is (1, latent channels, latent frames), float32. Whether they fit the model and the windows of
a new job is the engine's to say.
"""

from collections.abc import Sequence

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from engine.errors import EngineError
from engine.shapes import Noise
from plugin_protocol.values import NOISE_BYTES

HINT = "Send the blob that a result names as its noise."


class InvalidNoiseError(EngineError):
    """A blob is not the noise of a take."""

    code = "INVALID_NOISE"


def noise_blob(noise: Sequence[Noise]) -> bytes | None:
    """Return the blob, None where there is no noise or more than a blob of it may hold."""
    # Cloned: safetensors refuses tensors that share memory.
    tensors = {
        _name(window): x_t.detach()
        .to("cpu", torch.float32)
        .clone(memory_format=torch.contiguous_format)
        for window, x_t in enumerate(noise)
    }
    data: bytes = save(tensors)
    return data if noise and len(data) <= NOISE_BYTES else None


def noise_from(data: bytes) -> tuple[Noise, ...]:
    """Return the noise of each window. Raises InvalidNoiseError for all but such a blob."""
    if len(data) > NOISE_BYTES:
        raise _wrong(f"has {len(data)} bytes; {NOISE_BYTES} is the limit")
    try:
        tensors = load(data)
    except (SafetensorError, KeyError, RuntimeError, ValueError) as error:
        raise _wrong("is no safetensors file") from error
    names = [_name(window) for window in range(len(tensors))]
    if not names or set(tensors) != set(names):
        got = ", ".join(sorted(tensors)[:4])[:100] or "nothing"
        raise _wrong(f"must hold {_name(0)}, {_name(1)} and so on, and nothing else; got {got}")
    for name in names:
        _check(name, tensors[name])
    return tuple(tensors[name] for name in names)


def _check(name: str, x_t: torch.Tensor) -> None:
    if x_t.dtype != torch.float32:
        raise _wrong(f"must hold float32; {name} is {str(x_t.dtype).removeprefix('torch.')}")
    if x_t.dim() != 3 or x_t.shape[0] != 1 or x_t.numel() == 0:
        shape = " x ".join(str(size) for size in x_t.shape) or "a single number"
        raise _wrong(f"must hold 1 x channels x frames for each window; {name} is {shape}")
    if not x_t.isfinite().all():
        raise _wrong(f"holds values in {name} that are infinite or not a number")


def _wrong(what: str) -> InvalidNoiseError:
    return InvalidNoiseError(f"The noise to start from {what}. {HINT}")


def _name(window: int) -> str:
    return f"x_T.{window}"
