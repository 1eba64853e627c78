"""From a folder to frozen networks: diffusers' own loaders, off the network and off pickles."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.utils import logging as diffusers_output
from safetensors import safe_open
from torch import nn
from transformers.utils import logging as transformers_output

from engine.errors import UnknownModelError


def load_parts(pipeline: Any, folder: Path, device: torch.device, **instead: Any) -> Any:
    """Return `pipeline` (its class) with its parts on `device`, in 32 bits and frozen.

    Parts named in `instead` are taken from there, None for those that are not needed.
    """
    # The other way to load, in less memory, would need another package.
    loaded = load_part(pipeline, folder, low_cpu_mem_usage=False, **instead)
    for name, part in loaded.components.items():
        if isinstance(part, nn.Module):
            _require_all_weights(folder / name, part)
            part.float().to(device).eval().requires_grad_(False)
    return loaded


def load_part(kind: Any, folder: Path, **more: Any) -> Any:
    """Return what `kind` (a class of diffusers or transformers) reads from `folder`."""
    with _without_progress_bars():
        return kind.from_pretrained(folder, local_files_only=True, use_safetensors=True, **more)


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Keep both libraries from drawing bars: what loads a model is no terminal but a daemon."""
    drawing = [
        each for each in (diffusers_output, transformers_output) if each.is_progress_bar_enabled()
    ]
    for output in drawing:
        output.disable_progress_bar()
    try:
        yield
    finally:
        for output in drawing:
            output.enable_progress_bar()


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
