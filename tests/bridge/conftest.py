"""Daemons for tests: what each may do to them is in their names."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from real_daemon import FAKE_WORKER, QUICK_WORKER, SILENT_WORKER, FakeDaemon, started

from plugin_protocol.client import Client, new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import AudioRef, Outpaint, Task


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
