"""The store remembers what was accepted, in order, over restarts."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from bridge.errors import StoreError
from bridge.store import MIGRATIONS, JobRecord, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "jobs.db")) as store:
        yield store


def accept(store: Store, *jobs: str) -> None:
    for job in jobs:
        store.accept(job, kind="loop", task=b"task", digest=b"digest", previews=False)


def known(store: Store, job: str) -> JobRecord:
    record = store.get(job)
    assert record is not None
    return record


def test_jobs_wait_in_the_order_they_came(store: Store) -> None:
    accept(store, "b", "a")
    first = store.next_queued()
    assert first is not None
    assert first.id == "b"
    assert [record.id for record in store.newest(9)] == ["a", "b"]


def test_every_transition_is_counted(store: Store) -> None:
    accept(store, "a")
    store.start("a")
    store.set_running("a")
    store.finish("a", b"result")
    record = known(store, "a")
    assert (record.state, record.ev, record.attempt, record.result) == ("done", 4, 1, b"result")


def test_a_job_that_goes_back_keeps_its_place(store: Store) -> None:
    accept(store, "a", "b")
    store.start("a")
    store.requeue("a", crashed=True)
    first = store.next_queued()
    assert first is not None
    assert (first.id, first.crashes) == ("a", 1)


def test_the_queue_is_counted_up_to_a_job(store: Store) -> None:
    accept(store, "a", "b", "c")
    assert store.count_queued() == 3
    assert store.count_queued(before=known(store, "c").number) == 2


def test_an_id_is_accepted_once(store: Store) -> None:
    accept(store, "a")
    with pytest.raises(sqlite3.IntegrityError):
        accept(store, "a")


def test_what_ran_when_the_daemon_died_waits_again(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "jobs.db")) as store:
        accept(store, "ran", "done")
        store.start("ran")
        store.finish("done", b"")
    with closing(Store(tmp_path / "jobs.db")) as store:
        assert (known(store, "ran").state, known(store, "ran").attempt) == ("queued", 1)
        assert known(store, "done").state == "done"
        assert store.unfinished() == {"ran"}


def test_each_start_is_an_epoch(tmp_path: Path) -> None:
    epochs = []
    for _ in range(3):
        with closing(Store(tmp_path / "jobs.db")) as store:
            epochs.append(store.epoch)
    assert epochs == [1, 2, 3]


def test_commits_reach_the_disk(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "jobs.db")) as store:
        pragmas = [store._database.execute(f"PRAGMA {p}").fetchone()[0] for p in
                   ("journal_mode", "synchronous")]  # fmt: skip
    assert pragmas == ["wal", 2]


def test_a_full_disk_is_told_and_changes_nothing(
    store: Store, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    accept(store, "a")
    with full_disk(1), pytest.raises(StoreError, match="no job is lost"):
        store.start("a")
    assert (known(store, "a").state, known(store, "a").ev) == ("queued", 1)


def test_every_migration_has_a_name_of_its_own() -> None:
    names = [migration.__name__ for migration in MIGRATIONS]
    assert names == sorted(set(names))


def test_a_damaged_database_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="Move it aside"):
        Store(tmp_path / "jobs.db")
