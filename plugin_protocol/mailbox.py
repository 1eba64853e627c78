"""Who waits for which message: answers by number, blobs by digest, events by job."""

import asyncio
from collections import defaultdict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from .conversation import JobEvent
from .framing import Buffer
from .link import DaemonSilentError
from .messages import BlobCredit, FromDaemon

MAILS_KEPT = 1024

Mail = tuple[FromDaemon, Buffer | None]


class Mailbox:
    """What has arrived for one coroutine. Full, it drops the oldest: a slow reader of events."""

    def __init__(self) -> None:
        self._mail: asyncio.Queue[Mail | None] = asyncio.Queue(MAILS_KEPT)

    def put(self, mail: Mail | None) -> None:
        """Add a message; None: the connection is lost."""
        if self._mail.full():
            self._mail.get_nowait()
        self._mail.put_nowait(mail)

    async def get(self) -> Mail:
        """Wait for the next message. Raises DaemonSilentError if the connection is lost first."""
        mail = await self._mail.get()
        if mail is None:
            raise DaemonSilentError
        return mail


class Mailboxes:
    """All mailboxes of a client. A key is a request's number, a digest or a job id."""

    def __init__(self) -> None:
        self._boxes: defaultdict[Hashable, list[Mailbox]] = defaultdict(list)

    @contextmanager
    def open(self, *keys: Hashable) -> Iterator[Mailbox]:
        """Give a mailbox for what comes under the keys, as long as the context lasts."""
        box = Mailbox()
        for key in keys:
            self.add(key, box)
        try:
            yield box
        finally:
            for key in [key for key, boxes in self._boxes.items() if box in boxes]:
                self._boxes[key].remove(box)
                if not self._boxes[key]:
                    del self._boxes[key]

    def add(self, key: Hashable, box: Mailbox) -> None:
        """Let what comes under one more key into the mailbox."""
        self._boxes[key].append(box)

    def deliver(self, message: FromDaemon, chunk: Buffer | None) -> None:
        """Put a message where it is waited for; nobody's message is dropped."""
        key: Hashable = message.re
        if not message.re and isinstance(message, BlobCredit):
            key = message.sha
        elif not message.re and isinstance(message, JobEvent):
            key = message.job
        for box in self._boxes.get(key, ()):
            box.put((message, chunk))

    def lose_all(self) -> None:
        """Tell everybody that the connection is lost."""
        for box in {id(box): box for boxes in self._boxes.values() for box in boxes}.values():
            box.put(None)
