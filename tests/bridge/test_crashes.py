"""Kill -9 in mid-job: the same id ends with the music of an undisturbed run, bit by bit."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.link import Link
from plugin_protocol.messages import (
    BlobData,
    BlobPut,
    BlobReady,
    JobProgress,
    JobState,
    Ping,
    Pong,
)
from plugin_protocol.values import CHUNK_BYTES, Generate, Result, Task

ITERATIONS = 40
MakeTask = Callable[..., Task]
Finished = Callable[[Client, Task], JobState]


@pytest.fixture(scope="module")
def undisturbed(mortal_daemon: Any, outpaint: MakeTask, finished: Finished) -> Result:
    """What the task makes when nobody is killed."""
    with mortal_daemon.client() as client:
        result = finished(client, outpaint(client, ITERATIONS)).result
    assert result is not None
    return result


def result_despite(
    strike: Callable[[], None], client: Client, task: Task
) -> tuple[JobState, Result]:
    """Run the task, strike once it is well under way, and return how it ended nevertheless."""
    job, struck, last = new_job_id(), False, None
    client.submit(job, task)
    for event in client.follow(job):
        if isinstance(event, JobProgress) and event.step > ITERATIONS // 2 and not struck:
            struck = True
            strike()
        last = event
    assert isinstance(last, JobState)
    assert last.result is not None
    return last, last.result


def check(state: JobState, result: Result, undisturbed: Result, *, attempts: int = 2) -> None:
    assert state.attempt == attempts
    assert int(result.recognized["first iteration"]) > 0
    assert result.takes[0].audio == undisturbed.takes[0].audio


def test_the_worker(mortal_daemon: Any, outpaint: MakeTask, undisturbed: Result) -> None:
    with mortal_daemon.client() as client:
        kill = lambda: os.kill(mortal_daemon.worker_pid(), signal.SIGKILL)  # noqa: E731
        check(*result_despite(kill, client, outpaint(client, ITERATIONS)), undisturbed)


def test_the_daemon(mortal_daemon: Any, outpaint: MakeTask, undisturbed: Result) -> None:
    def kill() -> None:
        mortal_daemon.kill()
        mortal_daemon.start()

    with mortal_daemon.client() as client:
        check(*result_despite(kill, client, outpaint(client, ITERATIONS)), undisturbed)
        assert client.welcome.epoch == 2


def test_a_batch_job_gives_way_and_goes_on_as_if_nothing_had_been(
    mortal_daemon: Any, outpaint: MakeTask, finished: Finished, undisturbed: Result
) -> None:
    job = new_job_id()
    states = []
    with mortal_daemon.client() as client, mortal_daemon.client() as other:
        client.submit(job, outpaint(client, ITERATIONS), priority="batch")
        urgent: JobState | None = None
        for event in client.follow(job):
            if isinstance(event, JobState):
                states.append(event)
            elif event.step > ITERATIONS // 4 and urgent is None:
                urgent = finished(other, outpaint(other, 1), priority="interactive")
                # The batch job was not done when the interactive one was.
                assert other.attach(job).state in ("queued", "loading", "running")
    last = states[-1]
    assert urgent is not None
    assert last.result is not None
    assert last.attempt == 1
    assert "preempted" in [state.cause for state in states]
    assert int(last.result.recognized["first iteration"]) > ITERATIONS // 4
    assert last.result.takes[0].audio == undisturbed.takes[0].audio


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can fill one process's disk")
def test_a_job_goes_on_while_no_checkpoint_and_no_preview_can_be_written(
    mortal_daemon: Any, outpaint: MakeTask
) -> None:
    job, unlimited = new_job_id(), (resource.RLIM_INFINITY,) * 2
    with mortal_daemon.client() as client:
        client.submit(job, outpaint(client, 100_000), previews=True)
        events = client.follow(job)
        steps_until(events, 5)
        resource.prlimit(mortal_daemon.worker_pid(), resource.RLIMIT_FSIZE, (1, unlimited[1]))
        steps_until(events, 30)  # several of both were due
        resource.prlimit(mortal_daemon.worker_pid(), resource.RLIMIT_FSIZE, unlimited)
        client.cancel(job, "finish")
        *_, last = events
    assert isinstance(last, JobState)
    assert (last.state, last.attempt) == ("done", 1)


def steps_until(events: Iterator[Any], step: int) -> None:
    for event in events:
        if isinstance(event, JobProgress) and event.step >= step:
            return


def test_a_daemon_told_to_stop_loses_not_an_iteration(
    mortal_daemon: Any, outpaint: MakeTask, undisturbed: Result
) -> None:
    def stop() -> None:
        mortal_daemon.signal(signal.SIGTERM)
        assert mortal_daemon.process.returncode == 0
        assert not mortal_daemon.paths.connection_file.exists()
        mortal_daemon.start()

    with mortal_daemon.client() as client:
        state, result = result_despite(stop, client, outpaint(client, ITERATIONS))
        check(state, result, undisturbed, attempts=1)
        assert int(result.recognized["first iteration"]) > ITERATIONS // 2


def test_the_worker_does_not_outlive_the_daemon(mortal_daemon: Any) -> None:
    with mortal_daemon.client() as client:
        while client.ping().worker == "starting":
            time.sleep(0.01)
    worker = mortal_daemon.worker_pid()
    mortal_daemon.kill()
    deadline = time.monotonic() + 20
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(worker)


def is_running(pid: int) -> bool:
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True).stdout
    return status.strip()[:1] not in (b"", b"Z")  # a zombie waits for whoever inherited it


def test_a_cancelled_job_stays_cancelled_after_a_crash(
    idle_daemon: Any, outpaint: MakeTask
) -> None:
    with idle_daemon.client() as client:
        job = new_job_id()
        client.submit(job, outpaint(client, 100_000))
        client.cancel(job)
        idle_daemon.kill()
        idle_daemon.start()
        assert client.attach(job).state == "cancelled"


def test_an_upload_goes_on_where_it_was_interrupted(idle_daemon: Any) -> None:
    sha = bytes(32)
    with Link(idle_daemon.find(), name="test") as link:
        link.send(BlobPut(sha=sha, size=3 * CHUNK_BYTES))
        link.receive()
        link.send(BlobData(sha=sha, offset=0), b"x" * CHUNK_BYTES)
        link.send(Ping())
        assert isinstance(link.receive()[0], Pong)
    idle_daemon.signal(signal.SIGTERM)
    idle_daemon.start()
    with Link(idle_daemon.find(), name="test") as link:
        link.send(BlobPut(sha=sha, size=3 * CHUNK_BYTES))
        ready, _ = link.receive()
    assert isinstance(ready, BlobReady)
    assert ready.offset == CHUNK_BYTES


def test_a_damaged_job_list_is_moved_aside_and_no_music_is_lost(idle_daemon: Any) -> None:
    task = Task(objectives=(Generate(seconds=1),))
    with idle_daemon.client() as client:
        first = client.welcome
        music = client.upload(b"music")
        client.submit(new_job_id(), task)
    idle_daemon.kill()
    idle_daemon.paths.database.write_bytes(b"this is no database" * 1000)
    # The log beside it would mend it.
    idle_daemon.paths.database.with_name("jobs.db-wal").unlink()
    idle_daemon.start()
    with idle_daemon.client() as client:
        assert client.download(music) == b"music"
        assert client.jobs() == ()
        assert client.submit(new_job_id(), task).state == "queued"
        assert (first.notice, client.welcome.boot != first.boot) == ("", True)
        aside = client.welcome.notice.split("kept as ")[1].split(". ")[0]
    assert (idle_daemon.paths.state / aside).read_bytes().startswith(b"this is no database")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can fill one process's disk")
def test_a_job_that_cannot_be_stored_is_refused_until_there_is_room(idle_daemon: Any) -> None:
    job, task = new_job_id(), Task(objectives=(Generate(seconds=1),))
    with idle_daemon.client() as client:
        pid = client.welcome.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        with pytest.raises(RequestRefusedError, match="Make room") as refused:
            client.submit(job, task)
        assert refused.value.code == "STORAGE_FULL"
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        assert client.submit(job, task).state == "queued"


def test_a_second_daemon_on_the_same_folder_refuses(daemon: Any) -> None:
    second = subprocess.run(daemon.command, env=daemon.environment, capture_output=True, text=True)
    assert second.returncode != 0
    assert second.stderr.startswith("A daemon is already running on ")
    assert second.stderr.count("\n") == 1
