"""What is forgotten is gone, never runs again, and takes nothing with it that others need."""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from office import Office
from shelf import CLIP, JOB, MADE, OTHER, days_pass, done, is_there, make_old, result_of

from bridge import store as store_module
from bridge.garbage import WANTED_UNDER_PRESSURE
from bridge.jobs import LET_GO_SECONDS
from bridge.pipe import Finished
from bridge.refusals import Refusal
from bridge.terms import DAY
from plugin_protocol.identity import first_id_of
from plugin_protocol.messages import JobSubmit
from plugin_protocol.values import AudioRef, Outpaint, Task


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        yield office


@pytest.mark.parametrize("clock_ahead", [0.0, 200.0])
def test_an_id_runs_once_however_much_later_it_comes_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock_ahead: float
) -> None:
    """Also where the clock of the machine that made it was days ahead."""
    job = first_id_of(store_module._now_ms() + round(1000 * DAY * clock_ahead))
    done(office, job)
    office.jobs.forget(job)
    for days in (0, 89, 2, 110, 2, 1000):
        days_pass(monkeypatch, days)
        office.storage.garbage.collect()
        with pytest.raises(Refusal) as refused:
            office.submit(job=job)
        assert refused.value.failure.code == "GONE"
    assert office.store.get(job) is None


def test_nothing_is_kept_of_a_private_job_after_its_receipt(office: Office) -> None:
    done(office, JOB, private=True)
    office.jobs.acknowledge(JOB)
    assert not is_there(office, CLIP)
    assert not is_there(office, MADE)
    record = office.store.get(JOB)
    assert record is not None
    assert (record.kept, record.task, record.result) == ("id", b"", None)


def test_the_receipt_of_a_private_job_may_be_repeated(office: Office) -> None:
    done(office, JOB, private=True)
    assert office.jobs.acknowledge(JOB)
    assert not office.jobs.acknowledge(JOB)


def test_the_previews_of_a_private_job_go_with_it(office: Office) -> None:
    preview = office.storage.previews.write(b"preview")
    half = office.paths.previews / "draft-of-another"
    half.touch()
    done(office, JOB, private=True)
    office.jobs.acknowledge(JOB)
    assert office.storage.previews.size(preview) is None
    assert half.exists()


def test_forgetting_a_job_costs_no_music_that_is_just_made_again(office: Office) -> None:
    """The worker has written it, or found it there, and has not said so yet."""
    done(office, JOB)
    clip = AudioRef(
        sha=sha256(CLIP).digest(), format="f32le", sample_rate=8000, channels=1, frames=1
    )
    task = Task(objectives=(Outpaint(seconds=1),), clip=clip)
    office.jobs.submit(JobSubmit(job=OTHER, task=task, allow_cached=False))
    office.dispatcher.dispatch()
    made = office.storage.blobs.write(MADE)
    office.jobs.forget(JOB)
    office.workshop.hear(Finished(job=OTHER, result=result_of(made)))
    office.workshop.attend()
    assert is_there(office, MADE)
    office.jobs.forget(OTHER)
    assert not is_there(office, MADE)


def test_a_private_job_leaves_nothing_though_others_are_always_at_work(office: Office) -> None:
    done(office, JOB, private=True)
    office.started()
    make_old(office, CLIP, MADE, seconds=WANTED_UNDER_PRESSURE - LET_GO_SECONDS)
    office.jobs.acknowledge(JOB)
    office.pass_time(LET_GO_SECONDS)
    assert is_there(office, CLIP)
    assert is_there(office, MADE)
    make_old(office, CLIP, MADE, seconds=WANTED_UNDER_PRESSURE)
    office.pass_time(LET_GO_SECONDS)
    assert not is_there(office, CLIP)
    assert not is_there(office, MADE)
    assert office.dispatcher.in_worker


def test_a_private_job_leaves_what_another_one_at_work_reads(office: Office) -> None:
    done(office, JOB, private=True)
    clip = AudioRef(
        sha=sha256(CLIP).digest(), format="f32le", sample_rate=8000, channels=1, frames=1
    )
    task = Task(objectives=(Outpaint(seconds=1),), clip=clip, seed=1)
    office.jobs.submit(JobSubmit(job=OTHER, task=task))
    office.dispatcher.dispatch()
    office.jobs.acknowledge(JOB)
    make_old(office, CLIP, MADE)
    office.pass_time(LET_GO_SECONDS)
    assert is_there(office, CLIP)
    assert not is_there(office, MADE)


def test_forgetting_takes_the_result_and_keeps_what_others_need(office: Office) -> None:
    done(office, JOB)
    done(office, OTHER)
    assert office.jobs.forget(JOB)
    assert not office.jobs.forget(JOB)
    assert is_there(office, MADE)
    assert office.jobs.forget(OTHER)
    assert not is_there(office, MADE)
