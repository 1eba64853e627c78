"""Finding a daemon, or starting one."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from msgspec.structs import replace

from bridge import launch
from bridge.errors import DaemonStartError
from bridge.launch import ensure_daemon, running_daemon
from bridge.paths import locate
from plugin_protocol import connection
from plugin_protocol.client import Client

ROOT = Path(__file__).parents[2]
DAEMON = (
    sys.executable,
    str(Path(__file__).with_name("fake_daemon.py")),
    *(sys.executable, "-c", "import sys; sys.stdin.read()"),
)


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    with TemporaryDirectory(prefix="ditto-") as home:
        yield {**os.environ, "DITTO_HOME": home, "PYTHONPATH": str(ROOT)}


def test_a_daemon_is_started_once_and_outlives_its_starter(environment: dict[str, str]) -> None:
    first = ensure_daemon(environment, command=DAEMON)
    assert ensure_daemon(environment, command=("false",)) == first
    with Client(first, name="test") as client:
        pid = client.welcome.pid
        assert os.getsid(pid) == pid
        client.stop_daemon()
    process = next(each for each in launch._started if each.pid == pid)
    assert (process.pid, process.wait(20)) == (pid, 0)


def test_a_daemon_that_says_why_it_did_not_start_is_quoted(environment: dict[str, str]) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('The moon is full.')")
    with pytest.raises(DaemonStartError, match=r"did not start: The moon is full\."):
        ensure_daemon(environment, command=command)


def test_the_connection_file_of_a_dead_daemon_is_no_daemon(
    environment: dict[str, str], idle_daemon: Any
) -> None:
    idle_daemon.signal(signal.SIGKILL)
    paths = idle_daemon.paths
    assert connection.read(paths.connection_file) is not None
    assert running_daemon(paths) is None


def test_no_connection_file_is_no_daemon(environment: dict[str, str]) -> None:
    assert running_daemon(locate(environment)) is None


def test_a_connection_file_whose_process_id_is_somebody_elses_now_is_no_daemon(
    environment: dict[str, str],
) -> None:
    paths = locate(environment)
    paths.create()
    left = connection.Connection(
        endpoint=paths.endpoint, pid=os.getpid(), epoch=1, version="1", protocol=(1, 0)
    )
    connection.write(paths.connection_file, left)
    assert running_daemon(paths) is None


def test_a_daemon_of_another_protocol_is_named(
    environment: dict[str, str], idle_daemon: Any
) -> None:
    file = idle_daemon.paths.connection_file
    known = connection.read(file)
    assert known is not None
    connection.write(file, replace(known, version="9.0", protocol=(9, 0)))
    with pytest.raises(DaemonStartError, match=rf"\(9\.0, .*`kill {known.pid}`"):
        running_daemon(idle_daemon.paths)


def test_two_starts_at_once_make_one_daemon(environment: dict[str, str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(ensure_daemon, environment, command=DAEMON) for _ in range(2)]
    first, second = (start.result() for start in starts)
    assert first == second
    with Client(first, name="test") as client:
        assert client.welcome.epoch == 1
        # A slow second one that came after the end of the first would rightly take its place.
        while len(launch._started) > 1 and all(p.poll() is None for p in launch._started):
            time.sleep(0.05)
        client.stop_daemon()
    for process in launch._started:
        process.wait(20)
