"""The store remembers what was accepted, in order, over restarts."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from bridge.database import Database
from bridge.errors import StoreError
from bridge.job_records import JobRecord, MadeResult, NewJob
from bridge.store import Store

TERMS = b"\x80"
RESULT = MadeResult(b"result", {bytes(32): 9}, b"key")


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    with closing(Database(folder / "jobs.db")) as database:
        yield Store(database)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as store:
        yield store


def accept(store: Store, *jobs: str) -> None:
    for job in jobs:
        store.accept(NewJob(job, kind="loop", task=b"task", digest=b"digest", terms=TERMS))


def known(store: Store, job: str) -> JobRecord:
    record = store.get(job)
    assert record is not None
    return record


def test_jobs_wait_in_the_order_they_came(store: Store) -> None:
    accept(store, "b", "a")
    assert [record.id for record in store.waiting()] == ["b", "a"]
    assert [record.id for record in store.newest(9)] == ["a", "b"]


def test_every_transition_is_counted(store: Store) -> None:
    accept(store, "a")
    store.start("a", waited=0)
    store.set_running("a")
    store.finish("a", RESULT, ran=0)
    record = known(store, "a")
    assert (record.state, record.ev, record.attempt, record.result) == ("done", 4, 1, b"result")


def test_a_job_that_goes_back_keeps_its_place(store: Store) -> None:
    accept(store, "a", "b")
    store.start("a", waited=0)
    store.requeue("a", cause="worker", ran=0, crashed=True)
    assert [(record.id, record.crashes) for record in store.waiting()] == [("a", 1), ("b", 0)]


@pytest.mark.parametrize("finish", [False, True])
@pytest.mark.parametrize(("crashed", "attempts"), [(False, [1, 1, 1]), (True, [1, 2, 3])])
def test_only_what_follows_a_death_is_another_attempt(
    store: Store, crashed: bool, attempts: list[int], finish: bool
) -> None:
    accept(store, "a")
    if finish:
        store.ask_to_finish("a", cause="asked")
    counted = []
    for _ in range(3):
        store.start("a", waited=0)
        counted.append(known(store, "a").attempt)
        store.requeue("a", cause="daemon", ran=0, crashed=crashed)
    assert counted == attempts


def test_an_id_is_accepted_once(store: Store) -> None:
    accept(store, "a")
    with pytest.raises(sqlite3.IntegrityError):
        accept(store, "a")


def test_what_ran_when_the_daemon_died_waits_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        accept(store, "ran", "done")
        store.start("ran", waited=0)
        store.finish("done", RESULT, ran=0)
    with opened(tmp_path) as store:
        assert (known(store, "ran").state, known(store, "ran").attempt) == ("queued", 1)
        assert known(store, "done").state == "done"
        assert store.unfinished() == {"ran"}


def test_each_start_is_an_epoch(tmp_path: Path) -> None:
    epochs = []
    for _ in range(3):
        with opened(tmp_path) as store:
            epochs.append(store.epoch)
    assert epochs == [1, 2, 3]


def test_commits_reach_the_disk(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "jobs.db")) as database:
        pragmas = [database.rows(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")]
    assert pragmas == [[("wal",)], [(2,)]]


def test_a_full_disk_is_told_and_changes_nothing(
    store: Store, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    accept(store, "a")
    with full_disk(1), pytest.raises(StoreError, match="no job is lost"):
        store.start("a", waited=0)
    assert (known(store, "a").state, known(store, "a").ev) == ("queued", 1)
