"""The socket: on this machine's loopback, and for this user's programs where one can tell."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bridge.cli.failures import RefusedError
from bridge.osc import senders
from bridge.osc.desk import VERBS, Address, Desk
from bridge.osc.grounds import Grounds
from bridge.osc.packets import PACKET_BYTES, read, write

LOOPBACK = "127.0.0.1"
PREFIX = "/ditto/"
LOOK_SECONDS = 0.1


class Door:
    """Serves one folder on one port; `say` as in Desk. Raises RefusedError."""

    def __init__(
        self, folder: Path, port: int, *, reply_port: int | None, say: Callable[[str], None]
    ) -> None:
        self._desk = Desk(Grounds(folder), answer=self._answer, say=say)
        self._reply_port, self._say = reply_port, say
        self._socket = _bound(port)
        self._can_tell_senders = senders.can_tell()
        self._is_warned = False

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def run(self) -> None:
        """Serve until Ctrl-C: hear a message, or look after the errands ten times a second."""
        with self._socket:
            self._desk.reopen()
            next_look = 0.0
            while True:
                self._socket.settimeout(max(0.001, next_look - time.monotonic()))
                with suppress(TimeoutError, ConnectionError):
                    self._hear(*self._socket.recvfrom(PACKET_BYTES + 1))
                if time.monotonic() >= next_look:
                    self._desk.look_after_all()
                    next_look = time.monotonic() + LOOK_SECONDS

    def _hear(self, packet: bytes, sender: Address) -> None:
        reply = (LOOPBACK, self._reply_port) if self._reply_port else sender
        if len(packet) > PACKET_BYTES and packet.startswith(PREFIX.encode()):
            if self._is_welcome(sender):
                limit = f"A message has up to {PACKET_BYTES} bytes."
                self._desk.fail(reply, "", "REFUSED", f"{limit} Put long curves into files.")
            return
        for message in read(packet):
            verb = message.address.removeprefix(PREFIX)
            # To nothing else an answer: two programs that refuse each other would never stop.
            if message.address.startswith(PREFIX) and verb in VERBS and self._is_welcome(sender):
                self._desk.do(verb, message.words, reply)

    def _is_welcome(self, sender: Address) -> bool:
        if not self._can_tell_senders or senders.is_ours(*sender):
            return True
        if not self._is_warned:
            self._is_warned = True
            self._say(
                "A message was ignored: its sender is another user's program, or was gone before "
                "one could see whose it is. (This is said once.)"
            )
        return False

    def _answer(self, to: Address, verb: str, *values: str | int | float) -> None:
        with suppress(OSError):  # whoever asked has gone; the folder says it all
            self._socket.sendto(write(PREFIX + verb, *values), to)


def _bound(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.bind((LOOPBACK, port))
    except OSError as error:
        made.close()
        raise RefusedError(
            f"Port {port} cannot be had: {error.strerror}. Perhaps an OSC door is open already; "
            "else choose another with --port."
        ) from error
    return made
