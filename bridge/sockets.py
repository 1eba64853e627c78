"""The daemon's sockets: one in its private folder, and one on a network where that is asked for.

Besides `keys`, the only file of the daemon that imports zmq.
"""

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import zmq

from bridge import zap
from bridge.errors import ListenError, UnusableFolderError
from bridge.zap import NameOfKey
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
    zmq.IPV6: 0,
    # No heartbeats of libzmq: for a peer that has died with more messages unread than are let in,
    # the next one would end this process. Whether a peer lives we ask by messages of our own, and
    # the system finds out which connections lead nowhere.
    zmq.HEARTBEAT_IVL: 0,
    zmq.TCP_KEEPALIVE: 1,
    zmq.TCP_KEEPALIVE_IDLE: 10,
    zmq.TCP_KEEPALIVE_INTVL: 2,
    zmq.TCP_KEEPALIVE_CNT: 3,
}
HERE, ELSEWHERE = b"\0", b"\1"
"""What an address begins with: routing ids are unique on one socket only."""


class Sent(Enum):
    """What became of a message."""

    YES = auto()
    FULL = auto()
    """The peer reads too slowly; try again later."""
    GONE = auto()
    """There is no such peer any more."""


@dataclass(frozen=True)
class Received:
    """A message. `address` is where answers go; `client` is the name of a peer on the network.

    A peer in the private folder has none: it is the user's own.
    """

    address: bytes
    frames: list[Buffer]
    client: str = ""


@dataclass(frozen=True)
class Network:
    """Where else to listen, as `tcp://ADDRESS:PORT`, under which key, and whom to let in.

    Port `*`: any that is free. `secret` and `public` in Z85.
    """

    endpoint: str
    public: str
    secret: str
    name_of_key: NameOfKey


class Router:
    """Bound ROUTERs, as if they were one. One thread."""

    def __init__(
        self, endpoint: str, *, uid: int | None = None, network: Network | None = None
    ) -> None:
        self._context = zmq.Context()
        self._poller = zmq.Poller()
        self._received = self._sent = 0
        self._name_of_key = network.name_of_key if network else None
        try:
            self._doorman = self._ask_at_the_door() if network else None
            local = self._socket(zap.LOCAL)
            _filter_uid(local, uid)
            self._sockets = {HERE: local}
            _bind_locally(local, endpoint)
            if network is not None:
                self._sockets[ELSEWHERE] = self._on_a_network(network)
        except BaseException:
            self.close()
            raise

    @property
    def network_endpoint(self) -> str:
        """Where it listens besides the private folder, "" where it does not."""
        socket = self._sockets.get(ELSEWHERE)
        return "" if socket is None else socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def numbers(self) -> dict[str, float]:
        """Return the bytes of all messages so far, by the name of the metric."""
        return {"received_bytes_total": self._received, "sent_bytes_total": self._sent}

    def also_wait_for(self, descriptor: int) -> None:
        """Let `wait` return when `descriptor` is readable, too."""
        self._poller.register(descriptor, zmq.POLLIN)

    def wait(self, seconds: float) -> None:
        """Return when there is something to read, at the latest after `seconds`."""
        self._poller.poll(int(seconds * 1000))

    def receive(self, limit: int) -> Iterable[Received]:
        """Yield waiting messages, up to `limit` of each socket, one from each in turn.

        Every socket is asked in every turn: who comes to one of them need not wait until the other
        has been read.
        """
        self._answer_at_the_door()
        for _ in range(limit):
            turn = [message for each in self._sockets if (message := self._next(each)) is not None]
            if not turn:
                return
            yield from turn

    def _next(self, where: bytes) -> Received | None:
        try:
            peer, *frames = self._sockets[where].recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return None
        self._received += sum(len(frame) for frame in frames)
        client = "" if where == HERE else str(peer.get("User-Id"))
        return Received(where + peer.bytes, [frame.buffer for frame in frames], client)

    def send(self, peer: bytes, frames: Sequence[Buffer]) -> Sent:
        """Hand the message to the peer's socket, or say why not. Never blocks."""
        socket, routing_id = self._sockets.get(peer[:1]), peer[1:]
        if socket is None:
            return Sent.GONE
        try:
            socket.send_multipart([routing_id, *frames], zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return Sent.FULL
        except zmq.ZMQError as error:
            if error.errno == errno.EHOSTUNREACH:
                return Sent.GONE
            raise
        self._sent += sum(memoryview(frame).nbytes for frame in frames)
        return Sent.YES

    def close(self, *, linger_seconds: float = 0) -> None:
        """Unbind, giving what was sent a last chance to leave."""
        self._context.destroy(linger=int(linger_seconds * 1000))

    def _socket(self, domain: bytes) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.ROUTER)
        for option, value in OPTIONS.items():
            socket.setsockopt(option, value)
        # A ZAP domain makes libzmq refuse ZMTP/1.0 peers, and with them any web page that posts
        # bytes which happen to parse as frames. On every socket, whatever else protects it.
        socket.setsockopt(zmq.ZAP_DOMAIN, domain)
        self._poller.register(socket, zmq.POLLIN)
        return socket

    def _on_a_network(self, network: Network) -> zmq.Socket[bytes]:
        socket = self._socket(zap.NETWORK)
        socket.curve_server = True
        socket.curve_publickey = network.public.encode()
        socket.curve_secretkey = network.secret.encode()
        try:
            socket.bind(network.endpoint)
        except zmq.ZMQError as error:
            raise ListenError(
                f"The daemon cannot listen on {network.endpoint}: {error}. Name an address of "
                "this machine and a port that nobody uses."
            ) from error
        return socket

    def _ask_at_the_door(self) -> zmq.Socket[bytes]:
        doorman = self._context.socket(zmq.REP)
        doorman.linger = 0
        doorman.bind(zap.ENDPOINT)
        self._poller.register(doorman, zmq.POLLIN)
        return doorman

    def _answer_at_the_door(self) -> None:
        if self._doorman is None or self._name_of_key is None:
            return
        while self._doorman.poll(0):
            request = self._doorman.recv_multipart()
            self._doorman.send_multipart(zap.verdict(request, self._name_of_key))


def _bind_locally(socket: zmq.Socket[bytes], endpoint: str) -> None:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        raise UnusableFolderError(
            f"The daemon cannot listen at {endpoint}: {error}. "
            "Set DITTO_HOME to a folder that can be written to."
        ) from error


def _filter_uid(socket: zmq.Socket[bytes], uid: int | None) -> None:
    # Linux only; elsewhere the folder's mode is the only lock.
    option = getattr(zmq, "IPC_FILTER_UID", None)
    if uid is None or option is None:
        return
    try:
        socket.setsockopt(option, uid)
    except zmq.ZMQError as error:
        if error.errno != errno.EINVAL:
            raise
