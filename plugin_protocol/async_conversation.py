"""Questions and answers for asyncio with a daemon that may die; `conversation` is for threads.

A background task receives everything, and connects to the successor when the daemon has died or
was stopped. Where none comes it ends, and the next question begins another.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .async_link import AsyncLink
from .async_transfer import Post
from .backoff import waits
from .connection import Address
from .connection import find as find_in_connection_file
from .conversation import has_left, lost, patience
from .errors import ClientError, DaemonUnreachableError
from .link import DaemonSilentError
from .mailbox import Mailbox, Mailboxes
from .messages import FromClient

LOOK_AGAIN_SECONDS = 0.05

Answer = TypeVar("Answer")


class AsyncConversation:
    """A link and its successors, for any number of coroutines of one event loop."""

    link: AsyncLink

    def __init__(
        self,
        endpoint: Address | None,
        *,
        name: str,
        find: Callable[[], Address] | None = None,
        start: Callable[[], Address] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._name = name
        self._find = find or find_in_connection_file
        self._start = start or self._find
        self._connected = asyncio.Event()
        self._failure: ClientError | None = None
        self._is_closed = False
        self.boxes = Mailboxes()

    async def open(self) -> None:
        """Connect. Raises DaemonUnreachableError."""
        address = await asyncio.to_thread(self._start) if self._endpoint is None else self._endpoint
        self.link = await AsyncLink.open(address, name=self._name)
        self._connected.set()
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Say goodbye and leave; tell whoever still waits."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._is_closed = True
        self._fail(ClientError("The client was closed while something was under way."))
        self.link.leave()

    def post(self, box: Mailbox) -> Post:
        """Return what sends over the link of now and has the answers put into the box."""
        return Post(self.link, self.boxes, box)

    async def with_box(
        self, operation: Callable[[Post], Awaitable[Answer]], *keys: bytes
    ) -> Answer:
        """Run an operation with a box of its own."""
        with self.boxes.open(*keys) as box:
            return await operation(self.post(box))

    async def ask(self, request: FromClient, kind: type[Answer]) -> Answer:
        """Return the answer; the request goes out again if the daemon dies over it."""
        return await self.again(lambda: self.with_box(lambda post: post.expect(request, kind)))

    async def again(self, operation: Callable[[], Awaitable[Answer]]) -> Answer:
        """Run `operation`, which may be repeated, until it has run on a living connection.

        Raises DaemonLostError if no daemon comes back within 30 seconds, DaemonStoppedError if the
        daemon was stopped and is not back within 5. Who asks after that has it looked for again.
        """
        self._look_again()
        while True:
            await self._connected.wait()
            if self._failure is not None:
                raise self._failure
            try:
                return await operation()
            except DaemonSilentError:
                # The listener is about to notice the same.
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _look_again(self) -> None:
        if self._failure is not None and not self._is_closed:
            self._failure = None
            self._connected.clear()
            self._listening = asyncio.create_task(self._listen(is_lost=True))

    async def _listen(self, *, is_lost: bool = False) -> None:
        try:
            if is_lost:
                await self._reconnect()
            while True:
                try:
                    self.boxes.deliver(*await self.link.receive())
                except DaemonSilentError:
                    await self._reconnect()
        except ClientError as error:
            self._fail(error)

    async def _reconnect(self) -> None:
        self._connected.clear()
        self.link.close()
        self.boxes.lose_all()
        is_stopped = self.link.was_told_goodbye or await asyncio.to_thread(has_left, self._find)
        look = self._find if is_stopped else self._start
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience(is_stopped=is_stopped)
        for wait in waits():
            try:
                address = await asyncio.to_thread(look)
                self.link = await AsyncLink.open(address, name=self._name)
                self._connected.set()
                return
            except DaemonUnreachableError as error:
                left = deadline - loop.time()
                if left <= 0:
                    raise lost(is_stopped=is_stopped) from error
            await asyncio.sleep(min(wait, left))

    def _fail(self, error: ClientError) -> None:
        """Tell everybody who waits, and who asks from now on."""
        self._failure = error
        self._connected.set()
        self.boxes.lose_all()
