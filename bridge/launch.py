"""Find the running daemon, or start one."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bridge.errors import DaemonStartError
from bridge.guard import check_platform
from bridge.paths import Paths, locate, told_as_a_sentence
from bridge.supervisor import EXIT_ALREADY_RUNNING, PYTHON
from plugin_protocol import connection
from plugin_protocol.client import Client, DaemonUnreachableError
from plugin_protocol.connection import Address
from plugin_protocol.values import PROTOCOL_MAJOR

READY_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.05
COMMAND = (*PYTHON, "-m", "bridge.supervisor")

Process = subprocess.Popen[bytes]
# Daemons outlive us; those that end before us are not left as zombies.
_started: list[Process] = []


def ensure_daemon(
    environment: Mapping[str, str] = os.environ, *, command: tuple[str, ...] = COMMAND
) -> Address:
    """Return where this user's daemon is, after starting one if none runs.

    The daemon outlives this process. Raises DaemonStartError with what it said if it does not come
    up within 20 seconds.
    """
    check_platform()
    paths = locate(environment)
    address = running_daemon(paths)
    if address is not None:
        return address
    paths.create()
    words = paths.logs / "daemon.out"
    return _wait_until_ready(paths, lambda: _start(command, environment, words), words)


def running_daemon(paths: Paths) -> Address | None:
    """Return where the daemon is that answers there, None if none does.

    Raises DaemonStartError where it is one that we cannot talk to, or a bundle's, which is another
    machine's to start.
    """
    known = connection.read(paths.connection_file)
    if known is None or not connection.is_listening(known.endpoint):
        return None
    if known.protocol[0] != PROTOCOL_MAJOR:
        raise DaemonStartError(
            f"A daemon of another version ({known.version}, process {known.pid}) is running. "
            f"End it with `kill {known.pid}` and try again; no job is lost."
        )
    try:
        with Client(known.address, name="ditto-launch"):
            return known.address
    except DaemonUnreachableError as error:
        if known.keys is None:
            return None
        raise DaemonStartError(
            f"No daemon answers at {known.endpoint}, or it has not paired this client. There, "
            "`ditto serve --listen` starts one and `ditto pair` makes a bundle."
        ) from error


def _wait_until_ready(paths: Paths, start: Callable[[], Process], words: Path) -> Address:
    from bridge.lock import holder  # which Windows could not import

    deadline = time.monotonic() + READY_SECONDS
    process = start()
    while time.monotonic() < deadline:
        address = running_daemon(paths)
        if address is not None:
            return address
        status = process.poll()
        if status not in (None, EXIT_ALREADY_RUNNING):
            raise DaemonStartError(f"The daemon did not start: {_last_line(words)}")
        # Another one was there: started at the same moment, and it will do; or leaving.
        if status == EXIT_ALREADY_RUNNING and holder(paths.lock) is None:
            process = start()
        time.sleep(LOOK_AGAIN_SECONDS)
    raise DaemonStartError(
        f"The daemon did not answer within {READY_SECONDS:.0f} s. {_last_line(words)} "
        f"What it did is in {words.with_name('daemon.log')}."
    )


def _start(command: tuple[str, ...], environment: Mapping[str, str], words: Path) -> Process:
    with told_as_a_sentence(), words.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",  # the daemon must not keep a removable disk busy
            env=absolute(environment),
            start_new_session=True,
        )
    _started[:] = [process, *(p for p in _started if p.poll() is None)]
    return process


def absolute(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with a PYTHONPATH that means the same from another folder."""
    paths = environment.get("PYTHONPATH", "")
    if not paths:
        return dict(environment)
    absolute = [str(Path(path).absolute()) for path in paths.split(os.pathsep)]
    return {**environment, "PYTHONPATH": os.pathsep.join(absolute)}


def _last_line(words: Path) -> str:
    lines = words.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "It said nothing."
