"""Equal tasks share a result; anything that could make it another keeps them apart."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from office import RESULT, Office

from bridge.pipe import Finished, WorkerState
from plugin_protocol.values import Result

MUSIC = b"music"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        office.knows_its_makers()
        yield office


def result(office: Office, *, stopped: str = "converged") -> Result:
    (take,) = RESULT.takes
    audio = replace(take.audio, sha=office.storage.blobs.write(MUSIC))
    return replace(RESULT, takes=(replace(take, audio=audio, stopped=stopped),))


def made(office: Office, *, stopped: str = "converged", **terms: Any) -> str:
    job = office.started(**terms)
    office.workshop.hear(Finished(job=job, result=result(office, stopped=stopped)))
    return job


def test_an_equal_task_is_done_at_once_with_the_same_result(office: Office) -> None:
    first = made(office)
    second = office.submit()
    one, two = office.jobs.state(first), office.jobs.state(second)
    assert (two.state, two.cached, two.ev, two.attempt) == ("done", True, 1, 0)
    assert two.result == one.result
    assert not one.cached


def test_its_result_outlives_the_first_job(office: Office) -> None:
    first = made(office)
    second = office.submit()
    office.jobs.forget(first)
    state = office.jobs.state(second)
    assert state.result is not None
    assert office.storage.blobs.size(state.result.takes[0].audio.sha) == len(MUSIC)


def test_another_seed_is_another_task(office: Office) -> None:
    made(office)
    assert office.state(office.submit(seed=1)) == "queued"


def test_who_does_not_want_it_gets_it_made_anew(office: Office) -> None:
    made(office)
    assert office.state(office.submit(allow_cached=False)) == "queued"


def test_another_model_or_engine_makes_another_result(office: Office) -> None:
    made(office)
    for engine, digest in (("2", "d"), ("1", "e")):
        office.workshop.hear(WorkerState(state="idle", engine=engine, digests={"embedded": digest}))
        job = office.submit()
        assert office.state(job) == "queued"
        office.jobs.cancel(job, "stop")


def test_what_was_cut_short_is_nobody_elses_result(office: Office) -> None:
    made(office, stopped="finish")
    assert office.state(office.submit()) == "queued"


def test_a_private_result_is_nobody_elses(office: Office) -> None:
    made(office, private=True)
    assert office.state(office.submit()) == "queued"


def test_a_result_whose_music_is_gone_is_made_anew(office: Office) -> None:
    first = office.jobs.state(made(office)).result
    assert first is not None
    office.storage.blobs.remove(first.takes[0].audio.sha)
    assert office.state(office.submit()) == "queued"


def test_before_the_worker_has_said_what_it_is_nothing_is_shared(tmp_path: Path) -> None:
    with closing(Office(tmp_path)) as office:
        made(office)
        office.knows_its_makers()
        assert office.state(office.submit()) == "queued"


def test_a_forgotten_result_is_not_found(office: Office) -> None:
    office.jobs.forget(made(office))
    assert office.state(office.submit()) == "queued"
