"""From a folder to frozen networks: diffusers' own loaders, off the network and off pickles."""

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from engine.errors import UnknownModelError


def load_parts(pipeline: Any, folder: Path, device: torch.device, **instead: Any) -> Any:
    """Return `pipeline` (its class) with its parts on `device`, in 32 bits and frozen.

    Parts named in `instead` are taken from there, None for those that are not needed.
    """
    loaded = pipeline.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        low_cpu_mem_usage=False,  # which would need another package
        **instead,
    )
    for name, part in loaded.components.items():
        if isinstance(part, nn.Module):
            _require_all_weights(folder / name, part)
            part.float().to(device).eval().requires_grad_(False)
    return loaded


def _require_all_weights(folder: Path, part: nn.Module) -> None:
    """Raise UnknownModelError where weights are missing: they would be drawn at random, unsaid."""
    wanted, found = len(list(part.parameters())), 0
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "pt") as weights:
            found += len(weights.keys())
    if found < wanted:
        raise UnknownModelError(
            f"The model in {folder.parent} is incomplete: its {folder.name} has {found} of "
            f"{wanted} weights. Download or convert it again."
        )
