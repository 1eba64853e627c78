"""The GPUs that there are, counted without torch, which the front never loads."""

import os
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import takewhile
from pathlib import Path

from bridge.errors import MissingGpuError
from bridge.supervisor import PYTHON

CHECK = (*PYTHON, "-m", "bridge.worker.gpu")
CHECK_SECONDS = 180.0
VARIABLE = "CUDA_VISIBLE_DEVICES"
"""What CUDA reads: the devices that a process sees, by number, UUID or MIG name."""
ONE_WORKER = ("",)
"""It is told nothing of devices."""
NO_DEVICE = ("", "-1")
"""CUDA sees none of those that are named after one of these."""


def devices(
    environment: Mapping[str, str] = os.environ, *, nodes: Path = Path("/dev")
) -> tuple[str, ...]:
    """Return what each worker is to get as CUDA_VISIBLE_DEVICES: one GPU for each.

    ONE_WORKER where there is no GPU.
    """
    if _torch_knows_no_gpu():
        return ONE_WORKER
    chosen = environment.get(VARIABLE)
    if chosen is None:
        # By rank, not by the node's number: a container may have the second GPU alone.
        found = [node for node in nodes.glob("nvidia*") if re.search(r"nvidia\d+$", node.name)]
        names = [str(rank) for rank in range(len(found))]
    else:
        listed = (name.strip() for name in chosen.split(","))
        names = list(takewhile(lambda name: name not in NO_DEVICE, listed))
    return tuple(names) or ONE_WORKER


def require_gpu() -> None:
    """Raise MissingGpuError where no music can be made on a GPU.

    A process of its own tries it with torch, which takes seconds.
    """
    try:
        done = subprocess.run(CHECK, capture_output=True, text=True, timeout=CHECK_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise MissingGpuError(
            f"The GPU did not answer within {CHECK_SECONDS:.0f} s. Choose the CPU instead."
        ) from error
    if done.returncode != 0:
        raise MissingGpuError((done.stderr.strip().splitlines() or ["The GPU does not work."])[-1])


def _torch_knows_no_gpu() -> bool:
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return True
