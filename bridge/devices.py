"""The GPUs that there are, counted without torch, which the front never loads."""

import os
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import takewhile
from pathlib import Path

VARIABLE = "CUDA_VISIBLE_DEVICES"
"""What CUDA reads: the devices that a process sees, by number, UUID or MIG name."""
NO_DEVICE = ("", "-1")
"""CUDA sees none of those that are named after one of these."""


def devices(
    environment: Mapping[str, str] = os.environ, *, nodes: Path = Path("/dev")
) -> tuple[str, ...]:
    """Return what each worker is to get as CUDA_VISIBLE_DEVICES: one GPU for each.

    ("",) where there is no GPU: one worker, and nothing is said to it.
    """
    if _torch_knows_no_gpu():
        return ("",)
    chosen = environment.get(VARIABLE)
    if chosen is None:
        # By rank, not by the node's number: a container may have the second GPU alone.
        found = [node for node in nodes.glob("nvidia*") if re.search(r"nvidia\d+$", node.name)]
        names = [str(rank) for rank in range(len(found))]
    else:
        listed = (name.strip() for name in chosen.split(","))
        names = list(takewhile(lambda name: name not in NO_DEVICE, listed))
    return tuple(names) or ("",)


def _torch_knows_no_gpu() -> bool:
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return True
