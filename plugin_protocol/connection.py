"""The connection file: where the running daemon listens.

The daemon writes it after it has bound its socket and removes it when it leaves. It lies beside the
daemon's state, so that every program of the same user finds it:

    DITTO_CONNECTION             this very file
    DITTO_HOME                   $DITTO_HOME/state/daemon.json
    Linux, BSD                   ${XDG_STATE_HOME:-~/.local/state}/ditto/daemon.json
    macOS                        ~/Library/Application Support/ditto/daemon.json
    Windows                      %LOCALAPPDATA%/ditto/daemon.json
"""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .errors import DaemonUnreachableError

FILE_NAME = "daemon.json"
FILE_BYTES = 16 * 1024
PROBE_SECONDS = 1.0


class Connection(Struct, frozen=True, kw_only=True):
    """What a client needs to know to connect. `protocol` is (major, minor)."""

    endpoint: Annotated[str, Meta(pattern=r"^ipc:///", max_length=200)]
    pid: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    epoch: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    version: Annotated[str, Meta(max_length=64)]
    protocol: tuple[int, int]


class ConnectionFileError(DaemonUnreachableError):
    """The connection file is damaged or could have been written by somebody else."""


def default_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the daemon of this user writes its connection file."""
    if environment.get("DITTO_CONNECTION"):
        return Path(environment["DITTO_CONNECTION"])
    if environment.get("DITTO_HOME"):
        return Path(environment["DITTO_HOME"]).absolute() / "state" / FILE_NAME
    if sys.platform == "win32":
        return Path(environment["LOCALAPPDATA"]) / "ditto" / FILE_NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ditto" / FILE_NAME
    state = environment.get("XDG_STATE_HOME", "").strip()
    return (Path(state) if state else Path.home() / ".local" / "state") / "ditto" / FILE_NAME


def read(path: Path) -> Connection | None:
    """Return the connection in the file, None where there is no file.

    Raises ConnectionFileError if it is damaged or not private to this user.
    """
    try:
        with path.open("rb") as file:
            _require_private(path, os.fstat(file.fileno()))
            return msgspec.json.decode(file.read(FILE_BYTES), type=Connection)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise ConnectionFileError(
            f"The connection file {path} is damaged: {error}. Stop the daemon and remove the file."
        ) from error


def write(path: Path, connection: Connection) -> None:
    """Write the file in one step, readable by this user only."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(connection))
    draft.replace(path)


def find() -> str:
    """Return the running daemon's endpoint. Raises DaemonUnreachableError where none is known."""
    path = default_file()
    connection = read(path)
    if connection is None:
        raise DaemonUnreachableError(
            f"No daemon is running: there is no {path}. Start one with `ditto serve`."
        )
    return connection.endpoint


def is_listening(endpoint: str) -> bool:
    """Tell at once what the file cannot: a killed daemon leaves it behind."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_SECONDS)
        try:
            probe.connect(endpoint.removeprefix("ipc://"))
        except OSError:
            return False
    return True


def _require_private(path: Path, status: os.stat_result) -> None:
    if os.name != "posix":
        return
    # ssh's rule for keys: whoever can write this file could send our audio anywhere.
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise ConnectionFileError(
            f"The connection file {path} belongs to another user or is writable by others. "
            "Remove it and start the daemon again."
        )
