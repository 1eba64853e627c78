"""Jobs, with a worker made of paper: what is sent to it, and what its fate does to them."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from office import RESULT, Office

from bridge.endings import CRASHES
from bridge.paths import checkpoint_file
from bridge.pipe import Failed, Finished, Halt, Halted, Work
from bridge.refusals import Refusal
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobList, JobProgress
from plugin_protocol.values import Failure


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        yield office


def test_the_worker_gets_one_job_at_a_time(office: Office) -> None:
    first, second = office.submit(), office.submit()
    office.dispatcher.dispatch()
    office.dispatcher.dispatch()
    assert [work.job for work in office.worker.sent] == [first]
    office.workshop.hear(Finished(job=first, result=RESULT))
    office.dispatcher.dispatch()
    assert [work.job for work in office.worker.sent] == [first, second]


def test_a_worker_that_is_not_ready_gets_nothing(office: Office) -> None:
    office.worker.is_ready = False
    job = office.submit()
    office.dispatcher.dispatch()
    assert (office.worker.sent, office.state(job)) == ([], "queued")


def test_a_failure_is_kept_in_the_workers_words(office: Office) -> None:
    job = office.started()
    failure = Failure(code="DIVERGED", message="It rang.")
    office.workshop.hear(Failed(job=job, failure=failure))
    assert office.jobs.state(job).failure == failure


def test_a_late_result_of_a_cancelled_job_is_not_wanted(office: Office) -> None:
    job = office.started()
    office.jobs.cancel(job, "stop")
    office.workshop.hear(Finished(job=job, result=RESULT))
    assert office.state(job) == "cancelled"


def test_the_next_job_waits_until_the_worker_has_let_go(office: Office) -> None:
    first, second = office.started(), office.submit()
    office.jobs.cancel(first, "stop")
    office.dispatcher.dispatch()
    assert office.worker.sent[-1] == Halt(job=first, mode="stop")
    office.workshop.hear(Halted(job=first))
    office.dispatcher.dispatch()
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
    office.workshop.hear(JobProgress(job=job, phase="optimizing"))
    assert office.told == []


def test_a_job_whose_worker_dies_is_tried_again_and_then_given_up(office: Office) -> None:
    job = office.submit()
    states = []
    for _ in range(CRASHES):
        office.dispatcher.dispatch()
        office.workshop.mourn(office.worker, was_ready=True)
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
        office.workshop.mourn(office.worker, was_ready=False)
    assert office.state(job) == "failed"


def test_an_idle_worker_may_die_without_harm(office: Office) -> None:
    job = office.submit()
    office.workshop.mourn(office.worker, was_ready=True)
    assert office.jobs.state(job).ev == 1


def test_finish_now_is_remembered_over_a_crash(office: Office) -> None:
    job = office.started()
    assert office.jobs.cancel(job, "finish")
    assert not office.jobs.cancel(job, "finish")
    office.workshop.mourn(office.worker, was_ready=True)
    office.dispatcher.dispatch()
    assert office.worker.sent[-1].finish


def test_a_checkpoint_goes_when_its_job_is_over(office: Office) -> None:
    job = office.started()
    file = checkpoint_file(office.checkpoints, job)
    file.touch()
    office.workshop.hear(Finished(job=job, result=RESULT))
    assert not file.exists()


def test_checkpoints_of_jobs_that_are_over_are_swept_at_the_start(
    office: Office, tmp_path: Path
) -> None:
    kept = checkpoint_file(office.checkpoints, office.submit())
    kept.touch()
    checkpoint_file(office.checkpoints, new_job_id()).touch()
    office.close()
    with closing(Office(tmp_path)):
        assert list(office.checkpoints.iterdir()) == [kept]


def test_a_forgotten_job_is_unknown_and_never_runs_again(office: Office) -> None:
    job = office.finished()
    office.jobs.forget(job)
    assert office.state(job) == "unknown"
    with pytest.raises(Refusal) as refused:
        office.submit(job=job)
    assert refused.value.failure.code == "GONE"
    assert job not in [summary.job for summary in office.jobs.listed(JobList(), owner=None).jobs]


def test_what_is_not_over_is_not_forgotten(office: Office) -> None:
    for job in (office.started(), office.submit()):
        with pytest.raises(Refusal) as refused:
            office.jobs.forget(job)
        assert refused.value.failure.code == "NOT_OVER"


def test_a_receipt_for_what_is_not_over_counts_for_nothing(office: Office) -> None:
    assert not office.jobs.acknowledge(office.started())


def test_all_that_was_said_about_a_job_is_told_when_asked(office: Office) -> None:
    job = office.started(priority="batch", tags={"song": "7"}, run_ttl=60.0, client="daw/1")
    office.pass_time(5)
    details = office.jobs.details(job)
    assert (details.priority, details.tags, details.run_ttl, details.client) == (
        "batch", {"song": "7"}, 60.0, "daw/1",
    )  # fmt: skip
    assert details.run_seconds == pytest.approx(5)
    assert details.began_ms is not None
    assert details.ended_ms is None


ENDS: dict[str, Callable[[Office, str], object]] = {
    "done": lambda office, job: office.workshop.hear(Finished(job=job, result=RESULT)),
    "failed": lambda office, job: office.workshop.hear(
        Failed(job=job, failure=Failure(code="DIVERGED", message="It rang."))
    ),
    "cancelled": lambda office, job: office.jobs.cancel(job, "stop"),
}


@pytest.mark.parametrize("end", ENDS)
def test_how_long_a_job_has_run_is_known_however_it_ended(office: Office, end: str) -> None:
    job = office.started()
    office.pass_time(5)
    ENDS[end](office, job)
    office.pass_time(7)
    assert office.jobs.details(job).run_seconds == pytest.approx(5)
    office.workshop.hear(Halted(job=job))
    office.pass_time(7)
    assert (office.state(job), office.jobs.details(job).run_seconds) == (end, pytest.approx(5))


def test_four_equal_clients_get_equal_shares_of_the_worker(office: Office) -> None:
    """Jain's index: 1 where all shares are equal. One of them floods the line first."""
    for client, jobs in (("flood", 30), ("a", 10), ("b", 10), ("c", 10)):
        for _ in range(jobs):
            office.clock.now += 1
            office.submit(client=client)
    served: Counter[str] = Counter()
    for _ in range(40):
        office.dispatcher.dispatch()
        job = office.dispatcher.in_worker
        served[office.jobs.details(job).client] += 1
        office.workshop.hear(Finished(job=job, result=RESULT))
    shares = served.values()
    assert sum(shares) ** 2 / (4 * sum(share**2 for share in shares)) > 0.9


def test_a_job_that_another_version_wrote_and_this_one_cannot_read_fails_alone(
    office: Office, tmp_path: Path
) -> None:
    strange, mine = office.submit(), office.submit()
    office.storage.database.write(
        ("UPDATE jobs SET task = ? WHERE id = ?", (b"\x81\xa3new\x01", strange))
    )
    office.close()
    with closing(Office(tmp_path)) as again:
        failure = again.jobs.state(strange).failure
        assert failure is not None
        assert (failure.code, again.state(mine)) == ("INVALID_SPEC", "queued")
