"""Blobs up and down a link: named by their SHA-256, in chunks, resumable, verified."""

from collections.abc import Callable
from hashlib import sha256

from .errors import RequestRefusedError
from .link import Link, refusal
from .messages import (
    CHUNK_BYTES,
    WINDOW_CHUNKS,
    BlobCredit,
    BlobData,
    BlobGet,
    BlobPut,
    BlobReady,
    Error,
    FromDaemon,
)

ATTEMPTS = 3
Aside = Callable[[FromDaemon], None]
"""Takes the messages that arrive in between and are about something else."""


def send_blob(
    link: Link,
    data: memoryview,
    sha: bytes,
    *,
    aside: Aside,
    on_bytes: Callable[[int], None],
) -> None:
    """Offer the blob and send what the daemon lacks of it. Returns when it is safely stored.

    `on_bytes` is told how many bytes are safe. Raises RequestRefusedError, DaemonSilentError.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            _send_blob(link, data, sha, aside=aside, on_bytes=on_bytes)
            return
        except RequestRefusedError as error:
            # Another client began or spoiled an upload of the same audio.
            if error.code not in ("BAD_OFFSET", "DIGEST_MISMATCH") or not attempts_left:
                raise


def _send_blob(
    link: Link,
    data: memoryview,
    sha: bytes,
    *,
    aside: Aside,
    on_bytes: Callable[[int], None],
) -> None:
    ready = _offer(link, sha, len(data), aside)
    if ready.have:
        on_bytes(len(data))
        return
    offset, credit = ready.offset, ready.credit
    asked = {ready.re}
    while True:
        while credit and offset < len(data):
            chunk = data[offset : offset + CHUNK_BYTES]
            last = offset + len(chunk) == len(data)
            asked.add(link.send(BlobData(sha=sha, offset=offset, last=last), chunk))
            offset += len(chunk)
            credit -= 1
        message, _ = link.receive()
        if isinstance(message, BlobCredit) and message.sha == sha:
            credit += 1
            on_bytes(message.offset)
            if message.done:
                return
        elif isinstance(message, Error) and message.re in asked:
            raise refusal(message)
        else:
            aside(message)


def _offer(link: Link, sha: bytes, size: int, aside: Aside) -> BlobReady:
    number = link.send(BlobPut(sha=sha, size=size))
    while True:
        message, _ = link.receive()
        if isinstance(message, BlobReady) and message.re == number:
            return message
        if isinstance(message, Error) and message.re == number:
            raise refusal(message)
        aside(message)


def receive_blob(link: Link, sha: bytes, received: bytearray, *, aside: Aside) -> None:
    """Fetch the blob's bytes from len(received) on, appending to `received`.

    Interrupted by DaemonSilentError, it goes on where it stopped when called again. Raises
    RequestRefusedError where the daemon lacks the blob or the bytes have another digest.
    """
    asked = {link.send(BlobGet(sha=sha, offset=len(received)))}
    credit = WINDOW_CHUNKS
    while True:
        message, chunk = link.receive()
        if isinstance(message, BlobData) and message.sha == sha and chunk is not None:
            if message.offset != len(received):
                continue  # left over from an interrupted download
            received += chunk
            if message.last:
                break
            credit -= 1
            if credit == 0:
                asked.add(link.send(BlobGet(sha=sha, offset=len(received))))
                credit = WINDOW_CHUNKS
        elif isinstance(message, Error) and message.re in asked:
            raise refusal(message)
        else:
            aside(message)
    if sha256(received).digest() != sha:
        raise RequestRefusedError(
            "DIGEST_MISMATCH",
            "The audio that arrived is not the audio that was asked for.",
            "Fetch it again; if it happens again, the daemon's disk is damaged.",
        )
