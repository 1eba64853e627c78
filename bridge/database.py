"""The daemon's SQLite file: opened or mended, brought up to date, written durably.

One thread. Every write is one transaction, synced before it returns unless it is a mere note. Any
method may raise StoreError: the disk is full or broken, and nothing was changed. A file that is
damaged is moved aside, and an empty one begun in its place.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bridge.ballast import Ballast
from bridge.errors import DamagedStoreError, StoreError
from bridge.migrations import migrate

log = logging.getLogger(__name__)

Statement = tuple[str, tuple[object, ...]]

FULL = ("database or disk is full", "disk I/O error")
CACHE_KIB = 512
"""Pages kept in memory. By default they are 2 MB, which a long list of jobs would fill."""
COMPANIONS = ("", "-wal", "-shm")
"""SQLite's own files beside the database."""


class Database:
    """An open database. `moved_to` is where a damaged one was put, None where it was sound."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ballast = Ballast(path.with_name("ballast"))
        self.moved_to: Path | None = None
        try:
            self._connection = self._open()
        except DamagedStoreError as error:
            self.moved_to = _move_aside(path)
            log.error("the job database was damaged", extra={"why": str(error)})
            self._connection = self._open()
        self._ballast.take()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return what a query finds."""
        with self._told_as_a_sentence():
            return self._connection.execute(query, values).fetchall()

    def write(self, *statements: Statement) -> int:
        """Carry out all statements or none; return how many rows the last one changed."""
        with self._told_as_a_sentence():
            try:
                return self._write(statements)
            except sqlite3.OperationalError as error:
                if not str(error).startswith(FULL) or not self._ballast.throw():
                    raise
                log.warning("the disk is full; the room set aside is used")
                return self._write(statements)

    def note(self, *statements: Statement) -> None:
        """Write what a power cut may take back, for it could be found out again.

        Outlives this process; whoever is served meanwhile need not wait for the disk. On a full
        disk it is not worth the room set aside.
        """
        with self._told_as_a_sentence():
            self._connection.execute("PRAGMA synchronous=NORMAL")
            try:
                self._write(statements)
            finally:
                self._connection.execute("PRAGMA synchronous=FULL")

    def recover(self) -> None:
        """Set room aside again, if the disk has it."""
        self._ballast.take()

    def _write(self, statements: tuple[Statement, ...]) -> int:
        connection, changed = self._connection, 0
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in statements:
                changed = connection.execute(statement, values).rowcount
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.OperationalError):  # which has rolled back itself
                connection.execute("ROLLBACK")
            raise
        return changed

    def _open(self) -> sqlite3.Connection:
        connection = None
        try:
            with self._told_as_a_sentence():
                connection = sqlite3.connect(self._path, isolation_level=None)
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    raise sqlite3.DatabaseError(verdict)
                migrate(connection)
                return connection
        except StoreError:
            if connection is not None:
                connection.close()
            raise

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
            raise DamagedStoreError(
                f"The job database {self._path} is damaged: {error}. Start the daemon again: it "
                "moves the file aside and begins a new one."
            ) from error


def _move_aside(path: Path) -> Path:
    """Rename the database and its companions; return its new name."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    for ending in COMPANIONS:
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").replace(f"{aside}{ending}")
    return aside
