"""A real daemon with a fake engine, to be used, killed and started again."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.paths import Paths, locate
from plugin_protocol import connection
from plugin_protocol.client import Client, DaemonUnreachableError, new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import AudioRef, Outpaint, Task

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


@pytest.fixture(scope="session")
def shared_daemon() -> Iterator[FakeDaemon]:
    """A daemon that all tests may use and none may harm."""
    yield from started(FAKE_WORKER)


@pytest.fixture
def daemon(shared_daemon: FakeDaemon) -> FakeDaemon:
    """The same; the command line's tests put a pretended one in its place."""
    return shared_daemon


@pytest.fixture(scope="module")
def mortal_daemon() -> Iterator[FakeDaemon]:
    """A daemon that tests kill and start again."""
    yield from started(FAKE_WORKER)


@pytest.fixture(scope="module")
def silent_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, with a worker that never takes a job."""
    yield from started(SILENT_WORKER)


@pytest.fixture(scope="module")
def manned_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, with two workers that are up in a moment and have no engine."""
    fake = FakeDaemon(QUICK_WORKER)
    fake.environment["DITTO_WORKERS"] = "2"
    fake.start()
    yield fake
    fake.remove()


@pytest.fixture
def idle_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the test's own, with a worker that never takes a job."""
    yield from started(SILENT_WORKER)


@pytest.fixture(scope="module")
def brisk_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, with a worker that is up in a moment and has no engine."""
    yield from started(QUICK_WORKER)


@pytest.fixture
def quick_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the test's own, with a worker that is up in a moment and has no engine."""
    yield from started(QUICK_WORKER)


@pytest.fixture
def unborn_daemon() -> Iterator[FakeDaemon]:
    """The same, to be started by the test."""
    fake = FakeDaemon(QUICK_WORKER)
    yield fake
    fake.remove()


@pytest.fixture(scope="module")
def lasting_daemon() -> Iterator[FakeDaemon]:
    """A daemon with that worker for all tests of a file."""
    yield from started(QUICK_WORKER)


@pytest.fixture
def client(daemon: FakeDaemon) -> Iterator[Client]:
    with daemon.client() as client:
        yield client


@pytest.fixture(scope="session")
def outpaint() -> Callable[..., Task]:
    """Make a task of so many iterations on a clip of 1000 samples in each of two channels."""

    def make(client: Client, iterations: int | str, *, seed: int = 0) -> Task:
        sha = client.upload(b"\0\0\0\x3f" * 2000)
        clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=2, frames=1000)
        objective = Outpaint(seconds=3)
        return Task(objectives=(objective,), clip=clip, prompt=str(iterations), seed=seed)

    return make


@pytest.fixture(scope="session")
def finished() -> Callable[..., JobState]:
    """Submit a task under a new id, follow it to its end and return its last state."""

    def run(client: Client, task: Task, **options: Any) -> JobState:
        job = new_job_id()
        client.submit(job, task, **options)
        return [e for e in client.follow(job) if isinstance(e, JobState)][-1]

    return run


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """Let no file of this process grow beyond so many bytes: half a write, then OSError."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
