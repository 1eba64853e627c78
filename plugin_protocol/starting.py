"""Find the daemon of this user, or start one: for hosts in which nobody has thought of it yet."""

import shutil
import subprocess
import time
from collections.abc import Sequence

from .connection import Address, default_file, is_listening, read
from .errors import DaemonUnreachableError

COMMAND = ("ditto", "serve")
READY_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.05
ALREADY_RUNNING = 3
"""The exit status of a daemon that has found another one."""

# Daemons outlive us; those that end before us are not left as zombies.
_started: list[subprocess.Popen[bytes]] = []


def find_or_start(command: Sequence[str] = COMMAND) -> Address:
    """Return where this user's daemon is; start one with `command` if none listens.

    The daemon outlives this process; two that start one at once get the same. For `start` of a
    client. Raises DaemonUnreachableError if there is no such command, or no daemon within 20 s.
    """
    return _running() or _start(command)


def _running() -> Address | None:
    known = read(default_file())
    return known.address if known and is_listening(known.endpoint) else None


def _start(command: Sequence[str]) -> Address:
    program = shutil.which(command[0])
    if program is None:
        raise DaemonUnreachableError(
            f"No daemon is running, and there is no program {command[0]!r} to start one. Install "
            "DITTO, or start it by hand with `ditto serve`."
        )
    process = subprocess.Popen(
        [program, *command[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",  # the daemon must not keep a removable disk busy
        start_new_session=True,
    )
    _started[:] = [process, *(p for p in _started if p.poll() is None)]
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if found := _running():
            return found
        if process.poll() not in (None, ALREADY_RUNNING):
            raise DaemonUnreachableError(
                f"`{' '.join(command)}` ended with status {process.returncode}. Run it in a "
                "terminal to see why."
            )
        time.sleep(LOOK_AGAIN_SECONDS)
    raise DaemonUnreachableError(f"The daemon did not listen within {READY_SECONDS:.0f} s.")
