"""Networks that know how they were built, and folders that hold them.

A folder has config.json, the arguments of the constructor, and weights.safetensors, in several
numbered files where one would be larger than 15 MiB. Nothing in it is code, and nothing is
downloaded.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

CONFIG = "config.json"
WEIGHTS = "weights*.safetensors"
LARGEST_FILE = 15 << 20

Network = TypeVar("Network", bound="SavedNetwork")


class SavedNetwork(nn.Module):
    """A module whose `config` holds every argument that it was made with, defaults included."""

    config: SimpleNamespace

    def __new__(cls: type[Network], *arguments: Any, **named: Any) -> Network:
        """Keep the arguments before the constructor sees them."""
        made = nn.Module.__new__(cls)
        bound = inspect.signature(cls.__init__).bind(made, *arguments, **named)
        bound.apply_defaults()
        values = dict(list(bound.arguments.items())[1:])
        made.config = SimpleNamespace(**values)
        return made

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(tensor.device for tensor in self.state_dict().values())

    @classmethod
    def from_pretrained(cls: type[Network], folder: Path) -> Network:
        """Return the network in `folder`, on the CPU, in single precision."""
        arguments = json.loads((folder / CONFIG).read_text())
        made = cls(**arguments)
        files = sorted(folder.glob(WEIGHTS))
        made.load_state_dict({k: v for file in files for k, v in load_file(file).items()})
        return made

    def save_pretrained(self, folder: Path) -> None:
        """Write config and weights, in their present precision, into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        config = json.dumps(vars(self.config), indent=2, sort_keys=True)
        (folder / CONFIG).write_text(config + "\n")
        for old in folder.glob(WEIGHTS):
            old.unlink()
        parts = list(_parts(self.state_dict()))
        for number, part in enumerate(parts, start=1):
            suffix = f"-{number}" if len(parts) > 1 else ""
            save_file(part, folder / WEIGHTS.replace("*", suffix))


def _parts(tensors: dict[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """Split `tensors`, in their order, into parts of at most LARGEST_FILE bytes."""
    part: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if part and sum(t.nbytes for t in part.values()) + tensor.nbytes > LARGEST_FILE:
            yield part
            part = {}
        part[name] = tensor.contiguous()
    yield part
