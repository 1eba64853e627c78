"""Old databases open, and nothing in them is lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bridge.blob_ledger import BlobLedger
from bridge.database import Database
from bridge.errors import StoreError
from bridge.migrations import MIGRATIONS, m001_jobs_and_meta
from bridge.store import Store
from plugin_protocol.framing import pack
from plugin_protocol.values import AudioRef, Outpaint, Result, Span, Start, Take, Task

CLIP, NOISE, MADE = (bytes([i]) * 32 for i in (1, 2, 3))
TASK = Task(
    objectives=(Outpaint(seconds=1),),
    clip=AudioRef(sha=CLIP, format="f32le", sample_rate=8000, channels=1, frames=1),
    start=Start(noise=NOISE),
)
AUDIO = AudioRef(sha=MADE, format="f32le", sample_rate=8000, channels=1, frames=1)
RESULT = Result(takes=(Take(seed=0, audio=AUDIO, losses={}),), new=(Span(start=0, end=1),))


@pytest.fixture
def old_database(tmp_path: Path) -> Path:
    """What protocol 1.1 left: one job done and received, one that ran."""
    path = tmp_path / "jobs.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY)")
        m001_jobs_and_meta(database)
        database.execute("INSERT INTO migrations VALUES ('m001_jobs_and_meta')")
        row = (pack(TASK), b"d", 5, 0)
        insert = (
            "INSERT INTO jobs (id, kind, state, result, task, digest, created_ms, previews, "
            "ev, attempt, acked) VALUES (?, 'outpaint', ?, ?, ?, ?, ?, ?, 4, 1, ?)"
        )
        database.execute(insert, ("done", "done", pack(RESULT), *row, 1))
        database.execute(insert, ("ran", "running", None, *row, 0))
        database.commit()
    return path


def test_each_migration_has_a_name_of_its_own_in_order() -> None:
    names = [migration.__name__ for migration in MIGRATIONS]
    assert names == sorted(set(names))
    assert [name[:5] for name in names] == [f"m{i:03}_" for i in range(1, len(names) + 1)]


def test_a_database_of_protocol_1_1_opens_with_all_its_jobs(old_database: Path) -> None:
    with closing(Database(old_database)) as database:
        store = Store(database)
        done, ran = store.get("done"), store.get("ran")
        assert done is not None
        assert ran is not None
        assert (done.state, done.result, done.acked, done.kept) == (
            "done", pack(RESULT), True, "all",
        )  # fmt: skip
        assert (ran.state, ran.attempt, ran.cause) == ("queued", 1, "daemon")


def test_the_blobs_of_old_jobs_are_in_use(old_database: Path) -> None:
    with closing(Database(old_database)) as database:
        ledger = BlobLedger(database)
        ledger.agree_with([(CLIP, 4), (NOISE, 4), (MADE, 4), (bytes(32), 4)])
        assert ledger.unused() == [(bytes(32), 4)]


def test_old_results_are_kept_for_a_week_more(old_database: Path) -> None:
    with closing(Database(old_database)) as database:
        store = Store(database)
        store.let_go_of_overdue()
        (job,) = [record for record in store.newest(9) if record.state == "done"]
        assert job.until_ms is not None
        assert job.ended_ms is not None
        assert job.until_ms - job.ended_ms == 7 * 24 * 3600 * 1000


def test_a_job_that_an_old_daemon_had_preempted_goes_on_in_the_same_attempt(
    old_database: Path,
) -> None:
    with closing(sqlite3.connect(old_database)) as database:
        for migration in MIGRATIONS[1:4]:
            migration(database)
            database.execute("INSERT INTO migrations VALUES (?)", (migration.__name__,))
        database.execute("UPDATE jobs SET state = 'queued', cause = 'preempted' WHERE id = 'ran'")
        database.commit()
    with closing(Database(old_database)) as database:
        store = Store(database)
        store.start("ran", waited=0)
        record = store.get("ran")
        assert record is not None
        assert record.attempt == 1


def test_a_database_of_a_newer_version_is_left_alone(old_database: Path) -> None:
    with closing(Database(old_database)) as database:
        database.write(("INSERT INTO migrations VALUES ('m999_from_the_future')", ()))
    with pytest.raises(StoreError, match=r"newer version of DITTO \(m999_from_the_future\)"):
        Database(old_database)
    assert old_database.exists()


def test_a_migration_that_fails_half_way_leaves_nothing(
    old_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m999_breaks(database: sqlite3.Connection) -> None:
        database.execute("CREATE TABLE half (way)")
        raise sqlite3.OperationalError("no more")

    with monkeypatch.context() as patched:
        patched.setattr("bridge.migrations.MIGRATIONS", (*MIGRATIONS, m999_breaks))
        with pytest.raises(StoreError, match="no more"):
            Database(old_database)
    with closing(Database(old_database)) as database:
        assert database.rows("SELECT name FROM sqlite_master WHERE name = 'half'") == []
        assert len(database.rows("SELECT id FROM jobs")) == 2
