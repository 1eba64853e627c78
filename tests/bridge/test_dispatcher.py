"""Whose turn it is, who gives way, and what becomes of jobs when the disk does not take it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from office import RESULT, Office

from bridge.at_work import WORTH_PREEMPTING
from bridge.errors import DamagedStoreError, StoreError
from bridge.paths import checkpoint_file
from bridge.pipe import Failed, Finished, Halt, Halted, Started, Work, Yield, Yielded
from bridge.scheduler import AGING_SECONDS
from bridge.workshop import RETRY_SECONDS
from plugin_protocol.messages import JobPreview, JobProgress
from plugin_protocol.values import Failure

LONG = 60.0
"""Seconds of music: far more than a minute of work."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        yield office


def works(office: Office) -> list[str]:
    return [message.job for message in office.worker.sent if isinstance(message, Work)]


def long_batch(office: Office) -> str:
    """A batch job that says it has an hour to go."""
    job = office.started(priority="batch")
    progress = JobProgress(job=job, phase="optimizing", step=1, steps=9, eta_seconds=3600.0)
    office.workshop.hear(progress)
    return job


def test_an_interactive_job_makes_a_batch_job_give_way(office: Office) -> None:
    batch = long_batch(office)
    office.pass_time(1)
    urgent = office.submit(priority="interactive")
    office.pass_time(1)
    assert office.worker.sent[-1] == Yield(job=batch)
    office.workshop.hear(Yielded(job=batch))
    state = office.jobs.state(batch)
    assert (state.state, state.cause, state.attempt) == ("queued", "preempted", 1)
    office.pass_time(1)
    assert works(office) == [batch, urgent]
    office.workshop.hear(Finished(job=urgent, result=RESULT))
    office.pass_time(1)
    assert works(office) == [batch, urgent, batch]
    assert office.jobs.state(batch).attempt == 1


def test_the_one_it_gives_way_for_is_next_though_others_have_waited(office: Office) -> None:
    batch = long_batch(office)
    others = [office.submit() for _ in range(5)]
    urgent = office.submit(priority="interactive", seconds=600.0)
    office.pass_time(1)
    office.workshop.hear(Yielded(job=batch))
    office.pass_time(1)
    assert works(office) == [batch, urgent]
    assert all(office.state(job) == "queued" for job in others)


@pytest.mark.parametrize("priority", ["normal", "interactive"])
def test_only_batch_jobs_give_way(office: Office, priority: str) -> None:
    job = office.started(priority=priority)
    office.workshop.hear(JobProgress(job=job, phase="optimizing", eta_seconds=3600.0))
    office.submit(priority="interactive")
    office.pass_time(1)
    assert not [message for message in office.worker.sent if isinstance(message, Yield)]


def test_a_batch_job_that_has_waited_for_ten_minutes_does_not_give_way(office: Office) -> None:
    """Else interactive jobs that keep coming would keep it from ever getting anywhere."""
    first, job = office.started(), office.submit(priority="batch")
    office.pass_time(AGING_SECONDS)
    office.workshop.hear(Finished(job=first, result=RESULT))
    office.pass_time(1)
    office.workshop.hear(Started(job=job))
    office.workshop.hear(JobProgress(job=job, phase="optimizing", eta_seconds=3600.0))
    office.submit(priority="interactive")
    office.pass_time(1)
    assert office.dispatcher.in_worker == job
    assert not [message for message in office.worker.sent if isinstance(message, Yield)]


def test_what_is_nearly_done_does_not_give_way(office: Office) -> None:
    job = office.started(priority="batch")
    left = WORTH_PREEMPTING / 2
    office.workshop.hear(JobProgress(job=job, phase="optimizing", eta_seconds=left))
    office.submit(priority="interactive")
    office.pass_time(1)
    assert not [message for message in office.worker.sent if isinstance(message, Yield)]


def test_a_job_is_asked_once_to_give_way(office: Office) -> None:
    long_batch(office)
    for _ in range(3):
        office.submit(priority="interactive")
        office.pass_time(1)
    assert len([message for message in office.worker.sent if isinstance(message, Yield)]) == 1


def test_a_job_cancelled_while_it_gives_way_is_over(office: Office) -> None:
    batch = long_batch(office)
    urgent = office.submit(priority="interactive")
    office.pass_time(1)
    office.jobs.cancel(batch, "stop")
    office.workshop.hear(Yielded(job=batch))
    office.pass_time(1)
    assert office.state(batch) == "cancelled"
    assert works(office) == [batch, urgent]


def test_a_job_that_finishes_before_it_can_give_way_is_done(office: Office) -> None:
    batch = long_batch(office)
    office.submit(priority="interactive")
    office.pass_time(1)
    office.workshop.hear(Finished(job=batch, result=RESULT))
    office.workshop.hear(Yielded(job=batch))
    assert office.state(batch) == "done"


def test_running_again_with_less_memory_is_no_transition(office: Office) -> None:
    job = office.started()
    before = office.jobs.state(job).ev
    office.workshop.hear(Started(job=job))
    assert office.jobs.state(job).ev == before


def test_previews_stop_where_the_credit_ends_and_go_on_with_more(office: Office) -> None:
    job = office.started(previews=True, preview_credit=2)
    preview = JobPreview(job=job, step=1, audio=RESULT.takes[0].audio)

    def shown() -> list[int | None]:
        office.told.clear()
        for _ in range(4):
            office.workshop.hear(preview)
        return [message.credit for message in office.told if isinstance(message, JobPreview)]

    assert shown() == [1, 0]
    assert shown() == []
    assert office.jobs.allow_previews(job, 1)
    assert shown() == [0]
    office.workshop.hear(Finished(job=job, result=RESULT))
    assert not office.jobs.allow_previews(job, 1)


def test_previews_without_a_limit_are_all_sent(office: Office) -> None:
    job = office.started(previews=True)
    office.told.clear()
    for _ in range(20):
        office.workshop.hear(JobPreview(job=job, step=1, audio=RESULT.takes[0].audio))
    assert [message.credit for message in office.told] == [None] * 20


class FullDisk:
    """Lets nothing be written while it is full."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = True
        write = office.storage.database.write

        def write_if_there_is_room(*statements: Any) -> int:
            if self.is_full:
                raise StoreError("full")
            return write(*statements)

        monkeypatch.setattr(office.storage.database, "write", write_if_there_is_room)


ENDS = {
    "done": lambda job: Finished(job=job, result=RESULT),
    "failed": lambda job: Failed(job=job, failure=Failure(code="X", message="Why.")),
    "cancelled": lambda job: Halted(job=job),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_that_cannot_be_written_waits_until_it_can(
    office: Office, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    job, after = office.started(), office.submit()
    disk = FullDisk(office, monkeypatch)
    office.workshop.hear(ENDS[end](job))
    office.pass_time(RETRY_SECONDS)
    assert office.state(job) == "running"
    assert not [state for state in office.states_told(job) if state.state == end]
    disk.is_full = False
    office.pass_time(RETRY_SECONDS)
    assert office.state(job) == end
    assert len([state for state in office.states_told(job) if state.state == end]) == 1
    assert works(office) == [job, after]


def test_progress_does_not_pile_up_while_an_end_cannot_be_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = office.started()
    FullDisk(office, monkeypatch)
    office.workshop.hear(Finished(job=job, result=RESULT))
    for step in range(1000):
        office.workshop.hear(JobProgress(job=job, phase="optimizing", step=step))
    assert len(office.workshop._unwritten) == 1


def test_an_end_is_told_though_the_checkpoint_cannot_be_removed(office: Office) -> None:
    job = office.started()
    checkpoint_file(office.checkpoints, job).mkdir()
    office.workshop.hear(Finished(job=job, result=RESULT))
    assert office.states_told(job)[-1].state == "done"
    checkpoint_file(office.checkpoints, job).rmdir()


def test_a_death_that_cannot_be_written_waits_and_counts_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = office.started()
    disk = FullDisk(office, monkeypatch)
    office.workshop.mourn(office.worker, was_ready=True)
    office.pass_time(RETRY_SECONDS)
    disk.is_full = False
    office.pass_time(RETRY_SECONDS)
    record = office.store.get(job)
    assert record is not None
    assert (record.crashes, works(office)) == (1, [job, job])


def test_what_is_asked_on_a_full_disk_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = office.submit()
    disk = FullDisk(office, monkeypatch)
    for ask in (
        lambda: office.submit(),
        lambda: office.jobs.cancel(job, "stop"),
        lambda: office.jobs.cancel(job, "finish"),
    ):
        with pytest.raises(StoreError):
            ask()
    office.pass_time(RETRY_SECONDS)
    assert (office.state(job), works(office)) == ("queued", [])
    disk.is_full = False
    office.pass_time(RETRY_SECONDS)
    assert works(office) == [job]


def test_damage_ends_the_daemon_instead_of_being_tried_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*statements: Any) -> int:
        raise DamagedStoreError("broken")

    job = office.started()
    monkeypatch.setattr(office.storage.database, "write", write)
    with pytest.raises(DamagedStoreError):
        office.workshop.hear(Finished(job=job, result=RESULT))


def test_finish_now_reaches_the_worker_once(office: Office) -> None:
    job = office.started()
    assert office.jobs.cancel(job, "finish")
    assert not office.jobs.cancel(job, "finish")
    assert office.worker.sent[1:] == [Halt(job=job, mode="finish")]


def test_what_is_told_to_end_does_not_give_way(office: Office) -> None:
    batch = long_batch(office)
    office.jobs.cancel(batch, "finish")
    office.submit(priority="interactive")
    office.pass_time(1)
    assert not [message for message in office.worker.sent if isinstance(message, Yield)]
