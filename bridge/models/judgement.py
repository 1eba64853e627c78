"""Whether the engine could use a model: asked of a process of its own, which may load torch."""

import subprocess
from pathlib import Path

from bridge.errors import ModelError
from bridge.supervisor import PYTHON

JUDGE = (*PYTHON, "-m", "bridge.worker.judge")
SECONDS = 180.0
UNUSABLE = 3
"""The exit status with which the judge says why not."""


def require_usable(folder: Path) -> None:
    """Return if the engine can use the model in `folder`; else raise ModelError."""
    try:
        done = subprocess.run(
            [*JUDGE, str(folder)], capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"The engine did not look at the model within {SECONDS:.0f} s. `ditto doctor` says "
            "what may keep it from that."
        ) from None
    if done.returncode == UNUSABLE:
        raise ModelError(done.stdout.strip())
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ModelError(f"The engine does not start: {last}. `ditto doctor` says more.")
