"""Blobs up and down for asyncio, and the requests of one coroutine; `transfer` is for threads."""

from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from .async_link import AsyncLink
from .errors import RequestRefusedError
from .framing import Buffer
from .link import refusal
from .mailbox import Mail, Mailbox, Mailboxes
from .messages import (
    BlobCredit,
    BlobData,
    BlobGet,
    BlobPut,
    BlobReady,
    Error,
    FromClient,
    FromDaemon,
)
from .transfer import ATTEMPTS, HALF_WINDOW, SPOILT, Download
from .values import CHUNK_BYTES, WINDOW_CHUNKS

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Post:
    """Requests whose answers come into one mailbox."""

    link: AsyncLink
    boxes: Mailboxes
    box: Mailbox

    async def send(self, request: FromClient, chunk: Buffer | None = None) -> int:
        """Send and return the number that the answer will carry. Raises DaemonSilentError."""
        number = self.link.next_number()
        self.boxes.add(number, self.box)
        await self.link.send(replace(request, i=number), chunk)
        return number

    async def get(self) -> Mail:
        """Wait for the next message. Raises RequestRefusedError, DaemonSilentError."""
        message, chunk = await self.box.get()
        if isinstance(message, Error):
            raise refusal(message)
        return message, chunk

    async def ask(self, request: FromClient) -> FromDaemon:
        """Send a request and wait for its answer; what comes before is dropped."""
        number = await self.send(request)
        while True:
            message, _ = await self.get()
            if message.re == number:
                return message

    async def expect(self, request: FromClient, kind: type[Answer]) -> Answer:
        """Send a request and wait for its answer, which is of that kind."""
        message = await self.ask(request)
        if not isinstance(message, kind):
            raise RequestRefusedError(
                "BAD_MESSAGE", f"The daemon answered with {type(message).__name__}."
            )
        return message


async def send_blob(post: Post, data: memoryview, sha: bytes) -> None:
    """Offer the blob and send what the daemon lacks of it. Returns when it is safely stored."""
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            await _send_once(post, data, sha)
            return
        except RequestRefusedError as error:
            if error.code not in SPOILT or not attempts_left:
                raise


async def _send_once(post: Post, data: memoryview, sha: bytes) -> None:
    ready = await post.expect(BlobPut(sha=sha, size=len(data)), BlobReady)
    if ready.have:
        return
    arrived = sent = ready.offset
    ahead = (ready.credit - 1) * CHUNK_BYTES
    while True:
        while sent < len(data) and sent - arrived <= ahead:
            chunk = data[sent : sent + CHUNK_BYTES]
            last = sent + len(chunk) == len(data)
            await post.send(BlobData(sha=sha, offset=sent, last=last), chunk)
            sent += len(chunk)
        message, _ = await post.get()
        if isinstance(message, BlobCredit):
            arrived = message.offset
            sent = max(sent, arrived)  # another client may be sending the same
            if message.done:
                return


async def receive_blob(post: Post, download: Download) -> None:
    """Fetch what is missing of the blob; goes on where it stopped when called again."""
    sha = download.sha
    chunks, ordered = 0, download.size + WINDOW_CHUNKS * CHUNK_BYTES
    await post.send(BlobGet(sha=sha, offset=download.size))
    is_complete = False
    while not is_complete:
        message, chunk = await post.get()
        if not isinstance(message, BlobData) or chunk is None or message.offset != download.size:
            continue
        download.append(chunk, whole=message.size)
        is_complete = message.last
        chunks += 1
        if chunks % HALF_WINDOW == 0 and not is_complete:
            await post.send(BlobGet(sha=sha, offset=ordered, credit=HALF_WINDOW))
            ordered += HALF_WINDOW * CHUNK_BYTES
