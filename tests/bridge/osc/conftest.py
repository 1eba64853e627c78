"""A door in front of a daemon with a fake engine, a patch, and a clip."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from door_process import DoorProcess, Patch

RATE = 44_100


@pytest.fixture(scope="module")
def environment(shared_daemon: Any) -> dict[str, str]:
    return os.environ | shared_daemon.environment | {"PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def door(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DoorProcess]:
    """A door for all tests of a file."""
    opened = DoorProcess(tmp_path_factory.mktemp("music"), environment)
    yield opened
    opened.close()


@pytest.fixture
def patch(door: DoorProcess) -> Iterator[Patch]:
    with door.patch() as made:
        yield made


@pytest.fixture(scope="module")
def clip(door: DoorProcess) -> Path:
    """Two seconds of mono noise, as a patch writes its array."""
    path = door.folder / "clip.wav"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 2 * RATE)
    soundfile.write(path, noise, RATE, subtype="FLOAT")
    return path
