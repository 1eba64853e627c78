"""Checkpoints: one safetensors file per job, replaced in one step, read after a crash."""

import os
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from bridge.crash_points import crash_point
from bridge.paths import checkpoint_file
from bridge.version import installed_version
from engine.tasks import TaskState

VERSION_KEY = "ditto.version"
SECONDS_KEY = "ditto.seconds"


@dataclass(frozen=True)
class Checkpoint:
    """Where a job goes on, and the seconds of work that are in it."""

    state: TaskState
    seconds: float


def write_checkpoint(folder: Path, job: str, checkpoint: Checkpoint) -> None:
    """Replace the job's checkpoint; a crash or an OSError leaves the old one or the new one."""
    # Cloned: safetensors refuses tensors that share memory.
    tensors = {
        name: tensor.detach().cpu().contiguous().clone()
        for name, tensor in checkpoint.state.tensors.items()
    }
    text = checkpoint.state.text | {
        VERSION_KEY: installed_version(),
        SECONDS_KEY: repr(checkpoint.seconds),
    }
    target = checkpoint_file(folder, job)
    draft = target.with_suffix(".draft")
    try:
        with draft.open("wb") as file:
            file.write(save(tensors, metadata=text))
            file.flush()
            os.fsync(file.fileno())
        crash_point("before_checkpoint_rename")
        draft.replace(target)
    finally:
        # On a full disk half of it takes room that others need.
        draft.unlink(missing_ok=True)
    crash_point("after_checkpoint")


def read_checkpoint(folder: Path, job: str) -> Checkpoint | None:
    """Return the job's checkpoint; None if there is none, or none that this version wrote whole."""
    try:
        with safe_open(checkpoint_file(folder, job), framework="pt") as file:
            text = dict(file.metadata())
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (FileNotFoundError, SafetensorError):
        return None
    if text.pop(VERSION_KEY, "") != installed_version():
        return None
    return Checkpoint(TaskState(tensors, text), float(text.pop(SECONDS_KEY)))
