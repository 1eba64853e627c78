"""Blobs up and down a link: named by their SHA-256, in chunks, resumable, verified."""

from collections.abc import Callable
from hashlib import sha256

from .errors import RequestRefusedError
from .framing import Buffer
from .link import Link, refusal
from .messages import BlobCredit, BlobData, BlobGet, BlobPut, BlobReady, Error, FromDaemon
from .values import CHUNK_BYTES, WINDOW_CHUNKS

ATTEMPTS = 3
HALF_WINDOW = WINDOW_CHUNKS // 2
SPOILT = ("BAD_OFFSET", "DIGEST_MISMATCH")
"""Another client has begun or spoilt an upload of the same audio."""

OnBytes = Callable[[int], None]
Aside = Callable[[FromDaemon], None]
"""Takes the messages that arrive in between and are about something else."""


def send_blob(
    link: Link,
    data: memoryview,
    sha: bytes,
    *,
    aside: Aside,
    on_bytes: OnBytes,
) -> None:
    """Offer the blob and send what the daemon lacks of it. Returns when it is safely stored.

    `on_bytes` is told how many bytes have arrived. Raises RequestRefusedError, DaemonSilentError.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            _send_once(link, data, sha, aside, on_bytes)
            return
        except RequestRefusedError as error:
            if error.code not in SPOILT or not attempts_left:
                raise


def _send_once(link: Link, data: memoryview, sha: bytes, aside: Aside, on_bytes: OnBytes) -> None:
    ready = _offer(link, sha, len(data), aside)
    if ready.have:
        on_bytes(len(data))
        return
    arrived = sent = ready.offset
    ahead = (ready.credit - 1) * CHUNK_BYTES
    asked = {ready.re}
    while True:
        while sent < len(data) and sent - arrived <= ahead:
            chunk = data[sent : sent + CHUNK_BYTES]
            last = sent + len(chunk) == len(data)
            asked.add(link.send(BlobData(sha=sha, offset=sent, last=last), chunk))
            sent += len(chunk)
        message, _ = link.receive()
        if isinstance(message, BlobCredit) and message.sha == sha:
            arrived = message.offset
            sent = max(sent, arrived)  # another client may be sending the same
            on_bytes(arrived)
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


class Download:
    """A blob on its way to us: `size` bytes are here, hashed as they came."""

    def __init__(self, sha: bytes) -> None:
        self.sha = sha
        self.size = 0
        self._data = bytearray()
        self._hash = sha256()

    def append(self, chunk: Buffer, *, whole: int) -> None:
        """Take the next bytes of a blob of `whole` bytes."""
        if not self._data:
            # All at once: growing would copy a long clip several times.
            self._data = bytearray(whole)
        end = self.size + len(chunk)
        if end > len(self._data):
            raise _other_audio()
        self._hash.update(chunk)
        with memoryview(self._data) as view:
            view[self.size : end] = chunk
        self.size = end

    def data(self) -> bytearray:
        """Return the whole blob. Raises RequestRefusedError if it is another one."""
        if self.size != len(self._data) or self._hash.digest() != self.sha:
            raise _other_audio()
        return self._data


def _other_audio() -> RequestRefusedError:
    return RequestRefusedError(
        "DIGEST_MISMATCH",
        "The audio that arrived is not the audio that was asked for.",
        "Fetch it again; if it happens again, the daemon's disk is damaged.",
    )


def receive_blob(link: Link, download: Download, *, aside: Aside) -> None:
    """Fetch what is missing of the blob.

    Interrupted by DaemonSilentError, it goes on where it stopped when called again. Raises
    RequestRefusedError where the daemon lacks the blob.
    """
    sha = download.sha
    asked = {link.send(BlobGet(sha=sha, offset=download.size))}
    chunks, ordered = 0, download.size + WINDOW_CHUNKS * CHUNK_BYTES
    is_complete = False
    while not is_complete:
        message, chunk = link.receive()
        if isinstance(message, BlobData) and chunk is not None:
            if message.sha != sha or message.offset != download.size:
                continue  # left over from an interrupted download
            download.append(chunk, whole=message.size)
            is_complete = message.last
            chunks += 1
            # Half a window is always under way; past the end the daemon refuses, unheard.
            if chunks % HALF_WINDOW == 0 and not is_complete:
                asked.add(link.send(BlobGet(sha=sha, offset=ordered, credit=HALF_WINDOW)))
                ordered += HALF_WINDOW * CHUNK_BYTES
        elif isinstance(message, Error) and message.re in asked:
            raise refusal(message)
        else:
            aside(message)
