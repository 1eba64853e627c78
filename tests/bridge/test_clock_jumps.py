"""Somebody sets the machine's clock while jobs wait, run and are over."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobProgress
from plugin_protocol.values import Generate, Task

HOUR = 3600.0
JUMPS = [-400 * 24 * HOUR, -HOUR, 25 * HOUR, 400 * 24 * HOUR]


@pytest.fixture(scope="module")
def jumpy(silent_daemon: Any) -> Any:
    """A daemon whose wall clock is set by `jump(seconds)`: so many from the true time."""
    offset: Path = silent_daemon.home / "offset"
    silent_daemon.kill()
    silent_daemon.environment["DITTO_OFFSET_FILE"] = str(offset)
    here, python = Path(__file__).parent, sys.executable
    scripts = [str(here / name) for name in ("jumping_daemon.py", "fake_daemon.py")]
    silent_daemon.command = [python, *scripts, python, str(here / "quick_worker.py")]
    silent_daemon.start()

    def jump(seconds: float) -> None:
        draft = offset.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.replace(offset)

    silent_daemon.jump = jump
    return silent_daemon


@pytest.fixture(autouse=True)
def right_at_first(jumpy: Any) -> None:
    """As the client's is: ids that look months old are refused."""
    jumpy.jump(0.0)


def task(iterations: int, seed: int) -> Task:
    return Task(objectives=(Generate(seconds=1),), prompt=str(iterations), seed=seed)


@pytest.mark.parametrize("seconds", JUMPS)
def test_no_job_is_lost_and_none_expires(jumpy: Any, seconds: float) -> None:
    over, running, waiting = (new_job_id() for _ in range(3))
    with jumpy.client() as client:
        client.submit(over, task(3, seed=1))
        *_, last = client.follow(over)
        assert last.state == "done"
        client.submit(running, task(60, seed=2), run_ttl=60.0)
        client.submit(waiting, task(3, seed=3), queue_ttl=60.0)
        for event in client.follow(running):
            if isinstance(event, JobProgress) and event.step:
                break
        jumpy.jump(seconds)
        for job in (running, waiting):
            *_, last = client.follow(job)
            assert last.state == "done"
        time.sleep(0.3)  # garbage has been collected meanwhile
        for job in (over, running, waiting):
            state = client.attach(job)
            assert state.result is not None
            assert client.download(state.result.takes[0].audio.sha)


@pytest.mark.parametrize("seconds", JUMPS)
def test_a_job_without_a_deadline_waits_through_any_night(jumpy: Any, seconds: float) -> None:
    waiting = new_job_id()
    with jumpy.client() as client:
        client.submit(waiting, task(50, seed=2))
        jumpy.kill()
        jumpy.jump(seconds)
        jumpy.start()
        *_, last = client.follow(waiting)
        assert last.state == "done"
