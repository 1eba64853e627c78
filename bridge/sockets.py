"""The daemon's one socket. The only file in bridge that imports zmq."""

import errno
from collections.abc import Iterable, Sequence
from enum import Enum, auto

import zmq

from bridge.errors import UnusableFolderError
from plugin_protocol.framing import Buffer
from plugin_protocol.values import CHUNK_BYTES, HEADER_BYTES

OPTIONS = {
    # Without MANDATORY a full or vanished peer makes send() lose messages silently.
    zmq.ROUTER_MANDATORY: 1,
    # With HANDOVER a second peer of the same routing id would receive the first one's music.
    zmq.ROUTER_HANDOVER: 0,
    zmq.MAXMSGSIZE: CHUNK_BYTES + HEADER_BYTES + 1024,
    zmq.SNDHWM: 64,
    zmq.RCVHWM: 64,
    zmq.LINGER: 0,
    zmq.BACKLOG: 64,
    zmq.HANDSHAKE_IVL: 3000,
    zmq.HEARTBEAT_IVL: 2000,
    zmq.HEARTBEAT_TIMEOUT: 6000,
    zmq.HEARTBEAT_TTL: 6000,
}


class Sent(Enum):
    """What became of a message."""

    YES = auto()
    FULL = auto()
    """The peer reads too slowly; try again later."""
    GONE = auto()
    """There is no such peer any more."""


class Router:
    """A bound ROUTER. One thread."""

    def __init__(self, endpoint: str, *, uid: int | None = None) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        for option, value in OPTIONS.items():
            self._socket.setsockopt(option, value)
        # A ZAP domain makes libzmq refuse ZMTP/1.0 peers, and with them any web page that posts
        # bytes which happen to parse as frames.
        self._socket.setsockopt(zmq.ZAP_DOMAIN, b"ditto")
        self._filter_uid(uid)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        try:
            self._socket.bind(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise UnusableFolderError(
                f"The daemon cannot listen at {endpoint}: {error}. "
                "Set DITTO_HOME to a folder that can be written to."
            ) from error

    def also_wait_for(self, descriptor: int) -> None:
        """Let `wait` return when `descriptor` is readable, too."""
        self._poller.register(descriptor, zmq.POLLIN)

    def wait(self, seconds: float) -> None:
        """Return when there is something to read, at the latest after `seconds`."""
        self._poller.poll(int(seconds * 1000))

    def receive(self, limit: int) -> Iterable[tuple[bytes, list[Buffer]]]:
        """Yield up to `limit` waiting messages: who sent it, and its frames."""
        for _ in range(limit):
            try:
                peer, *frames = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            yield peer.bytes, [frame.buffer for frame in frames]

    def send(self, peer: bytes, frames: Sequence[Buffer]) -> Sent:
        """Hand the message to the socket, or say why not. Never blocks."""
        try:
            self._socket.send_multipart([peer, *frames], zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return Sent.FULL
        except zmq.ZMQError as error:
            if error.errno == errno.EHOSTUNREACH:
                return Sent.GONE
            raise
        return Sent.YES

    def close(self, *, linger_seconds: float = 0) -> None:
        """Unbind, giving what was sent a last chance to leave."""
        self._context.destroy(linger=int(linger_seconds * 1000))

    def _filter_uid(self, uid: int | None) -> None:
        # Linux only; elsewhere the folder's mode is the only lock.
        option = getattr(zmq, "IPC_FILTER_UID", None)
        if uid is None or option is None:
            return
        try:
            self._socket.setsockopt(option, uid)
        except zmq.ZMQError as error:
            if error.errno != errno.EINVAL:
                raise
