"""The database when the disk is full, and when the file is no longer a database."""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from bridge.ballast import BALLAST_BYTES
from bridge.database import Database
from bridge.errors import StoreError

FullDisk = Callable[[int], AbstractContextManager[None]]


def epoch(database: Database) -> object:
    return database.rows("SELECT value FROM meta WHERE key = 'epoch'")


NEXT = ("UPDATE meta SET value = value + 1 WHERE key = 'epoch'", ())


def test_all_statements_are_written_or_none(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "jobs.db")) as database:
        with pytest.raises(StoreError):
            database.write(NEXT, ("INSERT INTO nowhere VALUES (1)", ()))
        assert epoch(database) == [(0,)]
        database.write(NEXT)
        assert epoch(database) == [(1,)]


def test_after_a_note_all_else_is_synced_as_before(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "jobs.db")) as database:
        database.note(NEXT)
        with pytest.raises(StoreError):
            database.note(("INSERT INTO nowhere VALUES (1)", ()))
        assert database.rows("PRAGMA synchronous") == [(2,)]
    with closing(Database(tmp_path / "jobs.db")) as database:
        assert epoch(database) == [(1,)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not one of files")
def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path, full_disk: FullDisk) -> None:
    with closing(Database(tmp_path / "jobs.db")) as database:
        with full_disk(1), pytest.raises(StoreError, match="no job is lost"):
            database.write(NEXT)
        assert epoch(database) == [(0,)]
        database.write(NEXT)
        assert epoch(database) == [(1,)]


def test_room_is_set_aside_and_given_up_when_the_disk_is_full(tmp_path: Path) -> None:
    ballast = tmp_path / "ballast"
    with closing(Database(tmp_path / "jobs.db")) as database:
        assert ballast.stat().st_blocks * 512 >= BALLAST_BYTES
        full = _FullOnce(database._connection)
        database._connection = full  # type: ignore[assignment]
        database.write(NEXT)
        assert epoch(database) == [(1,)]
        assert not ballast.exists()
        database.recover()
        assert ballast.exists()


class _FullOnce:
    """A connection whose first commit finds no room."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._is_full = True

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement == "COMMIT" and self._is_full:
            self._is_full = False
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(statement, *values)  # type: ignore[arg-type]

    def close(self) -> None:
        self._connection.close()


@pytest.mark.parametrize("offset", [0, 4096 + 8], ids=["no database", "a broken page"])
def test_a_damaged_database_is_moved_aside_and_a_new_one_begun(tmp_path: Path, offset: int) -> None:
    path = tmp_path / "jobs.db"
    with closing(Database(path)) as database:
        database.write(NEXT)
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 4096)
    damaged = path.read_bytes()
    with closing(Database(path)) as database:
        assert database.moved_to is not None
        assert database.moved_to.read_bytes() == damaged
        assert epoch(database) == [(0,)]
    with closing(Database(path)) as database:
        assert database.moved_to is None


def test_what_was_not_folded_in_yet_is_no_damage(tmp_path: Path) -> None:
    """A daemon that is killed leaves its log beside the database."""
    killed = Database(tmp_path / "jobs.db")
    killed.write(NEXT)
    with closing(Database(tmp_path / "jobs.db")) as database:
        assert (database.moved_to, epoch(database)) == (None, [(1,)])
    killed.close()
