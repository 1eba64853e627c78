"""The jobs that were accepted: nothing is told to anybody before it is on the disk.

One thread. Every method is one transaction, synced before it returns; `ev` counts a job's
transitions, so that a client can tell old news from new. Opening the store begins a new epoch. Any
method may raise StoreError: nothing was changed.
"""

import time
from collections.abc import Iterable

from bridge.database import Database, Statement
from bridge.job_records import JobRecord, MadeResult, NewJob
from bridge.terms import UNACKNOWLEDGED_SECONDS
from plugin_protocol.identity import first_id_of

OVER = "('done', 'failed', 'cancelled')"
WORDS_MS = 30 * 86_400_000
"""How long a job's task and report are kept after its blobs."""
IDS_DAYS = 90
IDS_MS = IDS_DAYS * 86_400_000
"""How long an id is known not to run again; one that was made before that is too old to run."""

COLUMNS = ", ".join(JobRecord.__dataclass_fields__)
FLAGS = ("previews", "finish", "acked", "cached")


class Store:
    """The table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.epoch = self._begin_epoch()

    # ---- asked -------------------------------------------------------------------------------

    def get(self, job: str) -> JobRecord | None:
        """Return the job, None if it was never accepted."""
        found = self._records("WHERE id = ?", job)
        return found[0] if found else None

    def state_of(self, job: str) -> str:
        """Return the job's state, "" if it was never accepted."""
        rows = self._database.rows("SELECT state FROM jobs WHERE id = ?", job)
        return str(rows[0][0]) if rows else ""

    def is_too_old(self, job: str) -> bool:
        """Return whether an id was made so long ago that it may have been used and let go of."""
        return job < _oldest_id(_now_ms())

    def waiting(self) -> list[JobRecord]:
        """Return all queued jobs, oldest first."""
        return self._records("WHERE state = 'queued' ORDER BY number")

    def newest(
        self,
        limit: int,
        *,
        state: str | None = None,
        before: str | None = None,
        owner: str | None = None,
    ) -> list[JobRecord]:
        """Return the last `limit` jobs accepted, newest first, but for those forgotten.

        Only those in `state` and of `owner`, accepted before the job `before`: none where there is
        no such job.
        """
        return self._records(
            "WHERE kept != 'id' AND (?1 IS NULL OR state = ?1) AND "
            "(?2 IS NULL OR number < (SELECT number FROM jobs WHERE id = ?2)) AND "
            "(?4 IS NULL OR owner = ?4) ORDER BY number DESC LIMIT ?3",
            state, before, limit, owner,
        )  # fmt: skip

    def count_by_state(self) -> dict[str, int]:
        """Return how many jobs there are in each state that there are jobs in."""
        counted = "SELECT state, count(*) FROM jobs WHERE kept != 'id' GROUP BY 1"
        return {str(state): int(str(n)) for state, n in self._database.rows(counted)}

    def unfinished(self) -> set[str]:
        """Return the ids of all jobs that are not over."""
        rows = self._database.rows(f"SELECT id FROM jobs WHERE state NOT IN {OVER}")
        return {str(job) for (job,) in rows}

    def finished(self, limit: int) -> list[JobRecord]:
        """Return the last jobs that were computed to their end, the last one first."""
        return self._records(
            "WHERE state = 'done' AND NOT cached AND NOT finish AND kept != 'id' "
            "ORDER BY number DESC LIMIT ?",
            limit,
        )

    def with_key(self, cache_key: bytes) -> JobRecord | None:
        """Return the newest job whose result has that key and is kept."""
        found = self._records(
            "WHERE cache_key = ? AND kept = 'all' ORDER BY number DESC LIMIT 1", cache_key
        )
        return found[0] if found else None

    # ---- transitions -------------------------------------------------------------------------

    def accept(self, job: NewJob, cached: MadeResult | None = None) -> None:
        """Queue a new job, or record it as done with a result that exists. The id is not taken."""
        now = _now_ms()
        done = cached is not None
        values = (
            job.id, job.kind, job.task, job.digest, job.previews, now, "done" if done else "queued",
            cached.packed if cached else None, job.owner, job.client, job.terms, job.work, now,
            now if done else None, _unacknowledged(now) if done else None, done,
        )  # fmt: skip
        self._database.write(
            (
                "INSERT INTO jobs (id, kind, task, digest, previews, created_ms, state, result, "
                "owner, client, terms, work, queued_ms, ended_ms, until_ms, cached, ev) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                values,
            ),
            *_uses(job.id, job.blobs),
            *(_result_blobs(job.id, cached) if cached else ()),
        )

    def start(self, job: str, *, waited: float) -> None:
        """Queued -> loading. `waited` in seconds, all waits together."""
        self._move(
            job,
            "state = 'loading', attempt = attempt + 1 - parked, parked = 0, waited = ?, "
            "cause = CASE WHEN finish THEN cause ELSE '' END, "
            "began_ms = coalesce(began_ms, ?)",
            waited, _now_ms(),
        )  # fmt: skip

    def set_running(self, job: str) -> None:
        """Loading -> running."""
        self._move(job, "state = 'running'")

    def requeue(self, job: str, *, cause: str, ran: float, crashed: bool = False) -> None:
        """Back to the queue, at its old place. `ran` in seconds, all attempts together.

        Unless its worker `crashed` it was parked, and goes on in the same attempt.
        """
        self._move(
            job,
            "state = 'queued', cause = CASE WHEN finish THEN cause ELSE ? END, ran = ?, "
            "crashes = crashes + ?, parked = ?, queued_ms = ?",
            cause, ran, crashed, not crashed, _now_ms(),
        )  # fmt: skip

    def finish(self, job: str, result: MadeResult, *, ran: float) -> None:
        """Done, with a result."""
        self._end(
            job,
            "state = 'done', result = ?, cache_key = ?, ran = ?",
            result.packed, result.cache_key, ran,
            also=_result_blobs(job, result),
        )  # fmt: skip

    def fail(self, job: str, failure: bytes, *, ran: float, cause: str = "") -> None:
        """Failed, and why."""
        self._end(job, "state = 'failed', failure = ?, ran = ?, cause = ?", failure, ran, cause)

    def cancel(self, job: str, *, ran: float, cause: str) -> None:
        """Cancelled, without a result."""
        self._end(job, "state = 'cancelled', ran = ?, cause = ?", ran, cause)

    # ---- notes, no transitions ---------------------------------------------------------------

    def ask_to_finish(self, job: str, *, cause: str) -> None:
        """Remember that the best so far is wanted, and why."""
        self._database.write(("UPDATE jobs SET finish = 1, cause = ? WHERE id = ?", (cause, job)))

    def note_ran(self, job: str, seconds: float) -> None:
        """Remember how long the job has run, all attempts together, should the daemon be killed."""
        self._database.note(("UPDATE jobs SET ran = ? WHERE id = ?", (seconds, job)))

    def acknowledge(self, job: str, *, keep_seconds: float) -> None:
        """Remember that the result is safely received, and how long it is kept from now."""
        until = _now_ms() + round(1000 * keep_seconds)
        self._database.write(
            ("UPDATE jobs SET acked = 1, until_ms = ? WHERE id = ? AND NOT acked", (until, job))
        )

    def forget(self, job: str) -> None:
        """Keep nothing of a job that is over but its id."""
        self._database.write(*_forget("id = ?", job))

    def let_go_of_overdue(self) -> None:
        """Keep less of each job whose time is over: its words without blobs, its id, nothing."""
        now = _now_ms()
        due = "until_ms <= ? AND kept = "
        if self._database.rows("SELECT 1 FROM jobs WHERE until_ms <= ? LIMIT 1", now):
            self._database.write(
                (f"DELETE FROM jobs WHERE {due} 'id' AND id < ?", (now, _oldest_id(now))),
                *_forget(f"{due} 'words'", now),
                *_release(f"{due} 'all'", now),
            )

    def postpone(self, seconds: float) -> None:
        """Keep each job that much longer."""
        self._database.write(("UPDATE jobs SET until_ms = until_ms + ?", (round(1000 * seconds),)))

    def release_oldest_received(self, *, owner: str | None = None) -> bool:
        """Let go of the blobs of the received job whose time would be over first, if there is one.

        Of the owner's jobs, if one is named. Returns whether there was one.
        """
        rows = self._database.rows(
            "SELECT number FROM jobs WHERE kept = 'all' AND acked AND "
            "(?1 IS NULL OR owner = ?1) ORDER BY until_ms LIMIT 1",
            owner,
        )
        if rows:
            self._database.write(*_release("number = ?", rows[0][0]))
        return bool(rows)

    # ---- inside ------------------------------------------------------------------------------

    def _end(
        self, job: str, assignments: str, *values: object, also: Iterable[Statement] = ()
    ) -> None:
        now = _now_ms()
        ended = f"{assignments}, ended_ms = ?, until_ms = ?"
        self._move(job, ended, *values, now, _unacknowledged(now), also=also)

    def _move(
        self, job: str, assignments: str, *values: object, also: Iterable[Statement] = ()
    ) -> None:
        moved = (f"UPDATE jobs SET ev = ev + 1, {assignments} WHERE id = ?", (*values, job))
        self._database.write(*also, moved)

    def _records(self, where: str, *values: object) -> list[JobRecord]:
        rows = self._database.rows(f"SELECT {COLUMNS} FROM jobs {where}", *values)
        return [_record(row) for row in rows]

    def _begin_epoch(self) -> int:
        self._database.write(
            ("UPDATE meta SET value = value + 1 WHERE key = 'epoch'", ()),
            # Whatever ran when the last daemon ended goes on from its checkpoint.
            (
                "UPDATE jobs SET state = 'queued', ev = ev + 1, queued_ms = ?, "
                "cause = CASE WHEN finish THEN cause ELSE 'daemon' END "
                "WHERE state IN ('loading', 'running')",
                (_now_ms(),),
            ),
        )
        ((epoch,),) = self._database.rows("SELECT value FROM meta WHERE key = 'epoch'")
        return int(str(epoch))


def _uses(job: str, blobs: Iterable[bytes]) -> list[Statement]:
    use = "INSERT OR IGNORE INTO uses SELECT ?, number FROM jobs WHERE id = ?"
    return [(use, (sha, job)) for sha in sorted(blobs)]


def _result_blobs(job: str, result: MadeResult) -> list[Statement]:
    """Note that the job uses the blobs of its result, which count for its owner if new."""
    listed = "INSERT OR IGNORE INTO blobs SELECT ?, ?, owner FROM jobs WHERE id = ?"
    sizes = [(listed, (sha, size, job)) for sha, size in sorted(result.blobs.items())]
    return [*sizes, *_uses(job, result.blobs)]


def _release(where: str, value: object) -> list[Statement]:
    """Let go of the blobs of the jobs `where`; their words are kept for a while."""
    return [
        (f"DELETE FROM uses WHERE job IN (SELECT number FROM jobs WHERE {where})", (value,)),
        (
            f"UPDATE jobs SET kept = 'words', cache_key = NULL, until_ms = ? WHERE {where}",
            (_now_ms() + WORDS_MS, value),
        ),
    ]


def _forget(where: str, value: object) -> list[Statement]:
    """Keep nothing of the jobs `where` but their ids, and those for a while."""
    return [
        (f"DELETE FROM uses WHERE job IN (SELECT number FROM jobs WHERE {where})", (value,)),
        (
            "UPDATE jobs SET kept = 'id', task = x'', terms = x'80', client = '', result = NULL, "
            f"failure = NULL, cache_key = NULL, until_ms = ? WHERE {where}",
            (_now_ms() + IDS_MS, value),
        ),
    ]


def _record(row: tuple[object, ...]) -> JobRecord:
    fields = dict(zip(JobRecord.__dataclass_fields__, row, strict=True))
    flags = {name: bool(fields[name]) for name in FLAGS}
    return JobRecord(**{**fields, **flags})  # type: ignore[arg-type]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _oldest_id(now_ms: int) -> str:
    return first_id_of(now_ms - IDS_MS)


def _unacknowledged(now_ms: int) -> int:
    return now_ms + round(1000 * UNACKNOWLEDGED_SECONDS)
