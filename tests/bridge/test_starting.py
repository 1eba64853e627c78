"""A client that starts its own daemon."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from plugin_protocol import connection, conversation, starting
from plugin_protocol.client import Client
from plugin_protocol.errors import DaemonStoppedError, DaemonUnreachableError
from plugin_protocol.starting import find_or_start

ROOT = Path(__file__).parents[2]
DAEMON = (
    sys.executable,
    str(Path(__file__).with_name("fake_daemon.py")),
    *(sys.executable, "-c", "import sys; sys.stdin.read()"),
)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with TemporaryDirectory(prefix="ditto-") as folder:
        monkeypatch.delenv("DITTO_CONNECTION", raising=False)
        monkeypatch.setenv("DITTO_HOME", folder)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        yield Path(folder)
        for process in starting._started:
            try:
                process.wait(20)
            finally:
                process.kill()


def test_a_daemon_is_started_where_none_is_and_found_where_one_is() -> None:
    with Client(name="test", start=lambda: find_or_start(DAEMON)) as client:
        assert find_or_start(("no such program",)) == find_or_start(DAEMON)
        assert client.welcome.epoch == 1
        client.stop_daemon()


def test_a_client_starts_the_successor_of_a_daemon_that_has_died() -> None:
    with Client(name="test", start=lambda: find_or_start(DAEMON)) as client:
        os.kill(client.welcome.pid, signal.SIGKILL)
        assert client.ping().epoch == 2
        client.stop_daemon()


def test_a_daemon_that_another_program_stops_stays_stopped(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "STOPPED_SECONDS", 0.2)
    with Client(name="waiting", start=lambda: find_or_start(DAEMON)) as waiting:
        with Client(name="stopping") as other:
            other.stop_daemon()
        with pytest.raises(DaemonStoppedError):
            waiting.ping()
    assert connection.read(connection.default_file()) is None
    assert all(process.wait(20) == 0 for process in starting._started)


def test_two_starts_at_once_make_one_daemon() -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(find_or_start, [DAEMON, DAEMON])
    assert first == second
    with Client(first, name="test") as client:
        assert client.welcome.epoch == 1
        # A slow second one that came after the end of the first would rightly take its place.
        deadline = time.monotonic() + 20
        while sum(each.poll() is None for each in starting._started) > 1:
            assert time.monotonic() < deadline, "the second one does not give up"
            time.sleep(0.05)
        client.stop_daemon()


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(DaemonUnreachableError, match="no program 'no such program'"):
        find_or_start(("no such program",))


def test_a_daemon_that_does_not_start_is_not_waited_for() -> None:
    with pytest.raises(DaemonUnreachableError, match="ended with status 1"):
        find_or_start(("false",))
