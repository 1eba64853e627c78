"""Whatever may answer at the daemon's address but a daemon in good health."""

import json
import os
import random
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from select import select
from threading import Thread
from time import monotonic
from typing import Any

import msgpack

from plugin_protocol.thin_client import GREETING

HANG_UP_SECONDS = 12.0
READY = b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER"
WELCOME = {"t": "welcome", "re": 1, "epoch": 1, "server": "s", "minor": 2, "limits": {}}
Manner = Callable[[socket.socket], None]


def point_at(file: Path, address: Path | str) -> None:
    """Write the connection file of a daemon there, in one step."""
    endpoint = str(address) if str(address).startswith("ipc:") else f"ipc://{address}"
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({"endpoint": endpoint}))
    draft.chmod(0o600)
    draft.replace(file)


def message(fields: dict[str, Any] | bytes, major: int = 1, chunk: bytes | None = None) -> bytes:
    """Return one message as it is on the wire."""
    header = fields if isinstance(fields, bytes) else msgpack.packb(fields)
    preamble = b"DITO" + bytes((major, 2, chunk is not None, 0))
    frames = [preamble, header, *([] if chunk is None else [chunk])]
    last = len(frames) - 1
    return b"".join(
        bytes((2 | (i < last),)) + len(body).to_bytes(8) + body for i, body in enumerate(frames)
    )


class Stranger:
    """Listens at a path of its own; each connection is met in the next manner, then hung up on.

    `met` is told how long the client took to hang up, once for each connection.
    """

    def __init__(self, *manners: Manner) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ditto-")
        self.path = Path(self._folder.name, "s")
        self.met: Queue[float] = Queue()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._manners = manners
        self._thread = Thread(target=self._meet, daemon=True)

    def __enter__(self) -> "Stranger":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(HANG_UP_SECONDS)
        self._folder.cleanup()

    def _meet(self) -> None:
        for manner in self._manners:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            began = monotonic()
            stream.settimeout(HANG_UP_SECONDS)
            with stream:
                try:
                    manner(stream)
                    while stream.recv(65536):
                        pass
                except ConnectionError:
                    pass
            self.met.put(monotonic() - began)


def says(*parts: bytes) -> Manner:
    """Send that, whatever the client says."""

    def manner(stream: socket.socket) -> None:
        for part in parts:
            stream.sendall(part)

    return manner


def floods(part: bytes) -> Manner:
    """Greet, and then send that for ever and read nothing."""

    def manner(stream: socket.socket) -> None:
        stream.sendall(GREETING + READY)
        while True:
            stream.sendall(part * 4096)

    return manner


def talks(heard: bytearray, seconds: float) -> Manner:
    """Greet, say something that needs no answer twice a second, and keep what the client says."""

    def manner(stream: socket.socket) -> None:
        stream.sendall(GREETING + READY + message(WELCOME))
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            stream.sendall(message({"t": "pong", "epoch": 1, "worker": "busy"}))
            if select([stream], [], [], 0.5)[0]:
                heard.extend(stream.recv(65536))
        stream.shutdown(socket.SHUT_RDWR)

    return manner


class Cutter:
    """Stands between a client and the daemon, passes bytes on in pieces, and hangs up at times.

    `cuts` says after how many bytes in either direction each connection ends; later ones last.
    """

    def __init__(self, endpoint: str, cuts: list[int], *, largest_piece: int = 65536) -> None:
        self._endpoint = endpoint.removeprefix("ipc://")
        self._cuts = cuts
        self._largest = largest_piece
        self._chance = random.Random(len(cuts))
        self._folder = tempfile.TemporaryDirectory(prefix="ditto-")
        self.path = Path(self._folder.name, "s")
        self.passed = {"up": 0, "down": 0}
        self.connections = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._stop_read, self._stop_write = os.pipe()
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Cutter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join(10)
        self._listener.close()
        os.close(self._stop_read)
        os.close(self._stop_write)
        self._folder.cleanup()

    def _serve(self) -> None:
        while self._listener in select([self._listener, self._stop_read], [], [])[0]:
            near, _ = self._listener.accept()
            cut = self._cuts[self.connections] if self.connections < len(self._cuts) else None
            self.connections += 1
            with near, socket.socket(socket.AF_UNIX) as far:
                far.connect(self._endpoint)
                try:
                    self._pass_on(near, far, cut)
                except ConnectionError:
                    continue

    def _pass_on(self, near: socket.socket, far: socket.socket, cut: int | None) -> None:
        ends = {near: (far, "up"), far: (near, "down")}
        left = cut
        while left is None or left > 0:
            ready = select([near, far, self._stop_read], [], [])[0]
            for end in ready:
                if end is self._stop_read:
                    return
                to, way = ends[end]
                size = self._chance.randint(1, self._largest)
                piece = end.recv(size if left is None else max(1, min(size, left)))
                if not piece:
                    return
                to.sendall(piece)
                self.passed[way] += len(piece)
                left = None if left is None else left - len(piece)
