"""Keys for the network: the daemon's own, and the public ones of the clients that it lets in.

    keys/server.json          the daemon's pair
    keys/clients/NAME.json    one for each `ditto pair NAME`; the secret half goes into the bundle
                              and is kept nowhere else

Keys are 32 bytes of Curve25519, written in Z85 (ZeroMQ RFC 32). Whoever can read the files is the
daemon, so nobody but their user may: ssh's rule.
"""

import os
import re
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec
import zmq
from zmq.utils import z85

from bridge.errors import KeyFileError, UnknownClientError
from plugin_protocol.connection import Connection, Keys

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class KeyPair(msgspec.Struct, frozen=True):
    """A Curve25519 pair, in Z85."""

    public: str
    secret: str


class Paired(msgspec.Struct, frozen=True):
    """A client's public key, in Z85, and when it was paired: seconds since 1970."""

    public: str
    since: int


Kept = TypeVar("Kept", KeyPair, Paired)


@dataclass(frozen=True)
class PairedClient:
    """A client that may connect. `fingerprint` tells keys apart at a glance."""

    name: str
    fingerprint: str
    since: int


class KeyRing:
    """The keys in a folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clients = folder / "clients"
        self._known: dict[bytes, str] = {}
        self._known_of = -1

    def server(self) -> KeyPair:
        """Return the daemon's pair, made on the first call. Raises KeyFileError."""
        file = self._folder / "server.json"
        if not file.exists():
            self.rotate()
        return _read(file, KeyPair)

    def rotate(self) -> None:
        """Make a new pair for the daemon and let nobody in: every client must be paired anew."""
        self._make_folders()
        for file in self._clients.glob("*.json"):
            file.unlink()
        _write(self._folder / "server.json", _new_pair())

    def pair(self, name: str, endpoint: str) -> Connection:
        """Let a client in under `name` and return its bundle. A client of that name is replaced."""
        if not NAME.fullmatch(name):
            raise KeyFileError(
                f"{name!r} cannot be a client's name. Use small letters, digits, dots and dashes, "
                "at most 40."
            )
        server, client = self.server(), _new_pair()
        self._make_folders()
        _write(self._file(name), Paired(client.public, int(time.time())))
        keys = Keys(server=server.public, public=client.public, secret=client.secret)
        return Connection(endpoint=endpoint, keys=keys)

    def remove(self, name: str) -> None:
        """Let the client in no more. Raises UnknownClientError."""
        try:
            if not NAME.fullmatch(name):
                raise FileNotFoundError
            self._file(name).unlink()
        except FileNotFoundError:
            names = ", ".join(client.name for client in self.clients()) or "nobody"
            raise UnknownClientError(f"No client is paired as {name!r}; paired: {names}.") from None

    def clients(self) -> list[PairedClient]:
        """Return who may connect, by name. Raises KeyFileError."""
        return [
            PairedClient(name, fingerprint(paired.public), paired.since)
            for name, paired in sorted(self._read_clients().items())
        ]

    def name_of(self, public: bytes) -> str | None:
        """Return the name under which a key was paired, None if it was not, or no longer is.

        Cheap: reads files only where the folder has changed. Raises KeyFileError.
        """
        try:
            changed = self._clients.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if changed != self._known_of:
            paired = self._read_clients().items()
            self._known = {z85.decode(client.public): name for name, client in paired}
            self._known_of = changed
        return self._known.get(public)

    def admits(self, name: str) -> bool:
        """Return whether the client that was let in under this name still may come in."""
        return self._file(name).exists()

    def _read_clients(self) -> dict[str, Paired]:
        files = self._clients.glob("*.json") if self._clients.exists() else ()
        return {file.stem: _read(file, Paired) for file in files}

    def _file(self, name: str) -> Path:
        return self._clients / f"{name}.json"

    def _make_folders(self) -> None:
        for folder in (self._folder, self._clients):
            folder.mkdir(mode=0o700, exist_ok=True)


def fingerprint(public: str) -> str:
    """Return sixteen digits that two people can read to each other."""
    digest = sha256(z85.decode(public)).hexdigest()[:16]
    return ":".join(digest[i : i + 4] for i in range(0, 16, 4))


def write_private(file: Path, data: bytes) -> None:
    """Write a file that only its user can read, in one step."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(descriptor)
    draft.replace(file)


def _new_pair() -> KeyPair:
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode(), secret.decode())


def _write(file: Path, value: msgspec.Struct) -> None:
    write_private(file, msgspec.json.encode(value))


def _read(file: Path, kind: type[Kept]) -> Kept:
    with file.open("rb") as opened:
        status = os.fstat(opened.fileno())
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise KeyFileError(
                f"The key file {file} belongs to another user or can be read by others, so it is "
                f"not used. If nobody has read it: `chmod 600 {file}`; else `ditto keys rotate`, "
                "and pair anew."
            )
        try:
            return msgspec.json.decode(opened.read(4096), type=kind)
        except msgspec.MsgspecError as error:
            raise KeyFileError(
                f"The key file {file} is damaged: {error}. Remove it and pair anew."
            ) from error
