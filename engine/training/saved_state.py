"""A training run on disk: weights, their average, the optimizer, and how far it got."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

Trained = TypeVar("Trained", bound=nn.Module)


@dataclass
class Run(Generic[Trained]):
    """All that a training run changes; `seconds` of training, over all its sittings."""

    model: Trained
    average: Trained
    optimizer: torch.optim.Optimizer
    step: int = 0
    samples: int = 0
    seconds: float = 0.0

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Move the average towards the model, by 1 - `decay` of the way."""
        for kept, new in zip(self.average.parameters(), self.model.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)

    def save(self, path: Path) -> None:
        """Write everything to `path`, whole or not at all."""
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{k}": v for k, v in state.items()}
        tensors = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}
        numbers = {name: str(getattr(self, name)) for name in ("step", "samples", "seconds")}
        temporary = path.with_suffix(".tmp")
        save_file(tensors, temporary, metadata=numbers)
        temporary.replace(path)

    def restore(self, path: Path) -> None:
        """Go back to what `save` wrote; nothing happens where there is no such file."""
        if not path.exists():
            return
        tensors = load_file(path)
        for name, module in (("model", self.model), ("average", self.average)):
            prefix = f"{name}."
            module.load_state_dict(
                {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            )
        state = self.optimizer.state_dict()
        for name, tensor in tensors.items():
            if name.startswith("optimizer."):
                _, number, key = name.split(".")
                state["state"].setdefault(int(number), {})[key] = tensor
        self.optimizer.load_state_dict(state)
        with safe_open(path, framework="pt") as file:
            numbers = file.metadata()
        self.step, self.samples = int(numbers["step"]), int(numbers["samples"])
        self.seconds = float(numbers["seconds"])
