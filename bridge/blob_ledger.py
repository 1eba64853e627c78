"""Whose blobs are stored, and which jobs still need them; the files themselves are `blobs`.

One thread. A blob is in use as long as a job that names it keeps it. What was found on the disk
after the database was lost counts as in use for a week: there may be a result among it.
"""

import time
from collections.abc import Iterable

from bridge.database import Database
from bridge.terms import UNACKNOWLEDGED_SECONDS

SALVAGED = 0
"""Instead of a job's number, which begin at 1."""
SALVAGED_UNTIL = "salvaged_until"


class BlobLedger:
    """The tables of blobs and of their uses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agree_with(self, found: Iterable[tuple[bytes, int]]) -> None:
        """Make the list that of the digests and bytes found on the disk."""
        there = dict(found)
        known = {sha for (sha,) in self._database.rows("SELECT sha FROM blobs")}
        new = [(sha, size) for sha, size in there.items() if sha not in known]
        gone = [sha for sha in known if sha not in there]
        if new or gone:
            self._database.write(
                *(("INSERT INTO blobs VALUES (?, ?, '')", entry) for entry in new),
                *(("DELETE FROM blobs WHERE sha = ?", (sha,)) for sha in gone),
            )

    def salvage(self) -> None:
        """Keep all that is listed for a week, though no job is known to need it."""
        until = int(time.time() + UNACKNOWLEDGED_SECONDS)
        self._database.write(
            ("INSERT OR IGNORE INTO uses SELECT sha, ? FROM blobs", (SALVAGED,)),
            ("INSERT OR REPLACE INTO meta VALUES (?, ?)", (SALVAGED_UNTIL, until)),
        )

    def end_salvage(self) -> None:
        """Let go of what was salvaged, once the week is over."""
        is_over = "SELECT 1 FROM meta WHERE key = ? AND value < ?"
        if self._database.rows(is_over, SALVAGED_UNTIL, int(time.time())):
            self._database.write(
                ("DELETE FROM uses WHERE job = ?", (SALVAGED,)),
                ("DELETE FROM meta WHERE key = ?", (SALVAGED_UNTIL,)),
            )

    def add(self, sha: bytes, size: int, *, owner: str) -> None:
        """List a blob that has come; it counts for who sent it first.

        After a power cut the blob itself tells of it: see `agree_with`.
        """
        self._database.note(("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", (sha, size, owner)))

    def remove(self, sha: bytes) -> None:
        """Take a blob off the list, which after a power cut is done by `agree_with`."""
        self._database.note(("DELETE FROM blobs WHERE sha = ?", (sha,)))

    def stored_by(self, owner: str) -> int:
        """Return the bytes that the owner's blobs take."""
        return self._sum("SELECT sum(size) FROM blobs WHERE owner = ?", owner)

    def stored(self) -> int:
        """Return the bytes that all blobs take."""
        return self._sum("SELECT sum(size) FROM blobs")

    def is_used(self, sha: bytes) -> bool:
        """Return whether a job needs the blob."""
        return bool(self._database.rows("SELECT 1 FROM uses WHERE sha = ? LIMIT 1", sha))

    def owners_of_more_than(self, size: int) -> list[str]:
        """Return whose blobs take more than so many bytes."""
        query = "SELECT owner FROM blobs GROUP BY owner HAVING sum(size) > ?"
        return [str(owner) for (owner,) in self._database.rows(query, size)]

    def unused(
        self, *, owner: str | None = None, after: bytes = b"", limit: int | None = None
    ) -> list[tuple[bytes, int]]:
        """Return digest and bytes of each blob that no job needs, by digest.

        Of those of one owner, of the digests that come `after` one, and no more than `limit`.
        """
        rows = self._database.rows(
            "SELECT sha, size FROM blobs WHERE sha NOT IN (SELECT sha FROM uses) "
            "AND (?1 IS NULL OR owner = ?1) AND sha > ?2 ORDER BY sha LIMIT ?3",
            owner,
            after,
            -1 if limit is None else limit,
        )
        return [(bytes(sha), int(size)) for sha, size in rows]  # type: ignore[call-overload]

    def _sum(self, query: str, *values: object) -> int:
        ((total,),) = self._database.rows(query, *values)
        return int(str(total or 0))
