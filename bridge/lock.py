"""One daemon per state folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.errors import AlreadyRunningError


@contextmanager
def only_daemon(path: Path) -> Iterator[None]:
    """Hold the lock, which the system takes back when the process ends, however it ends.

    Taken before the socket is bound: a second bind of the same path would silently leave the first
    daemon deaf. Raises AlreadyRunningError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try_lock(descriptor):
            raise AlreadyRunningError(
                f"A daemon is already running on {path.parent} (process {_holder(descriptor)}). "
                "Use it, or stop it with `ditto stop`."
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> str | None:
    """Return the process that holds the lock, None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        return None if _try_lock(descriptor) else _holder(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 20, 0).decode("ascii", "replace") or "unknown"
