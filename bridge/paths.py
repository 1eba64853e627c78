"""Where things live: the state folder, which lasts, and the runtime folder, which holds the socket.

DITTO_HOME moves both under one folder, for tests and for portable use. Both are private (0700):
on POSIX the folder's mode is what keeps other users away from the socket.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from bridge.errors import UnusableFolderError
from plugin_protocol import connection

SOCKET_NAME = "ditto.sock"
SOCKET_PATH_BYTES = 103
"""sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final zero included."""


@dataclass(frozen=True)
class Paths:
    """The folders of one daemon and the files in them."""

    state: Path
    runtime: Path
    connection_file: Path

    @property
    def endpoint(self) -> str:
        """What the daemon binds and clients connect to."""
        return f"ipc://{self.runtime / SOCKET_NAME}"

    @property
    def database(self) -> Path:
        """Jobs, and the number of daemon starts."""
        return self.state / "jobs.db"

    @property
    def lock(self) -> Path:
        """Held by the one daemon that may use this state folder."""
        return self.state / "daemon.lock"

    @property
    def blobs(self) -> Path:
        """Audio, named by its digest."""
        return self.state / "blobs"

    @property
    def previews(self) -> Path:
        """Audio that may vanish at any time."""
        return self.state / "previews"

    @property
    def checkpoints(self) -> Path:
        """Where running jobs can go on from, one file per job."""
        return self.state / "checkpoints"

    @property
    def models(self) -> Path:
        """Models that the user has added, a folder for each."""
        return self.state / "models"

    @property
    def clap(self) -> Path:
        """Where the user may put an audio-text model; the daemon only reads it."""
        return self.models / "clap"

    @property
    def keys(self) -> Path:
        """Who may connect over a network, where that is asked for."""
        return self.state / "keys"

    @property
    def last_network(self) -> Path:
        """Where the daemon listened on a network the last time."""
        return self.keys / "endpoint"

    @property
    def logs(self) -> Path:
        """What the daemon and its workers have to say."""
        return self.state / "logs"

    def create(self) -> None:
        """Make the folders, private to this user. Raises UnusableFolderError."""
        with told_as_a_sentence():
            for folder in (self.state, self.runtime):
                _create_private(folder)
            for folder in (self.blobs, self.previews, self.checkpoints, self.logs):
                folder.mkdir(mode=0o700, exist_ok=True)
            self.connection_file.parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def told_as_a_sentence() -> Iterator[None]:
    """Raise UnusableFolderError for what the system refuses to do in the daemon's folders."""
    try:
        yield
    except OSError as error:
        raise UnusableFolderError(
            f"The daemon cannot use its folder: {error.strerror or error}"
            f"{f' ({error.filename})' if error.filename else ''}. "
            "Make room there, or set DITTO_HOME to a folder that can be written to."
        ) from error


def checkpoint_file(folder: Path, job: str) -> Path:
    """Return where the job's checkpoint lies; `job` is a checked JobId, so no path hides in it."""
    return folder / f"{job}.safetensors"


def locate(environment: Mapping[str, str] = os.environ) -> Paths:
    """Return where this user's daemon lives. Creates nothing."""
    home = environment.get("DITTO_HOME")
    if home:
        state, runtime = Path(home).absolute() / "state", Path(home).absolute() / "run"
    else:
        state = platformdirs.user_state_path("ditto", appauthor=False)
        runtime = _user_runtime(environment)
    if len(os.fsencode(runtime / SOCKET_NAME)) > SOCKET_PATH_BYTES:
        name = hashlib.sha256(os.fsencode(runtime)).hexdigest()[:12]
        runtime = Path("/tmp") / f"ditto-{os.getuid()}-{name}"
    return Paths(state, runtime, connection.default_file(environment))


def _user_runtime(environment: Mapping[str, str]) -> Path:
    folder = environment.get("XDG_RUNTIME_DIR", "")
    if folder and Path(folder).is_dir():
        return Path(folder) / "ditto"
    return Path(tempfile.gettempdir()) / f"ditto-{os.getuid()}"


def _create_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # In a shared temporary folder somebody else may have been first, with a folder or a link.
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise UnusableFolderError(
            f"{folder} is not a folder of this user, so the daemon cannot be kept private. "
            "Remove it, or set DITTO_HOME to a folder of your own."
        )
    folder.chmod(0o700)
