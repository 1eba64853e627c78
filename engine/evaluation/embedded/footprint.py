"""What the shipped weights weigh, and how long a fresh process takes to load them."""

import statistics
import subprocess
import sys
from pathlib import Path

from engine.models.embedded import WEIGHTS

ROUNDS = 3
# Imports are not counted: every program that loads a model has torch loaded.
LOADING = """
import time
from engine.models.embedded import load
began = time.perf_counter()
load()
print(time.perf_counter() - began)
"""


def megabytes(folder: Path = WEIGHTS) -> float:
    """Return the size of all weights in a model folder, in MB of a million bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors")) / 1e6


def loading_seconds() -> float:
    """Return how long `embedded` takes to load, the median of ROUNDS fresh processes."""
    command = [sys.executable, "-c", LOADING]
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(ROUNDS)
    ]
    return statistics.median(float(run.stdout) for run in runs)
