"""What was accepted, in SQLite: nothing is told to anybody before it is on the disk.

One thread. Every method is one transaction, synced before it returns; `ev` counts a job's
transitions, so that a client can tell old news from new. Every method may raise StoreError: the
disk is full or broken, and nothing was changed.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import StoreError


def _m001_jobs_and_meta(database: sqlite3.Connection) -> None:
    database.execute(
        "CREATE TABLE jobs ("
        "number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, "
        "task BLOB NOT NULL, digest BLOB NOT NULL, previews INTEGER NOT NULL, "
        "created_ms INTEGER NOT NULL, state TEXT NOT NULL, ev INTEGER NOT NULL, "
        "attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0, "
        "finish INTEGER NOT NULL DEFAULT 0, acked INTEGER NOT NULL DEFAULT 0, "
        "result BLOB, failure BLOB)"
    )
    database.execute("CREATE INDEX jobs_by_state ON jobs (state, number)")
    database.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)")
    database.execute("INSERT INTO meta VALUES ('epoch', 0)")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_m001_jobs_and_meta,)
"""Applied in order, each once; only ever appended to."""


@dataclass(frozen=True)
class JobRecord:
    """One row of jobs. `task`, `result` and `failure` are packed messages.

    `attempt` counts starts, `crashes` those that ended with the worker's death; `finish` is set
    once the user has asked for the best so far.
    """

    number: int
    id: str
    kind: str
    task: bytes
    digest: bytes
    previews: bool
    created_ms: int
    state: str
    ev: int
    attempt: int
    crashes: int
    finish: bool
    acked: bool
    result: bytes | None
    failure: bytes | None


COLUMNS = ", ".join(JobRecord.__dataclass_fields__)


class Store:
    """The job database of one daemon. Opening it begins a new epoch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told_as_a_sentence():
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._migrate()
            self.epoch = self._begin_epoch()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def accept(self, job: str, *, kind: str, task: bytes, digest: bytes, previews: bool) -> None:
        """Queue a new job. The id must not be taken."""
        self._execute(
            "INSERT INTO jobs (id, kind, task, digest, previews, created_ms, state, ev) "
            "VALUES (?, ?, ?, ?, ?, ?, 'queued', 1)",
            job, kind, task, digest, previews, time.time_ns() // 1_000_000,
        )  # fmt: skip

    def get(self, job: str) -> JobRecord | None:
        """Return the job, None if it was never accepted."""
        return self._one("WHERE id = ?", job)

    def next_queued(self) -> JobRecord | None:
        """Return the job that has waited longest."""
        return self._one("WHERE state = 'queued' ORDER BY number LIMIT 1")

    def newest(
        self, limit: int, *, state: str | None = None, before: str | None = None
    ) -> list[JobRecord]:
        """Return the last `limit` jobs accepted, newest first.

        Only those in `state`, accepted before the job `before`: none where there is no such job.
        """
        rows = self._execute(
            f"SELECT {COLUMNS} FROM jobs WHERE (?1 IS NULL OR state = ?1) AND "
            "(?2 IS NULL OR number < (SELECT number FROM jobs WHERE id = ?2)) "
            "ORDER BY number DESC LIMIT ?3",
            state, before, limit,
        )  # fmt: skip
        return [_record(row) for row in rows]

    def unfinished(self) -> set[str]:
        """Return the ids of all jobs that are not over."""
        rows = self._execute("SELECT id FROM jobs WHERE state IN ('queued', 'loading', 'running')")
        return {job for (job,) in rows}

    def count_queued(self, *, before: int = 2**62) -> int:
        """Return how many jobs wait, of those accepted before number `before`."""
        counted = "SELECT count(*) FROM jobs WHERE state = 'queued' AND number < ?"
        (count,) = self._execute(counted, before).fetchone()
        return int(count)

    def start(self, job: str) -> None:
        """Queued -> loading, one more attempt."""
        self._move(job, "state = 'loading', attempt = attempt + 1")

    def set_running(self, job: str) -> None:
        """Loading -> running."""
        self._move(job, "state = 'running'")

    def requeue(self, job: str, *, crashed: bool) -> None:
        """Back to the queue, at its old place."""
        self._move(job, "state = 'queued', crashes = crashes + ?", crashed)

    def finish(self, job: str, result: bytes) -> None:
        """Done, with a result."""
        self._move(job, "state = 'done', result = ?", result)

    def fail(self, job: str, failure: bytes) -> None:
        """Failed, and why."""
        self._move(job, "state = 'failed', failure = ?", failure)

    def cancel(self, job: str) -> None:
        """Cancelled, without a result."""
        self._move(job, "state = 'cancelled'")

    def ask_to_finish(self, job: str) -> None:
        """Remember that the user wants the best so far; no transition."""
        self._execute("UPDATE jobs SET finish = 1 WHERE id = ?", job)

    def acknowledge(self, job: str) -> None:
        """Remember that the result is safely received; no transition."""
        self._execute("UPDATE jobs SET acked = 1 WHERE id = ?", job)

    def _move(self, job: str, assignments: str, *values: object) -> None:
        self._execute(f"UPDATE jobs SET ev = ev + 1, {assignments} WHERE id = ?", *values, job)

    def _one(self, where: str, *values: object) -> JobRecord | None:
        row = self._execute(f"SELECT {COLUMNS} FROM jobs {where}", *values).fetchone()
        return _record(row) if row else None

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        with self._told_as_a_sentence():
            return self._database.execute(statement, values)

    @contextmanager
    def _told_as_a_sentence(self) -> Iterator[None]:
        """Raise StoreError for what is wrong with the disk or the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"The job database {self._path} cannot be used: {error}. Make room on its disk "
                "and see that it can be written to; no job is lost."
            ) from error
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"The job database {self._path} is damaged: {error}. Move it aside to start with "
                "an empty one."
            ) from error

    def _migrate(self) -> None:
        database = self._database
        database.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
        done = {name for (name,) in database.execute("SELECT name FROM migrations")}
        for migration in MIGRATIONS:
            name = migration.__name__.lstrip("_")
            if name in done:
                continue
            database.execute("BEGIN")
            migration(database)
            database.execute("INSERT INTO migrations VALUES (?)", (name,))
            database.execute("COMMIT")

    def _begin_epoch(self) -> int:
        database = self._database
        database.execute("BEGIN")
        database.execute("UPDATE meta SET value = value + 1 WHERE key = 'epoch'")
        # Whatever ran when the last daemon ended goes on from its checkpoint.
        database.execute(
            "UPDATE jobs SET state = 'queued', ev = ev + 1 WHERE state IN ('loading', 'running')"
        )
        row = database.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        database.execute("COMMIT")
        return int(row[0])


def _record(row: tuple[object, ...]) -> JobRecord:
    fields = dict(zip(JobRecord.__dataclass_fields__, row, strict=True))
    flags = {name: bool(fields[name]) for name in ("previews", "finish", "acked")}
    return JobRecord(**{**fields, **flags})  # type: ignore[arg-type]
