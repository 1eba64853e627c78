"""What may be changed about a daemon: one value, read once, handed down."""

import sys
from dataclasses import dataclass, field

from bridge.paths import Paths, locate

# -P keeps the current folder off the import path: a producer's project folder may well hold an
# `engine`. Unlike -I it leaves PYTHONPATH and the user's site-packages, where we may be installed.
PYTHON = (sys.executable, "-P")


@dataclass(frozen=True)
class Settings:
    """A daemon's settings. `model` is loaded at start, so that the first job need not wait."""

    paths: Paths = field(default_factory=locate)
    worker_command: tuple[str, ...] = (*PYTHON, "-m", "bridge.worker")
    model: str = "embedded"
    checkpoint_seconds: float = 2.0
    preview_seconds: float = 2.0
