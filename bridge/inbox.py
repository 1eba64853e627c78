"""Events from other threads and from signal handlers, for the one thread that acts on them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Event = TypeVar("Event")


class Inbox(Generic[Event]):
    """A queue with a file descriptor that a poller can wait for.

    `put` may be called from any thread and from a signal handler; the rest from one thread.
    """

    def __init__(self) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    @property
    def descriptor(self) -> int:
        """Readable while there are events."""
        return self._reading

    def put(self, event: Event) -> None:
        """Add an event and wake the reader."""
        self._events.put(event)
        # A full pipe is full of wake-up calls already.
        with suppress(BlockingIOError):
            os.write(self._writing, b"\0")

    def take(self) -> Iterator[Event]:
        """Yield all events that are here."""
        with suppress(BlockingIOError):
            os.read(self._reading, 65536)
        while True:
            try:
                yield self._events.get_nowait()
            except Empty:
                return

    def close(self) -> None:
        """Let go of the descriptors."""
        os.close(self._reading)
        os.close(self._writing)
