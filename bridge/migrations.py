"""The database's history: small steps, each applied once and recorded, never changed afterwards."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import msgpack

from bridge.errors import StoreError

Migration = Callable[[sqlite3.Connection], None]


def migrate(database: sqlite3.Connection) -> None:
    """Bring the database up to date, one transaction per step.

    Raises StoreError where it is ahead of us.
    """
    database.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
    done = {name for (name,) in database.execute("SELECT name FROM migrations")}
    if newer := done - {migration.__name__ for migration in MIGRATIONS}:
        raise StoreError(
            f"The job database belongs to a newer version of DITTO ({', '.join(sorted(newer))}). "
            "Start that version, or set DITTO_HOME to another folder."
        )
    for migration in MIGRATIONS:
        if migration.__name__ in done:
            continue
        database.execute("BEGIN IMMEDIATE")
        try:
            migration(database)
            database.execute("INSERT INTO migrations VALUES (?)", (migration.__name__,))
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise


def m001_jobs_and_meta(database: sqlite3.Connection) -> None:
    """Jobs, and the number of daemon starts."""
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


def m002_terms_and_times(database: sqlite3.Connection) -> None:
    """Who asked, on what terms, what happened when, and until when it is kept."""
    for column in (
        "owner TEXT NOT NULL DEFAULT ''",
        "client TEXT NOT NULL DEFAULT ''",
        "terms BLOB NOT NULL DEFAULT x'80'",  # an empty map: the usual terms
        "work REAL NOT NULL DEFAULT 0",
        "waited REAL NOT NULL DEFAULT 0",
        "ran REAL NOT NULL DEFAULT 0",
        "queued_ms INTEGER NOT NULL DEFAULT 0",
        "began_ms INTEGER",
        "ended_ms INTEGER",
        "until_ms INTEGER",
        "cause TEXT NOT NULL DEFAULT ''",
    ):
        database.execute(f"ALTER TABLE jobs ADD COLUMN {column}")
    database.execute("UPDATE jobs SET queued_ms = created_ms")
    # When a job ended was not written down: it counts as ended now, and is kept for a week.
    database.execute(
        "UPDATE jobs SET ended_ms = ms.now, until_ms = ms.now + 7 * 86400000 FROM "
        "(SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000 AS now) AS ms "
        "WHERE state IN ('done', 'failed', 'cancelled')"
    )


def m003_results_by_key(database: sqlite3.Connection) -> None:
    """Results by what made them, and how much is kept of a job: "all", "words" or its "id".

    The id stays when all else is forgotten, so that it never runs again.
    """
    database.execute("ALTER TABLE jobs ADD COLUMN cache_key BLOB")
    database.execute("ALTER TABLE jobs ADD COLUMN cached INTEGER NOT NULL DEFAULT 0")
    database.execute("ALTER TABLE jobs ADD COLUMN kept TEXT NOT NULL DEFAULT 'all'")
    database.execute("CREATE INDEX jobs_by_cache_key ON jobs (cache_key) WHERE cache_key NOT NULL")


def m004_uses_of_blobs(database: sqlite3.Connection) -> None:
    """Which job needs which blob, and whose blobs count for whom."""
    database.execute(
        "CREATE TABLE uses (sha BLOB NOT NULL, job INTEGER NOT NULL, PRIMARY KEY (sha, job)) "
        "WITHOUT ROWID"
    )
    database.execute("CREATE INDEX uses_by_job ON uses (job)")
    database.execute(
        "CREATE TABLE blobs (sha BLOB PRIMARY KEY, size INTEGER NOT NULL, owner TEXT NOT NULL) "
        "WITHOUT ROWID"
    )
    database.execute("CREATE INDEX blobs_by_owner ON blobs (owner)")
    for number, task, result in database.execute("SELECT number, task, result FROM jobs"):
        digests = {*_digests_in(task), *_digests_in(result)}
        database.executemany(
            "INSERT INTO uses VALUES (?, ?)", [(sha, number) for sha in sorted(digests)]
        )


def m005_parked_jobs(database: sqlite3.Connection) -> None:
    """Whether a job that waits was given up in good order, and goes on in the same attempt."""
    database.execute("ALTER TABLE jobs ADD COLUMN parked INTEGER NOT NULL DEFAULT 0")
    database.execute("UPDATE jobs SET parked = 1 WHERE cause = 'preempted' AND state = 'queued'")


MIGRATIONS: tuple[Migration, ...] = (
    m001_jobs_and_meta,
    m002_terms_and_times,
    m003_results_by_key,
    m004_uses_of_blobs,
    m005_parked_jobs,
)
"""In order; only ever appended to."""


def _digests_in(packed: bytes | None) -> set[bytes]:
    """Return the blobs that a packed task or result names.

    By the names of its fields, not by today's types: those may change, an old row does not.
    """
    return set(_digests(msgpack.unpackb(packed))) if packed else set()


def _digests(value: Any) -> Iterator[bytes]:
    match value:
        case dict():
            for name, entry in value.items():
                if name in ("sha", "noise") and isinstance(entry, bytes):
                    yield entry
                else:
                    yield from _digests(entry)
        case list():
            for entry in value:
                yield from _digests(entry)
