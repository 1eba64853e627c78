"""The state of a search on disk: one safetensors file, written whole or not at all.

    OptimizerState <-> tensors and text by name <-> file

Tensors keep every bit; numbers are written in the shortest decimal form that reads back the same.
"""

import os
from dataclasses import fields
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from engine.errors import EngineError
from engine.optimizer import OptimizerState

Tensors = dict[str, Tensor]
Text = dict[str, str]


def to_tensors(state: OptimizerState) -> tuple[Tensors, Text]:
    """Return `state` as tensors by name and numbers as text by name."""
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    tensors = {name: value for name, value in values.items() if isinstance(value, Tensor)}
    numbers = {
        name: repr(value) for name, value in values.items() if isinstance(value, int | float)
    }
    return tensors, numbers


def from_tensors(
    tensors: Tensors, text: Text, *, device: torch.device | str = "cpu"
) -> OptimizerState:
    """Return the state that `to_tensors` took apart, on `device`; other names are ignored."""
    generator_state = tensors.get("generator_state")
    return OptimizerState(
        x_T=tensors["x_T"].to(device),
        mean=tensors["mean"].to(device),
        square=tensors["square"].to(device),
        best_x_T=tensors["best_x_T"].to(device),
        iteration=int(text["iteration"]),
        best_loss=float(text["best_loss"]),
        best_iteration=int(text["best_iteration"]),
        reference_loss=float(text["reference_loss"]),
        reference_iteration=int(text["reference_iteration"]),
        # Generators keep their state on the CPU, whatever they draw for.
        generator_state=None if generator_state is None else generator_state.cpu(),
    )


def write(path: Path, tensors: Tensors, text: Text) -> None:
    """Write all to `path`, replacing what is there in one stroke."""
    # Cloned: two names may share one tensor (x_T may be the best one), which the format refuses.
    separate = {
        name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()
    }
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        file.write(save(separate, metadata=text))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(path: Path) -> tuple[Tensors, Text]:
    """Return what `write` wrote. Raises EngineError if `path` is missing or damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise EngineError(
            f"The checkpoint {path.name} cannot be read ({error}). Start the job again."
        ) from error
