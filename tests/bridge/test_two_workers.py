"""A daemon with two worker processes: twice the work, and each its own fate."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plugin_protocol.client import Client, new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import Generate, Task

LONG = 100_000
"""Iterations: for ever."""


@pytest.fixture
def client(manned_daemon: Any) -> Iterator[Client]:
    with manned_daemon.client() as client:
        yield client


def submitted(client: Client, iterations: int, *, seed: int = 0) -> str:
    task = Task(objectives=(Generate(seconds=1),), prompt=str(iterations), seed=seed)
    client.submit(job := new_job_id(), task, allow_cached=False)
    return job


def wait_for(fact: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := fact()):
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.02)
    return found


def at_work(client: Client, *, step: int = 1) -> list[str]:
    """The jobs of the workers that have come so far."""
    return [worker.job for worker in client.ping().workers if worker.step >= step]


def end(client: Client, job: str) -> JobState:
    *_, last = client.follow(job)
    assert isinstance(last, JobState)
    return last


def test_two_jobs_run_at_the_same_time_and_a_third_waits(client: Client) -> None:
    first, second, third = (submitted(client, LONG, seed=seed) for seed in range(3))
    wait_for(lambda: set(at_work(client)) == {first, second})
    pong = client.ping()
    assert (pong.worker, pong.job, pong.queued) == ("busy", first, 1)
    assert [worker.state for worker in pong.workers] == ["busy", "busy"]
    assert client.attach(third).state == "queued"
    client.cancel(second)
    wait_for(lambda: set(at_work(client)) == {first, third})
    assert client.attach(second).state == "cancelled"
    for job in (first, third):
        client.cancel(job)


def test_killing_one_worker_harms_its_job_alone(manned_daemon: Any, client: Client) -> None:
    undisturbed = [end(client, submitted(client, 60, seed=seed)) for seed in range(2)]
    jobs = [submitted(client, 60, seed=seed) for seed in range(2)]
    wait_for(lambda: set(at_work(client, step=10)) == set(jobs))
    struck = client.ping().workers[1].job
    os.kill(manned_daemon.worker_pid("worker-2"), signal.SIGKILL)
    for job, expected in zip(jobs, undisturbed, strict=True):
        last = end(client, job)
        assert last.attempt == (2 if job == struck else 1)
        assert last.result is not None
        assert expected.result is not None
        assert last.result.takes[0].audio == expected.result.takes[0].audio


def test_a_model_is_loaded_by_all(client: Client) -> None:
    wait_for(lambda: client.ping().worker == "idle")
    assert client.load_model("quick").name == "quick"
    wait_for(lambda: [worker.model for worker in client.ping().workers] == ["quick", "quick"])


def test_a_daemon_that_leaves_parks_all_jobs(manned_daemon: Any, client: Client) -> None:
    jobs = [submitted(client, 60, seed=seed) for seed in range(2)]
    wait_for(lambda: set(at_work(client, step=20)) == set(jobs))
    manned_daemon.signal(signal.SIGTERM)
    assert manned_daemon.process.returncode == 0
    manned_daemon.start()
    for job in jobs:
        last = end(client, job)
        result = last.result
        assert last.attempt == 1
        assert result is not None
        assert int(result.recognized["first iteration"]) >= 20
