"""The protocol in one file that needs Python and msgpack, nothing else: copy it into a host.

    with closing(ThinClient(endpoint())) as client:
        events = list(client.run(job, {"objectives": [{"kind": "generate", "seconds": 4}]}))

`job` is a new UUID of the caller's; messages are dictionaries, as PROTOCOL.md has them. One thread
at a time, every call blocks. OSError means that the connection is lost, as it is after 15 seconds
without a call, and nothing else: make another client and run the same job, which goes on.
"""

import json
import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from socket import AF_UNIX, socket
from struct import pack
from time import monotonic
from typing import Any

import msgpack

Fields = dict[str, Any]
MAGIC, CHUNK, PINGS = b"DITO\1", 256 * 1024, 3
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\4\x29\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0"


class RefusedError(Exception):
    """The daemon has refused a request; `args[0]` is the failure: code, message, hint, ..."""


def endpoint() -> str:
    """Return where the daemon of this user listens. Raises OSError where there is none."""
    home, state = os.environ.get("DITTO_HOME"), os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    usual = "~/Library/Application Support" if sys.platform == "darwin" else state
    folder = Path(home, "state") if home else Path(usual).expanduser() / "ditto"
    with Path(os.environ.get("DITTO_CONNECTION") or folder / "daemon.json").open() as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise PermissionError(f"{file.name} belongs to another user or is writable by others.")
        return str(json.load(file)["endpoint"])


class ThinClient:
    """One greeted connection to the daemon."""

    def __init__(self, address: str, name: str = "thin/1") -> None:
        self._number, self._unanswered, self._spoke_at = 0, 0, monotonic()
        self._events, self._bytes = deque[Fields](maxlen=256), bytearray()
        self._socket = socket(AF_UNIX)
        self._socket.settimeout(2.0)
        self._socket.connect(address.removeprefix("ipc://"))
        self._socket.sendall(GREETING + READY)
        self._take(self._take(len(GREETING) + 2)[-1])  # its READY, before which it wants no message
        self.welcome = self.ask("hello", client=name, max_minor=2)

    def close(self) -> None:
        """Leave. Jobs go on."""
        self._socket.close()

    def ask(self, kind: str, **fields: Any) -> Fields:
        """Send a request and return its answer. Raises RefusedError."""
        return self._answer(self._send(kind, fields))

    def run(self, job: str, task: Fields, **options: Any) -> Iterator[Fields]:
        """Submit a job, or go on with it, and yield its states and progress until it is over."""
        yield (event := self.ask("job.submit", job=job, task=task, **options))
        while event.get("job") != job or event.get("state") not in ("done", "failed", "cancelled"):
            event = self._events.popleft() if self._events else self._receive()
            if event.get("job") == job and event["t"].startswith("job."):
                yield event

    def upload(self, data: bytes) -> bytes:
        """Store audio with the daemon and return its SHA-256. Raises RefusedError."""
        here = self.ask("blob.put", sha=(sha := sha256(data).digest()), size=len(data))
        sent, ahead = here.get("offset", 0), (here.get("credit", 0) - 1) * CHUNK
        while not here.get("have") and not here.get("done"):
            while sent < len(data) and sent - here.get("offset", 0) <= ahead:
                chunk, is_last = data[sent : sent + CHUNK], sent + CHUNK >= len(data)
                self._send("blob.data", {"sha": sha, "offset": sent, "last": is_last}, chunk)
                sent += len(chunk)
            self._events.append(message := self._receive())
            here = message if message.get("sha") == sha else here
        return sha

    def download(self, sha: bytes) -> bytes:
        """Return the blob with that SHA-256. Raises RefusedError."""
        data, message = bytearray(), Fields()
        while not message.get("last"):
            if len(data) % (16 * CHUNK) == 0:
                number = self._send("blob.get", {"sha": sha, "offset": len(data), "credit": 16})
            message = self._answer(number)
            data += message["chunk"]
        if sha256(data).digest() != sha:
            raise OSError("The audio that arrived is not the audio that was asked for.")
        return bytes(data)

    def _send(self, kind: str, fields: Fields, chunk: bytes | None = None) -> int:
        self._number, self._spoke_at = self._number + 1, monotonic()
        self._unanswered += kind == "ping"
        if self._unanswered > PINGS:
            raise OSError("The daemon is silent.")
        header = msgpack.packb({"t": kind, "i": self._number, **fields})
        frames = [MAGIC + bytes((2, chunk is not None, 0)), header, *([chunk] if chunk else [])]
        for left, frame in enumerate(frames, start=1 - len(frames)):
            self._write(left < 0, frame)
        return self._number

    def _answer(self, number: int) -> Fields:
        while (message := self._receive()).get("re") != number:
            self._events.append(message)
        return message

    def _receive(self) -> Fields:
        """Return the next message, its chunk among its fields. Commands of ZMTP are answered."""
        frames, flags = list[bytes](), 1
        while flags & 5:
            flags = self._take(1)[0]
            size = int.from_bytes(self._take(8 if flags & 2 else 1), "big")
            body = self._take(size)
            if not flags & 4:
                frames.append(body)
            elif body[:5] == b"\4PING":
                self._write(4, b"\4PONG" + body[7:])
                self._send("ping", {})  # the transport's heartbeats are silence to the daemon
        message, self._unanswered = msgpack.unpackb(frames[1]), 0
        is_forgotten = message.get("failure", {}).get("code") == "NOT_INITIALIZED"
        if is_forgotten or frames[0][:5] != MAGIC:
            raise OSError("The daemon has forgotten us, or speaks another version.")
        if message["t"] == "error":
            raise RefusedError(message["failure"])
        return {**message, "chunk": frames[2]} if len(frames) > 2 else message

    def _write(self, flags: int, body: bytes) -> None:
        self._socket.sendall(pack(">BQ", flags | 2, len(body)) + body)

    def _take(self, size: int) -> bytes:
        while len(self._bytes) < size:
            with suppress(TimeoutError):
                if not (part := self._socket.recv(2**16)):
                    raise ConnectionError("The daemon has left.")
                self._bytes += part
            if monotonic() - self._spoke_at > 2:  # also while it talks: it wants to hear us, too
                self._send("ping", {})
        data, self._bytes = bytes(self._bytes[:size]), self._bytes[size:]
        return data
