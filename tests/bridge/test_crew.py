"""Two workers, made of paper: who gets which job, who is told what, and whose death harms whom."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from office import RESULT, Office, PaperWorker

from bridge.endings import CRASHES
from bridge.pipe import Finished, Halt, Halted, Started, Work, Yield, Yielded
from plugin_protocol.messages import JobProgress


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path, workers=2)) as office:
        yield office


def works(worker: PaperWorker) -> list[str]:
    return [message.job for message in worker.sent if isinstance(message, Work)]


def told(office: Office, kind: type) -> list[list[Any]]:
    """What of that kind was said to each of the workers."""
    return [[each for each in worker.sent if isinstance(each, kind)] for worker in office.workers]


def goes_on_for_an_hour(office: Office, job: str, *, hours: float = 1.0) -> None:
    progress = JobProgress(job=job, phase="optimizing", step=1, steps=9, eta_seconds=3600.0 * hours)
    office.workshop.hear(Started(job=job))
    office.workshop.hear(progress)


def finish(office: Office, job: str) -> None:
    office.workshop.hear(Finished(job=job, result=RESULT))
    office.pass_time(1)


# ---- who gets which job ----------------------------------------------------------------------


def test_two_jobs_run_at_the_same_time_and_a_third_waits(office: Office) -> None:
    a, b, c = office.started(), office.started(), office.submit()
    office.pass_time(1)
    assert [office.state(job) for job in (a, b, c)] == ["running", "running", "queued"]
    assert [works(worker) for worker in office.workers] == [[a], [b]]
    finish(office, b)
    assert [works(worker) for worker in office.workers] == [[a], [b, c]]
    assert [office.state(job) for job in (a, b, c)] == ["running", "done", "loading"]


def test_all_that_wait_are_handed_out_at_once(office: Office) -> None:
    jobs = [office.submit() for _ in range(3)]
    office.dispatcher.dispatch()
    assert [office.state(job) for job in jobs] == ["loading", "loading", "queued"]


def test_of_two_free_workers_that_with_the_model_gets_the_job(office: Office) -> None:
    office.workers[1].model = "embedded"
    job = office.started()
    assert [works(worker) for worker in office.workers] == [[], [job]]


def test_a_worker_that_rests_is_asked_before_one_that_loads(office: Office) -> None:
    office.workers[0].state = "loading"
    job = office.started()
    assert [works(worker) for worker in office.workers] == [[], [job]]


def test_no_job_goes_to_a_worker_that_dies_again_and_again(office: Office) -> None:
    """It would be handed over three times and be given up, while another GPU is well."""
    a = office.started()
    office.workers[1].is_doubtful, office.workers[1].state = True, "loading"
    b = office.submit()
    office.pass_time(1)
    assert office.state(b) == "queued"
    finish(office, a)
    assert [works(worker) for worker in office.workers] == [[a, b], []]


def test_where_all_have_died_jobs_are_handed_over_all_the_same(office: Office) -> None:
    for worker in office.workers:
        worker.is_doubtful, worker.state = True, "loading"
    assert office.state(office.started()) == "running"


def test_four_equal_clients_get_equal_shares_of_two_workers(office: Office) -> None:
    """Jain's index: 1 where all shares are equal. One of them floods the line first."""
    for client, jobs in (("flood", 30), ("a", 10), ("b", 10), ("c", 10)):
        for _ in range(jobs):
            office.clock.now += 1
            office.submit(client=client)
    served: Counter[str] = Counter()
    for i in range(40):
        office.dispatcher.dispatch()
        # Now the one ends first, now the other.
        job = list(office.dispatcher.at_work)[i % 2]
        served[office.jobs.details(job).client] += 1
        office.workshop.hear(Finished(job=job, result=RESULT))
    shares = served.values()
    assert sum(shares) ** 2 / (4 * sum(share**2 for share in shares)) > 0.9


# ---- who is told what ------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["stop", "finish"])
def test_a_cancel_reaches_the_worker_that_has_the_job(office: Office, mode: Any) -> None:
    a, b = office.started(), office.started()
    office.jobs.cancel(b, mode)
    assert told(office, Halt) == [[], [Halt(job=b, mode=mode)]]
    assert office.state(a) == "running"


def test_the_place_of_a_cancelled_job_is_free_once_its_worker_has_let_go(office: Office) -> None:
    a, b, c = office.started(), office.started(), office.submit()
    office.jobs.cancel(a, "stop")
    office.pass_time(1)
    assert office.state(c) == "queued"
    office.workshop.hear(Halted(job=a))
    office.pass_time(1)
    assert [works(worker) for worker in office.workers] == [[a, c], [b]]


def test_a_batch_job_gives_way_only_where_no_worker_is_free(office: Office) -> None:
    batch = office.started(priority="batch")
    goes_on_for_an_hour(office, batch)
    first = office.submit(priority="interactive")
    office.dispatcher.preempt_if_due()
    office.pass_time(1)
    assert told(office, Yield) == [[], []]
    assert works(office.workers[1]) == [first]
    second = office.submit(priority="interactive")
    office.pass_time(1)
    assert told(office, Yield) == [[Yield(job=batch)], []]
    office.workshop.hear(Yielded(job=batch))
    office.pass_time(1)
    assert works(office.workers[0]) == [batch, second]
    assert office.jobs.state(batch).cause == "preempted"


def test_a_batch_job_that_gave_way_goes_on_at_any_worker(office: Office) -> None:
    batch = office.started(priority="batch")
    other = office.started()
    goes_on_for_an_hour(office, batch)
    office.submit(priority="interactive")
    office.pass_time(1)
    office.workshop.hear(Yielded(job=batch))
    office.pass_time(1)
    finish(office, other)
    assert works(office.workers[1]) == [other, batch]


def test_of_two_batch_jobs_the_longer_gives_way_to_each_that_waits_one(office: Office) -> None:
    shorter, longer = office.started(priority="batch"), office.started(priority="batch")
    goes_on_for_an_hour(office, shorter)
    goes_on_for_an_hour(office, longer, hours=2)
    urgent = office.submit(priority="interactive")
    for _ in range(3):
        office.pass_time(1)
    assert told(office, Yield) == [[], [Yield(job=longer)]]
    also_urgent = office.submit(priority="interactive")
    office.pass_time(1)
    assert told(office, Yield) == [[Yield(job=shorter)], [Yield(job=longer)]]
    office.workshop.hear(Yielded(job=shorter))
    office.workshop.hear(Yielded(job=longer))
    office.pass_time(1)
    assert {office.state(job) for job in (urgent, also_urgent)} == {"loading"}


def test_a_deadline_ends_each_job_by_itself(office: Office) -> None:
    short, long = office.started(run_ttl=5.0), office.started(run_ttl=500.0)
    office.pass_time(6)
    assert told(office, Halt) == [[Halt(job=short, mode="finish")], []]
    office.pass_time(500)
    assert told(office, Halt)[1] == [Halt(job=long, mode="finish")]


def test_a_job_waits_for_the_worker_that_is_free_first(office: Office) -> None:
    a, b = office.started(), office.started()
    goes_on_for_an_hour(office, a)
    goes_on_for_an_hour(office, b, hours=2)
    first, second, third = (office.jobs.state(office.submit()) for _ in range(3))
    assert first.eta_seconds is not None
    assert second.eta_seconds is not None
    assert third.eta_seconds is not None
    assert (first.ahead, second.ahead, third.ahead) == (0, 1, 2)
    assert 3600 < first.eta_seconds < second.eta_seconds < third.eta_seconds < 7200


# ---- whose death harms whom ------------------------------------------------------------------


def test_a_death_harms_the_job_of_that_worker_alone(office: Office) -> None:
    a, b = office.started(), office.started()
    office.workers[0].is_ready = False
    office.workshop.mourn(office.workers[0], was_ready=True)  # type: ignore[arg-type]
    office.pass_time(1)
    assert (office.state(a), office.state(b)) == ("queued", "running")
    finish(office, b)
    assert works(office.workers[1]) == [b, a]
    assert office.jobs.state(a).attempt == 2


def test_a_worker_that_cannot_start_harms_no_job_while_another_can(office: Office) -> None:
    a, b = office.started(), office.submit()
    office.workers[1].is_ready = False
    for _ in range(CRASHES):
        office.workshop.mourn(office.workers[1], was_ready=False)  # type: ignore[arg-type]
    assert (office.state(a), office.jobs.state(b).ev) == ("running", 1)


def test_where_none_can_start_no_job_waits_for_ever(office: Office) -> None:
    job = office.submit()
    for worker in office.workers:
        worker.is_ready = False
    for i in range(CRASHES):
        office.workshop.mourn(office.workers[i % 2], was_ready=False)  # type: ignore[arg-type]
    assert office.state(job) == "failed"
