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
from .values import PROTOCOL_MAJOR, PROTOCOL_MINOR

FILE_NAME = "daemon.json"
FILE_BYTES = 16 * 1024
PROBE_SECONDS = 1.0


Key = Annotated[str, Meta(min_length=40, max_length=40)]
"""Of Curve25519, in Z85."""


class Keys(Struct, frozen=True, kw_only=True):
    """What a client needs to be let in over a network: the daemon's public key, its own pair."""

    server: Key
    public: Key
    secret: Key


class Connection(Struct, frozen=True, kw_only=True):
    """What a client needs to know to connect. `protocol` is (major, minor).

    With `keys` it is a bundle, made by `ditto pair` for a client elsewhere; it says nothing of the
    process. `network` is where a daemon listens for those, `metrics` where Prometheus may ask.
    """

    endpoint: Annotated[str, Meta(pattern=r"^(ipc:///|tcp://)", max_length=200)]
    pid: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    epoch: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    version: Annotated[str, Meta(max_length=64)] = ""
    protocol: tuple[int, int] = (PROTOCOL_MAJOR, PROTOCOL_MINOR)
    network: Annotated[str, Meta(max_length=200)] = ""
    metrics: Annotated[str, Meta(max_length=200)] = ""
    keys: Keys | None = None

    def __post_init__(self) -> None:
        """Refuse what could be overheard: only the socket in the private folder needs no keys."""
        if self.endpoint.startswith("tcp:") and self.keys is None:
            raise ValueError("a network endpoint without keys")

    @property
    def address(self) -> "Address":
        """What to connect to."""
        return self.endpoint if self.keys is None else self


Address = str | Connection
"""Where a daemon is: an endpoint, or with the keys that it asks for."""


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
            status = os.fstat(file.fileno())
            _require_private(path, status, 0o022)
            connection = msgspec.json.decode(file.read(FILE_BYTES), type=Connection)
            if connection.keys is not None:
                _require_private(path, status, 0o077)
            return connection
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


def find() -> Address:
    """Return where the running daemon is. Raises DaemonUnreachableError where none is known."""
    path = default_file()
    connection = read(path)
    if connection is None:
        raise DaemonUnreachableError(
            f"No daemon is running: there is no {path}. Start one with `ditto serve`."
        )
    return connection.address


def is_listening(endpoint: str) -> bool:
    """Tell at once what the file cannot: a killed daemon leaves it behind.

    Of a daemon elsewhere only a conversation tells.
    """
    if not endpoint.startswith("ipc://"):
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_SECONDS)
        try:
            probe.connect(endpoint.removeprefix("ipc://"))
        except OSError:
            return False
    return True


def _require_private(path: Path, status: os.stat_result, others: int) -> None:
    """Raise where the file is another user's, or has permissions of `others`."""
    if os.name != "posix":
        return
    # ssh's rule for keys: whoever can write this file could send our audio anywhere, and whoever
    # can read keys can listen in.
    if status.st_uid != os.getuid() or status.st_mode & others:
        what = "readable" if others & 0o044 else "writable"
        raise ConnectionFileError(
            f"The connection file {path} belongs to another user or is {what} by others. "
            f"Remove it and start the daemon again, or `chmod 600 {path}`."
        )
