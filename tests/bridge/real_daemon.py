"""A real daemon with a fake engine, to be used, killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bridge.paths import Paths, locate
from plugin_protocol import connection
from plugin_protocol.client import Client, DaemonUnreachableError

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FAKE_WORKER = (sys.executable, str(HERE / "fake_worker.py"))
QUICK_WORKER = (sys.executable, str(HERE / "quick_worker.py"))
SILENT_WORKER = (sys.executable, "-c", "import sys; sys.stdin.read()")


class FakeDaemon:
    """One folder and the daemon that works on it, now and then."""

    def __init__(self, worker: tuple[str, ...]) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="ditto-"))
        self.environment = {
            **os.environ,
            "DITTO_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }
        self.paths: Paths = locate(self.environment)
        self.command = [sys.executable, str(HERE / "fake_daemon.py"), *worker]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._begin(self.command)
        known = connection.read(self.paths.connection_file)
        assert self.process is not None
        assert known is not None
        assert known.pid == self.process.pid

    def supervise(self, *before: str) -> subprocess.Popen[bytes]:
        """Start the daemon under a supervisor, the words of `before` before that."""
        self._begin([*before, sys.executable, str(HERE / "fake_supervisor.py"), *self.command])
        assert self.process is not None
        return self.process

    def _begin(self, command: list[str]) -> None:
        before = connection.read(self.paths.connection_file)
        self.process = subprocess.Popen(command, env=self.environment)
        deadline = time.monotonic() + 20
        while connection.read(self.paths.connection_file) in (None, before):
            assert self.process.poll() is None, "the daemon did not start"
            assert time.monotonic() < deadline, "the daemon did not start within 20 s"
            time.sleep(0.01)

    @property
    def epoch(self) -> int:
        """How often the daemon has been started; grows once it can be talked to."""
        known = connection.read(self.paths.connection_file)
        return known.epoch if known else 0

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(20)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGTERM)
        shutil.rmtree(self.home)

    def find(self) -> str:
        known = connection.read(self.paths.connection_file)
        if known is None:
            raise DaemonUnreachableError("not yet")
        return known.endpoint

    def client(self) -> Client:
        return Client(self.find(), name="test", find=self.find)

    def worker_pid(self, name: str = "worker") -> int:
        lines = (self.paths.logs / "daemon.log").read_text().splitlines()
        started = [json.loads(line) for line in lines if "worker_pid" in line]
        return int([each["worker_pid"] for each in started if each["worker"] == name][-1])


def started(worker: tuple[str, ...]) -> Iterator[FakeDaemon]:
    fake = FakeDaemon(worker)
    fake.start()
    yield fake
    fake.remove()
