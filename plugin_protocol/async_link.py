"""One greeted connection to the daemon for asyncio; `link` is the same for threads."""

import time
from contextlib import suppress
from typing import Self

import msgspec
import zmq
import zmq.asyncio

from .connection import Address
from .errors import DaemonUnreachableError
from .framing import Buffer, encode
from .link import (
    GREETING_MS,
    LEAVING_MS,
    LOOK_MS,
    MISSED_PINGS,
    OWN_SILENCE_SECONDS,
    SILENCE_MS,
    DaemonSilentError,
    configure,
    endpoint_and_keys,
    is_goodbye,
    read_reply,
    refusal,
)
from .messages import Bye, Error, FromClient, FromDaemon, Hello, Ping, Welcome


class AsyncLink:
    """A DEALER socket that has said hello. One event loop; one coroutine receives, any may send."""

    welcome: Welcome

    def __init__(self) -> None:
        self._number, self._spoke_at = 0, 0.0
        self.was_told_goodbye = False
        """Whether the daemon has said that it leaves."""
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.DEALER)

    @classmethod
    async def open(cls, address: Address, *, name: str) -> Self:
        """Connect and greet. Raises DaemonUnreachableError, RequestRefusedError."""
        endpoint, keys = endpoint_and_keys(address)
        link = cls()
        configure(link._socket, keys)
        try:
            link._socket.connect(endpoint)
            # pyzmq's own description of `poll` lacks the flags.
            await link._socket.poll(GREETING_MS, zmq.POLLOUT)  # type: ignore[call-arg]
            link.welcome = await link._greet(Hello(client=name))
        except (zmq.ZMQError, DaemonSilentError) as error:
            link.close()
            raise DaemonUnreachableError(
                f"No daemon answers at {endpoint}. Start one with `ditto serve`."
            ) from error
        except BaseException:
            link.close()
            raise
        return link

    def next_number(self) -> int:
        """Return the number of the request to be sent next."""
        self._number += 1
        return self._number

    async def send(self, request: FromClient, chunk: Buffer | None = None) -> None:
        """Send a request that has its number. Raises DaemonSilentError."""
        self._require_connection()
        try:
            await self._socket.send_multipart(encode(request, chunk), zmq.NOBLOCK, copy=False)
        except zmq.Again as error:
            raise DaemonSilentError from error  # gone since it was looked for
        self._spoke_at = time.monotonic()

    async def receive(self) -> tuple[FromDaemon, Buffer | None]:
        """Return the next message, after a ping where it is quiet. Raises DaemonSilentError."""
        for _ in range(MISSED_PINGS):
            while await self._is_something_here(within=SILENCE_MS):
                if (received := await self._read()) is not None:
                    if time.monotonic() - self._spoke_at > OWN_SILENCE_SECONDS:
                        with suppress(DaemonSilentError):  # which the next call will see
                            await self.send(Ping(i=self.next_number()))
                    return received
            await self.send(Ping(i=self.next_number()))
        raise DaemonSilentError

    def leave(self) -> None:
        """Say goodbye, so that the daemon need not wait for us, and let go of the socket."""
        with suppress(DaemonSilentError, zmq.ZMQError):
            self._require_connection()
            self._socket.send_multipart(encode(Bye(i=self.next_number())))
        self._context.destroy(linger=LEAVING_MS)

    def close(self) -> None:
        """Let go of the socket. May be called twice."""
        self._context.destroy(linger=0)

    async def _is_something_here(self, *, within: int) -> bool:
        for _ in range(0, within, LOOK_MS):
            if await self._socket.poll(min(LOOK_MS, within)):
                return True
            self._require_connection()
        return False

    def _require_connection(self) -> None:
        # Closed: a successor has taken this link's place while its user was busy otherwise.
        if self._socket.closed or not int(self._socket.get(zmq.EVENTS)) & zmq.POLLOUT:
            raise DaemonSilentError

    async def _read(self) -> tuple[FromDaemon, Buffer | None] | None:
        try:
            frames = await self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return None  # gone with the connection, in the moment since it was seen
        received = read_reply([frame.buffer for frame in frames])
        self.was_told_goodbye = self.was_told_goodbye or is_goodbye(received)
        return received

    async def _greet(self, hello: Hello) -> Welcome:
        number = self.next_number()
        await self.send(msgspec.structs.replace(hello, i=number))
        while await self._is_something_here(within=GREETING_MS):
            received = await self._read()
            message = received[0] if received else None
            if isinstance(message, Welcome) and message.re == number:
                return message
            if isinstance(message, Error):
                raise refusal(message)
        raise DaemonSilentError
