"""Where a job stands is told when it changes, and only then."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from office import RESULT, Office

from bridge.jobs import PLACES_SECONDS
from bridge.pipe import Finished
from plugin_protocol.messages import JobProgress, JobState


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        yield office


def test_the_place_and_the_time_left_come_with_the_first_answer(office: Office) -> None:
    office.started()
    first, second = (office.jobs.state(office.submit()) for _ in range(2))
    assert (first.ahead, second.ahead) == (0, 1)
    assert first.eta_seconds is not None
    assert second.eta_seconds is not None
    assert 0 < first.eta_seconds < second.eta_seconds


def test_what_the_first_answer_says_is_not_told_again(office: Office) -> None:
    office.started()
    waiting = [office.submit() for _ in range(3)]
    office.pass_time(PLACES_SECONDS)
    assert [office.states_told(job) for job in waiting] == [[], [], []]


def test_nothing_is_told_while_nothing_changes(office: Office) -> None:
    office.started()
    for _ in range(3):
        office.submit()
    office.pass_time(PLACES_SECONDS)
    office.told.clear()
    office.workshop.attend()
    assert office.told == []


def test_time_that_passes_as_foretold_is_no_news(office: Office) -> None:
    job, _ = office.started(), office.submit()
    office.workshop.hear(JobProgress(job=job, phase="optimizing", eta_seconds=500.0))
    office.pass_time(PLACES_SECONDS)
    office.told.clear()
    for _ in range(200):
        office.pass_time(PLACES_SECONDS)
    assert office.told == []


def test_everybody_behind_is_told_when_the_line_moves(office: Office) -> None:
    job = office.started()
    line = [office.submit() for _ in range(3)]
    office.pass_time(PLACES_SECONDS)
    office.told.clear()
    office.workshop.hear(Finished(job=job, result=RESULT))
    office.pass_time(PLACES_SECONDS)
    places = {waiting: office.states_told(waiting)[-1] for waiting in line[1:]}
    assert [place.ahead for place in places.values()] == [0, 1]
    assert all(place.ev == 1 for place in places.values())


def test_a_slower_pace_than_thought_is_news(office: Office) -> None:
    job, waiting = office.started(), office.submit()
    office.pass_time(PLACES_SECONDS)
    office.told.clear()
    office.workshop.hear(JobProgress(job=job, phase="optimizing", eta_seconds=500.0))
    office.pass_time(PLACES_SECONDS)
    (news,) = office.states_told(waiting)
    assert news.eta_seconds is not None
    assert news.eta_seconds > 490


def test_the_running_jobs_time_left_is_in_its_state(office: Office) -> None:
    job = office.started()
    office.workshop.hear(JobProgress(job=job, phase="optimizing", eta_seconds=500.0))
    office.pass_time(100)
    assert office.jobs.state(job).eta_seconds == pytest.approx(400)


def test_estimates_follow_what_jobs_really_took(office: Office, tmp_path: Path) -> None:
    def estimate(office: Office) -> float:
        job = office.submit(seconds=30.0)
        seconds = office.jobs.state(job).eta_seconds
        office.jobs.cancel(job, "stop")
        assert seconds is not None
        return seconds

    before = estimate(office)
    office.finished(replace(RESULT, compute_seconds=10 * before), seconds=30.0)
    assert estimate(office) == pytest.approx(10 * before)
    office.close()
    with closing(Office(tmp_path)) as again:
        assert estimate(again) == pytest.approx(10 * before)


def test_jobs_that_wait_are_reckoned_anew_when_one_took_longer(office: Office) -> None:
    first, waiting = office.started(seconds=30.0), office.submit(seconds=30.0)
    long = replace(RESULT, compute_seconds=1000.0)
    office.workshop.hear(Finished(job=first, result=long))
    assert office.jobs.state(waiting).eta_seconds == pytest.approx(1000)


def test_each_transition_is_told_once_and_in_order(office: Office) -> None:
    job = office.finished()
    told = office.states_told(job)
    assert [state.state for state in told] == ["loading", "running", "done"]
    assert [state.ev for state in told] == [2, 3, 4]
    assert all(isinstance(state, JobState) for state in told)
