"""Kill -9 at every named point: no job is lost, none runs for nothing, none ends differently."""

import os
import signal
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from bridge.crash_points import crash_point
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import CHUNK_BYTES, AudioRef, Outpaint, Result, Task

FRONT = ("after_insert", "after_start_commit", "after_end_commit", "mid_chunk")
FRONT_FILES = ("before_rename", "after_rename")
WORKER = ("before_checkpoint_rename", "after_checkpoint", "before_finished")
CLIP = bytes(range(256)) * (3 * CHUNK_BYTES // 256)
ITERATIONS = 40


@pytest.fixture
def armed(quick_daemon: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A daemon of which one process dies at the point that the test names, and is started again."""
    mark = quick_daemon.home / "armed"
    quick_daemon.kill()
    mark.touch()
    quick_daemon.environment["DITTO_CRASH_AT"] = f"{request.param}:{mark}"
    quick_daemon.supervise()
    yield quick_daemon
    assert not mark.exists(), "nobody came to that point"


def task(client: Any, seed: int = 0) -> Task:
    sha = client.upload(CLIP)
    clip = AudioRef(sha=sha, format="f32le", sample_rate=8000, channels=1, frames=len(CLIP) // 4)
    return Task(objectives=(Outpaint(seconds=1),), clip=clip, prompt=str(ITERATIONS), seed=seed)


def expected(seed: int) -> bytes:
    """What the recurrence of the worker makes, computed here."""
    x = seed
    for i in range(ITERATIONS):
        x = (x * 6364136223846793005 + i) % 2**64
    return sha256(x.to_bytes(8, "little") * 1000).digest()


def result_of(client: Any, job: str) -> Result:
    *_, last = client.follow(job)
    assert isinstance(last, JobState)
    assert last.state == "done", last.failure
    assert last.result is not None
    return last.result


@pytest.mark.parametrize("armed", [*FRONT, *FRONT_FILES, *WORKER], indirect=True)
def test_dying_there_costs_nothing(armed: Any) -> None:
    with armed.client() as client:
        job = new_job_id()
        client.submit(job, task(client, seed=3))
        result = result_of(client, job)
        assert result.takes[0].audio.sha == expected(3)
        assert sha256(client.download(expected(3))).digest() == expected(3)
        client.ack(job)
        assert [summary.job for summary in client.jobs()] == [job]


def test_an_armed_point_kills_once(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DITTO_CRASH_AT", f"here:{tmp_path / 'armed'}")
    crash_point("here")  # nothing is armed
    (tmp_path / "armed").touch()
    crash_point("elsewhere")
    if (child := os.fork()) == 0:
        crash_point("here")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not (tmp_path / "armed").exists()
