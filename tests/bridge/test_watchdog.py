"""The watchdog: how long a worker may be silent."""

import os
import signal
from typing import Any

import pytest

from bridge.pipe import Started, Work, WorkerState
from bridge.watchdog import Watchdog
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobProgress, JobState
from plugin_protocol.values import Generate, Task

TASK = Task(objectives=(Generate(seconds=1),))


class Time:
    """A clock that only the test moves, and a watchdog of 30 s that looks every half second."""

    def __init__(self) -> None:
        self.now = 0.0
        self.dog = Watchdog(30.0, clock=lambda: self.now)

    def is_stuck_after(self, seconds: float) -> bool:
        stuck = False
        for _ in range(round(2 * seconds)):
            self.now += 0.5
            stuck = self.dog.look()
        return stuck

    def iterate(self, count: int, *, every: float) -> None:
        for _ in range(count):
            assert not self.is_stuck_after(every)
            step = self.dog.step + 1
            self.dog.hear(JobProgress(job="a", phase="optimizing", step=step, steps=99))


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def busy(time: Time) -> Time:
    time.dog.hear(Work(job="a", task=TASK))
    time.dog.hear(Started(job="a"))
    return time


def test_who_has_no_job_may_be_silent_for_ever(time: Time) -> None:
    assert not time.is_stuck_after(100_000)


def test_quick_iterations_may_pause_for_thirty_seconds(busy: Time) -> None:
    busy.iterate(5, every=0.5)
    assert not busy.is_stuck_after(30)
    assert busy.is_stuck_after(1)


def test_slow_iterations_may_pause_for_ten_of_them(busy: Time) -> None:
    busy.iterate(5, every=20)
    assert not busy.is_stuck_after(200)
    assert busy.is_stuck_after(1)


@pytest.mark.parametrize("phase", ["loading", "analyzing", "decoding"])
def test_what_takes_its_time_may_take_five_minutes(busy: Time, phase: str) -> None:
    busy.iterate(5, every=0.5)
    busy.dog.hear(JobProgress(job="a", phase=phase, step=busy.dog.step))
    assert not busy.is_stuck_after(300)
    assert busy.is_stuck_after(1)


def test_conflated_progress_counts_each_iteration(busy: Time) -> None:
    busy.iterate(1, every=1)
    for step in (11, 21):
        assert not busy.is_stuck_after(50)
        busy.dog.hear(JobProgress(job="a", phase="optimizing", step=step, steps=99))
    assert busy.dog.allowed == 50  # ten times five seconds


def test_a_job_that_has_ended_is_watched_no_more(busy: Time) -> None:
    busy.iterate(5, every=0.5)
    busy.dog.hear(WorkerState(state="idle"))
    assert not busy.is_stuck_after(100_000)


def test_a_sleep_of_the_whole_machine_is_not_held_against_the_worker(busy: Time) -> None:
    busy.iterate(5, every=0.5)
    busy.now += 10_000
    assert not busy.dog.look()
    assert busy.is_stuck_after(31)


def test_a_stopped_worker_is_killed_and_the_job_goes_on(unborn_daemon: Any) -> None:
    unborn_daemon.environment["DITTO_PATIENCE"] = "1"
    unborn_daemon.start()
    with unborn_daemon.client() as client:
        job, stopped = new_job_id(), False
        client.submit(job, Task(objectives=(Generate(seconds=1),), prompt="60"))
        for event in client.follow(job):
            if isinstance(event, JobProgress) and event.step > 20 and not stopped:
                stopped = True
                os.kill(unborn_daemon.worker_pid(), signal.SIGSTOP)
        assert isinstance(event, JobState)
        assert (event.state, event.attempt) == ("done", 2)
        assert event.result is not None
        assert int(event.result.recognized["first iteration"]) > 20
