"""The state of a search as what a safetensors file holds: tensors by name and text by name.

Nothing is lost: tensors keep every bit, numbers are written in the shortest decimal form that reads
back as the same number. Files are the caller's affair.
"""

import json
from dataclasses import fields

import torch
from torch import Tensor

from engine.optimizer import OptimizerState

Tensors = dict[str, Tensor]
Text = dict[str, str]

_BY_NAME = ("first_losses", "best_losses", "balance")


def to_tensors(state: OptimizerState) -> tuple[Tensors, Text]:
    """Return `state` as tensors by name and everything else as text by name.

    Two names may share one tensor (the present x_T may be the best one).
    """
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    tensors = {name: value for name, value in values.items() if isinstance(value, Tensor)}
    numbers = {
        name: repr(value) for name, value in values.items() if isinstance(value, int | float)
    }
    by_name = {name: json.dumps(dict(getattr(state, name))) for name in _BY_NAME}
    return tensors, numbers | by_name


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
        handed_over=int(text["handed_over"]),
        **{name: json.loads(text[name]) for name in _BY_NAME},
        # Generators keep their state on the CPU, whatever they draw for.
        generator_state=None if generator_state is None else generator_state.cpu(),
    )
