"""One greeted connection to the daemon: numbered requests out, checked messages in."""

import time
from contextlib import suppress
from typing import Any, Self

import msgspec
import zmq

from .connection import Address, Keys
from .errors import DaemonUnreachableError, RequestRefusedError
from .framing import BadMessageError, Buffer, decode_reply, encode
from .messages import Bye, Error, FromClient, FromDaemon, Hello, Notice, Ping, Welcome
from .values import CHUNK_BYTES, HEADER_BYTES

GREETING_MS = 3000
SILENCE_MS = 2000
"""After so long without a word from the daemon, ask whether it lives."""
MISSED_PINGS = 3
OWN_SILENCE_SECONDS = 5.0
"""After so long without a word from us, say one: the daemon forgets who is silent for 15 s, however
much it has told him meanwhile."""
LEAVING_MS = 200
LOOK_MS = 200
"""How soon to notice that the daemon's end of the connection is gone."""


class DaemonSilentError(Exception):
    """This connection is dead, or the daemon no longer knows us: connect anew."""


class Link:
    """A DEALER socket that has said hello. One thread at a time.

    The daemon answers for every id in `resume` with a JobState, right after its Welcome.
    """

    def __init__(self, address: Address, *, name: str, resume: tuple[str, ...] = ()) -> None:
        endpoint, keys = endpoint_and_keys(address)
        self._number, self._spoke_at = 0, 0.0
        self.was_told_goodbye = False
        """Whether the daemon has said that it leaves."""
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        configure(self._socket, keys)
        try:
            self._socket.connect(endpoint)
            self._socket.poll(GREETING_MS, zmq.POLLOUT)
            self.welcome = self._greet(Hello(client=name, resume=resume))
        except (zmq.ZMQError, DaemonSilentError) as error:
            self.close()
            raise DaemonUnreachableError(
                f"No daemon answers at {endpoint}. Start one with `ditto serve`."
            ) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def leave(self) -> None:
        """Say goodbye, so that the daemon need not wait for us, and let go of the socket."""
        with suppress(DaemonSilentError, zmq.ZMQError):
            self.send(Bye())
        self._context.destroy(linger=LEAVING_MS)

    def close(self) -> None:
        """Let go of the socket. May be called twice."""
        self._context.destroy(linger=0)

    def send(self, request: FromClient, chunk: Buffer | None = None) -> int:
        """Send and return the number that answers will carry. Raises DaemonSilentError."""
        self._require_connection()
        self._number += 1
        numbered = msgspec.structs.replace(request, i=self._number)
        # Uncopied: the chunk is a view of data that nobody changes before it has been confirmed.
        try:
            self._socket.send_multipart(encode(numbered, chunk), zmq.NOBLOCK, copy=False)
        except zmq.Again as error:
            raise DaemonSilentError from error  # gone since it was looked for
        self._spoke_at = time.monotonic()
        return self._number

    def receive(self) -> tuple[FromDaemon, Buffer | None]:
        """Return the next message, after a ping where it is quiet. Raises DaemonSilentError."""
        for _ in range(MISSED_PINGS):
            while self._is_something_here(within=SILENCE_MS):
                if (received := self._read()) is not None:
                    if time.monotonic() - self._spoke_at > OWN_SILENCE_SECONDS:
                        with suppress(DaemonSilentError):  # which the next call will see
                            self.send(Ping())
                    return received
            self.send(Ping())
        raise DaemonSilentError

    def _is_something_here(self, *, within: int) -> bool:
        """Wait so many milliseconds for a message. Raises DaemonSilentError."""
        for _ in range(0, within, LOOK_MS):
            if not self._socket.closed and self._socket.poll(min(LOOK_MS, within)):
                return True
            self._require_connection()
        return False

    def _require_connection(self) -> None:
        # IMMEDIATE: without a peer there is nowhere to send to. The window keeps us far from the
        # other reason, a full queue.
        # Closed: no successor has taken this link's place, and its user asks again.
        if self._socket.closed or not self._socket.poll(0, zmq.POLLOUT):
            raise DaemonSilentError

    def _read(self) -> tuple[FromDaemon, Buffer | None] | None:
        try:
            frames = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return None  # gone with the connection, in the moment since it was seen
        received = read_reply([frame.buffer for frame in frames])
        self.was_told_goodbye = self.was_told_goodbye or is_goodbye(received)
        return received

    def _greet(self, hello: Hello) -> Welcome:
        number = self.send(hello)
        while self._is_something_here(within=GREETING_MS):
            received = self._read()
            message = received[0] if received else None
            if isinstance(message, Welcome) and message.re == number:
                return message
            if isinstance(message, Error):
                raise refusal(message)
        raise DaemonSilentError


def endpoint_and_keys(address: Address) -> tuple[str, Keys | None]:
    """Return both parts of an address."""
    return (address, None) if isinstance(address, str) else (address.endpoint, address.keys)


def read_reply(frames: list[Buffer]) -> tuple[FromDaemon, Buffer | None] | None:
    """Return one message; None for one from a newer daemon that we have no word for.

    Raises DaemonSilentError where the daemon has forgotten us.
    """
    try:
        message, chunk = decode_reply(frames)
    except BadMessageError as error:
        if error.code == "UNKNOWN_TYPE":
            return None
        raise RequestRefusedError(error.code, str(error)) from error
    if isinstance(message, Error) and message.failure.code == "NOT_INITIALIZED":
        raise DaemonSilentError
    return message, chunk


def is_goodbye(received: tuple[FromDaemon, Buffer | None] | None) -> bool:
    """Return whether a message is the daemon's notice that it leaves."""
    message = received[0] if received else None
    return isinstance(message, Notice) and message.kind == "leaving"


def refusal(error: Error) -> RequestRefusedError:
    """Return the exception that says what the daemon said."""
    return RequestRefusedError(error.failure.code, error.failure.message, error.failure.hint)


def configure(socket: zmq.Socket[Any], keys: Keys | None) -> None:
    """Set the options of a client's socket, before it connects."""
    options = {
        zmq.LINGER: 0,
        # No connection, no sending: a message for a dead daemon must not wait for the next one.
        zmq.IMMEDIATE: 1,
        zmq.SNDHWM: 64,
        zmq.RCVHWM: 64,
        zmq.MAXMSGSIZE: CHUNK_BYTES + HEADER_BYTES + 1024,
        zmq.RECONNECT_IVL: 50,
        # With heartbeats libzmq would end the process of a client that has not read for a while
        # when the daemon dies; our own pings serve as well.
        zmq.HEARTBEAT_IVL: 0,
    }
    for option, value in options.items():
        socket.setsockopt(option, value)
    if keys is not None:
        socket.curve_serverkey = keys.server.encode()
        socket.curve_publickey = keys.public.encode()
        socket.curve_secretkey = keys.secret.encode()
    # Refuses ZMTP/1.0 peers: no unversioned handshake, on any socket of ours.
    socket.setsockopt(zmq.ZAP_DOMAIN, b"ditto")
