"""What is built once for all tests of the plugin, and the daemon that they talk to."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hosts import host_program
from real_daemon import QUICK_WORKER, FakeDaemon, started

from .client_probe import build_probe

NOISE_WORKER = (sys.executable, str(Path(__file__).parent / "noise_worker.py"))


@pytest.fixture(scope="session")
def probe() -> Path:
    """The client's probe, which ends with an error where memory is misused."""
    host_program("g++")
    host_program("make")
    return build_probe("address")


@pytest.fixture(scope="module")
def quick_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, with a worker that is up in a moment and goes on where it was."""
    yield from started(QUICK_WORKER)


@pytest.fixture(scope="module")
def noise_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, whose takes are noise of their seed."""
    yield from started(NOISE_WORKER)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Noise of two channels, 13 chunks of it, as the probe is told of it."""
    file = tmp_path_factory.mktemp("clip") / "clip.f32"
    np.random.default_rng(0).standard_normal((2, 400_000), np.float32).tofile(file)
    return {"sample_rate": 44100, "channels": 2, "file": str(file)}
