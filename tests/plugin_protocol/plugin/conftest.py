"""What is built once for all tests of the plugin, and the daemon that they talk to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import host_program
from real_daemon import QUICK_WORKER, FakeDaemon, started

from .client_probe import build_probe


@pytest.fixture(scope="session")
def probe() -> Path:
    """The client's probe, which ends with an error where memory is misused."""
    host_program("g++")
    host_program("make")
    return build_probe("address")


@pytest.fixture(scope="module")
def daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, with a worker that is up in a moment and has no engine."""
    yield from started(QUICK_WORKER)
