"""Jobs that may not wait or run for ever, and jobs that end with their client."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from office import RESULT, Office

from bridge.listeners import GRACE_SECONDS
from bridge.pipe import Finished, Halt, Started
from plugin_protocol.values import Failure

FINISHED = replace(RESULT, takes=(replace(RESULT.takes[0], stopped="finish"),))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        yield office


def failure_of(office: Office, job: str) -> Failure:
    failure = office.jobs.state(job).failure
    assert failure is not None
    return failure


def test_a_job_that_has_not_begun_in_time_expires(office: Office) -> None:
    office.started()
    job = office.submit(queue_ttl=10.0)
    office.pass_time(9.9)
    assert office.state(job) == "queued"
    office.pass_time(0.5)
    assert office.state(job) == "failed"
    assert (failure_of(office, job).code, failure_of(office, job).limit) == ("EXPIRED", "queue_ttl")
    assert office.states_told(job)[-1].cause == "deadline"


def test_a_job_that_has_begun_does_not_expire_in_the_line(office: Office) -> None:
    job = office.started(queue_ttl=10.0)
    office.worker.is_ready = False
    office.workshop.mourn(office.worker, was_ready=True)
    office.pass_time(60)
    assert office.state(job) == "queued"


def test_waiting_counts_over_a_restart(office: Office, tmp_path: Path) -> None:
    office.worker.is_ready = False
    job = office.submit(queue_ttl=10.0)
    office.close()
    with closing(Office(tmp_path)) as again:
        again.worker.is_ready = False
        again.pass_time(10)
        assert again.state(job) == "failed"


def test_the_best_so_far_when_the_time_is_over(office: Office) -> None:
    job = office.started(run_ttl=10.0)
    office.pass_time(9.9)
    assert len(office.worker.sent) == 1
    office.pass_time(0.2)
    office.pass_time(5)
    assert office.worker.sent[1:] == [Halt(job=job, mode="finish")]
    office.workshop.hear(Finished(job=job, result=FINISHED))
    state = office.jobs.state(job)
    assert state.result is not None
    assert (state.state, state.cause, state.result.takes[0].stopped) == (
        "done", "deadline", "deadline",
    )  # fmt: skip


def test_or_a_failure_when_the_time_is_over(office: Office) -> None:
    job = office.started(run_ttl=10.0, on_deadline="fail")
    office.pass_time(10.1)
    assert office.worker.sent[1:] == [Halt(job=job, mode="stop")]
    assert (failure_of(office, job).code, failure_of(office, job).limit) == ("EXPIRED", "run_ttl")
    office.workshop.hear(Finished(job=job, result=RESULT))
    assert office.state(job) == "failed"


def test_running_counts_over_all_attempts(office: Office) -> None:
    job = office.started(run_ttl=10.0)
    office.pass_time(6)
    office.workshop.mourn(office.worker, was_ready=True)
    office.pass_time(3)
    assert office.dispatcher.in_worker == job
    office.workshop.hear(Started(job=job))
    office.pass_time(3.5)
    assert not [message for message in office.worker.sent if isinstance(message, Halt)]
    office.pass_time(1)
    assert office.worker.sent[-1] == Halt(job=job, mode="finish")


def test_running_counts_though_the_daemon_is_killed(office: Office, tmp_path: Path) -> None:
    job = office.started(run_ttl=10.0)
    office.pass_time(8)
    office.close()
    with closing(Office(tmp_path)) as again:
        again.dispatcher.dispatch()
        again.workshop.hear(Started(job=job))
        again.pass_time(1)
        assert not [message for message in again.worker.sent if isinstance(message, Halt)]
        again.pass_time(2)
        assert again.worker.sent[-1] == Halt(job=job, mode="finish")


def test_loading_a_model_is_not_running(office: Office) -> None:
    job = office.submit(run_ttl=10.0)
    office.pass_time(60)
    office.pass_time(60)
    assert office.jobs.details(job).run_seconds == 0
    office.workshop.hear(Started(job=job))
    office.pass_time(9)
    assert not [message for message in office.worker.sent if isinstance(message, Halt)]
    office.pass_time(2)
    assert office.worker.sent[-1] == Halt(job=job, mode="finish")


def test_a_user_who_finished_a_job_is_told_that_he_did(office: Office) -> None:
    job = office.started(run_ttl=10.0)
    office.jobs.cancel(job, "finish")
    office.pass_time(11)
    office.workshop.hear(Finished(job=job, result=FINISHED))
    state = office.jobs.state(job)
    assert state.result is not None
    assert (state.cause, state.result.takes[0].stopped) == ("asked", "finish")


def test_the_computers_clock_ends_no_job(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.started(run_ttl=10.0)
    job = office.submit(queue_ttl=10.0)
    for jump in (-1e9, 1e9):
        monkeypatch.setattr("time.time", lambda jump=jump: 1.7e9 + jump)
        monkeypatch.setattr("time.time_ns", lambda jump=jump: int((1.7e9 + jump) * 1e9))
        office.pass_time(1)
    assert (office.state(job), len(office.worker.sent)) == ("queued", 1)


@pytest.mark.parametrize("started", [True, False])
def test_a_job_bound_to_its_client_ends_after_a_grace(office: Office, started: bool) -> None:
    make = office.started if started else office.submit
    job = make(on_disconnect="cancel")
    office.pass_time(GRACE_SECONDS + 1)
    assert office.state(job) in ("running", "queued", "loading")
    office.heard = set()
    office.pass_time(GRACE_SECONDS - 1)
    assert office.state(job) != "cancelled"
    office.pass_time(2)
    assert (office.state(job), office.jobs.state(job).cause) == ("cancelled", "disconnected")


def test_a_client_that_comes_back_in_time_finds_its_job(office: Office) -> None:
    job = office.started(on_disconnect="cancel")
    for heard in (set(), {job}, set()):
        office.heard = heard
        office.pass_time(GRACE_SECONDS - 1)
    assert office.state(job) == "running"


def test_a_client_that_says_goodbye_ends_its_job_at_once(office: Office) -> None:
    bound, kept = office.submit(on_disconnect="cancel"), office.submit()
    office.heard = set()
    office.jobs.client_left([bound, kept])
    assert (office.state(bound), office.state(kept)) == ("cancelled", "queued")


def test_another_listener_keeps_the_job(office: Office) -> None:
    job = office.submit(on_disconnect="cancel")
    office.jobs.client_left([job])
    assert office.state(job) == "queued"


def test_after_a_restart_there_is_time_to_come_back(office: Office, tmp_path: Path) -> None:
    job = office.started(on_disconnect="cancel")
    office.close()
    with closing(Office(tmp_path)) as again:
        again.heard = set()
        again.pass_time(GRACE_SECONDS - 1)
        assert again.state(job) != "cancelled"
        again.pass_time(2)
        assert again.state(job) == "cancelled"
