"""`ditto osc` as a process of its own, and what a patch is to it."""

import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

# Ctrl-C is heard also where the tests were begun in the background of a shell, which shuts it out.
HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
DITTO = (sys.executable, "-c", f"{HEARING}; from bridge.cli import main; main()")
PATIENCE = 120.0


def packet(address: str, *values: Any) -> bytes:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram


@dataclass(frozen=True)
class Reply:
    verb: str
    values: tuple[Any, ...]


class Patch:
    """What a patch is to the door: a socket."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def send(self, verb: str, *values: Any) -> None:
        self.send_bytes(packet(f"/ditto/{verb}", *values))

    def send_bytes(self, data: bytes) -> None:
        self._socket.send(data)

    def replies(self, last: str) -> list[Reply]:
        """Return all replies up to the first `last`, or to a failure."""
        heard: list[Reply] = []
        deadline = time.monotonic() + PATIENCE
        while not heard or heard[-1].verb not in (last, "failed"):
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            message = OscMessage(self._socket.recv(65536))
            heard.append(Reply(message.address.removeprefix("/ditto/"), tuple(message)))
        return heard

    def reply(self, verb: str) -> tuple[Any, ...]:
        """Return the values of the next such reply, which must come before a failure."""
        last = self.replies(verb)[-1]
        assert last.verb == verb, last
        return last.values

    def is_silent(self) -> bool:
        """Whether the door has nothing to say before the answer to a ping sent now."""
        self.send("ping")
        return [reply.verb for reply in self.replies("pong")] == ["pong"]


class DoorProcess:
    """`ditto osc` on a folder."""

    def __init__(self, folder: Path, environment: dict[str, str], *options: object) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*DITTO, "osc", "--port", "0", "--folder", str(folder), *map(str, options)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said.startswith("OSC on 127.0.0.1:"), said
        self.port = int(said.split(",")[0].rpartition(":")[2])

    @property
    def exchange(self) -> Path:
        return self.folder / "ditto-osc"

    def patch(self) -> Patch:
        return Patch(self.port)

    def close(self) -> str:
        """Press Ctrl-C and return what was said since."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, out
        return out
