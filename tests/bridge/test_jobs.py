"""Jobs, with a worker made of paper: what is sent to it, and what its fate does to them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bridge.blobs import BlobStore
from bridge.jobs import CRASHES, Jobs
from bridge.paths import checkpoint_file, locate
from bridge.pipe import Failed, Finished, Halt, Halted, Started, Work
from bridge.store import Store
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobProgress, JobSubmit
from plugin_protocol.values import AudioRef, Failure, Generate, Result, Span, Take, Task

AUDIO = AudioRef(sha=bytes(32), format="f32le", sample_rate=8000, channels=1, frames=1)
RESULT = Result(takes=(Take(seed=0, audio=AUDIO, losses={}),), new=(Span(start=0, end=1),))


class PaperWorker:
    def __init__(self) -> None:
        self.is_ready = True
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        self.sent.append(message)


class Office:
    """Jobs and everything around them."""

    def __init__(self, home: Path, store: Store) -> None:
        paths = locate({"DITTO_HOME": str(home)})
        paths.create()
        self.checkpoints = paths.checkpoints
        self.worker = PaperWorker()
        self.told: list[Any] = []
        self.store = store
        tell = lambda job, message, topic="": self.told.append(message)  # noqa: E731
        blobs = BlobStore(paths.blobs)
        self.jobs = Jobs(store, blobs, paths, worker=self.worker, tell=tell)  # type: ignore[arg-type]

    def submit(self, *, seconds: float = 1.0) -> str:
        job = new_job_id()
        task = Task(objectives=(Generate(seconds=seconds),))
        self.jobs.submit(JobSubmit(job=job, task=task))
        return job

    def started(self) -> str:
        job = self.submit()
        self.jobs.dispatch()
        self.jobs.hear(Started(job=job))
        return job

    def state(self, job: str) -> str:
        return self.jobs.state(job).state


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Store(tmp_path / "jobs.db")) as store:
        yield Office(tmp_path, store)


def test_the_worker_gets_one_job_at_a_time(office: Office) -> None:
    first, second = office.submit(), office.submit()
    office.jobs.dispatch()
    office.jobs.dispatch()
    assert [work.job for work in office.worker.sent] == [first]
    office.jobs.hear(Finished(job=first, result=RESULT))
    office.jobs.dispatch()
    assert [work.job for work in office.worker.sent] == [first, second]


def test_a_worker_that_is_not_ready_gets_nothing(office: Office) -> None:
    office.worker.is_ready = False
    job = office.submit()
    office.jobs.dispatch()
    assert (office.worker.sent, office.state(job)) == ([], "queued")


def test_a_failure_is_kept_in_the_workers_words(office: Office) -> None:
    job = office.started()
    failure = Failure(code="DIVERGED", message="It rang.")
    office.jobs.hear(Failed(job=job, failure=failure))
    assert office.jobs.state(job).failure == failure


def test_a_late_result_of_a_cancelled_job_is_not_wanted(office: Office) -> None:
    job = office.started()
    office.jobs.cancel(job, "stop")
    office.jobs.hear(Finished(job=job, result=RESULT))
    assert office.state(job) == "cancelled"


def test_the_next_job_waits_until_the_worker_has_let_go(office: Office) -> None:
    first, second = office.started(), office.submit()
    office.jobs.cancel(first, "stop")
    office.jobs.dispatch()
    assert office.worker.sent[-1] == Halt(job=first, mode="stop")
    office.jobs.hear(Halted(job=first))
    office.jobs.dispatch()
    assert office.worker.sent[-1].job == second


def test_cancelling_a_waiting_job_does_not_disturb_the_worker(office: Office) -> None:
    office.started()
    waiting = office.submit()
    office.jobs.cancel(waiting, "stop")
    assert [type(message) for message in office.worker.sent] == [Work]


def test_progress_of_a_cancelled_job_is_not_told(office: Office) -> None:
    job = office.started()
    office.jobs.cancel(job, "stop")
    office.told.clear()
    office.jobs.hear(JobProgress(job=job, phase="optimizing"))
    assert office.told == []


def test_a_job_whose_worker_dies_is_tried_again_and_then_given_up(office: Office) -> None:
    job = office.submit()
    states = []
    for _ in range(CRASHES):
        office.jobs.dispatch()
        office.jobs.mourn(was_ready=True)
        states.append(office.state(job))
    assert states == ["queued"] * (CRASHES - 1) + ["failed"]
    failure = office.jobs.state(job).failure
    assert failure is not None
    assert failure.code == "WORKER_CRASHED"


def test_a_worker_that_cannot_even_start_does_not_keep_jobs_waiting_for_ever(
    office: Office,
) -> None:
    office.worker.is_ready = False
    job = office.submit()
    for _ in range(CRASHES):
        office.jobs.mourn(was_ready=False)
    assert office.state(job) == "failed"


def test_an_idle_worker_may_die_without_harm(office: Office) -> None:
    job = office.submit()
    office.jobs.mourn(was_ready=True)
    assert office.jobs.state(job).ev == 1


def test_finish_now_is_remembered_over_a_crash(office: Office) -> None:
    job = office.started()
    assert office.jobs.cancel(job, "finish")
    assert not office.jobs.cancel(job, "finish")
    office.jobs.mourn(was_ready=True)
    office.jobs.dispatch()
    assert office.worker.sent[-1].finish


def test_a_checkpoint_goes_when_its_job_is_over(office: Office) -> None:
    job = office.started()
    file = checkpoint_file(office.checkpoints, job)
    file.touch()
    office.jobs.hear(Finished(job=job, result=RESULT))
    assert not file.exists()


def test_checkpoints_of_jobs_that_are_over_are_swept_at_the_start(
    office: Office, tmp_path: Path
) -> None:
    kept = checkpoint_file(office.checkpoints, office.submit())
    kept.touch()
    checkpoint_file(office.checkpoints, new_job_id()).touch()
    Office(tmp_path, office.store)
    assert list(office.checkpoints.iterdir()) == [kept]
