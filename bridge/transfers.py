"""Blobs between clients and the disk, chunk by chunk, with credit as the only back-pressure."""

import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from bridge.blobs import BlobStore
from bridge.crash_points import crash_point
from bridge.peers import Peer, Peers
from bridge.refusals import Refusal
from bridge.upload import DigestMismatchError, Upload
from bridge.upload_gate import UploadGate
from plugin_protocol.framing import Buffer
from plugin_protocol.messages import (
    BlobCredit,
    BlobData,
    BlobDrop,
    BlobGet,
    BlobPut,
    BlobReady,
    Error,
)
from plugin_protocol.values import CHUNK_BYTES, CREDIT_BYTES, WINDOW_CHUNKS, Failure

log = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
"""An upload that has not grown for so long is put away until its client comes back."""
UPLOADS = 64
IDLE_UPLOADS, IDLE_BYTES = 64, 2 * 2**30
"""So much is kept of those that are put away. They count for no owner: whoever goes on with one may
be another, and a client that begins many and leaves must not fill the disk with them."""
MISMATCH = Failure(
    code="DIGEST_MISMATCH",
    message="The audio that arrived is not the audio that was announced.",
    hint="Send it again.",
)
NOT_STORED = Failure(
    code="STORAGE_FULL",
    message="The audio could not be written to the disk.",
    hint="Free some space and send it again.",
)


@dataclass(frozen=True)
class UploadEnded:
    """An upload is complete and on the disk, or has failed."""

    sha: bytes
    size: int
    failure: Failure | None
    owner: str = ""


@dataclass
class Arriving:
    """An upload, who waits for it, and when it last grew."""

    upload: Upload
    grew_at: float
    sender: bytes
    """The address of who offered it last."""
    owner: str

    @property
    def size(self) -> int:
        """All its bytes."""
        return self.upload.size

    @property
    def missing(self) -> int:
        """The bytes that are still to come."""
        return self.upload.size - self.upload.offset


class Transfers:
    """All uploads and downloads. Syncing happens in a thread of its own."""

    def __init__(
        self,
        blobs: BlobStore,
        previews: BlobStore,
        *,
        peers: Peers,
        gate: UploadGate,
        report: Callable[[UploadEnded], None],
    ) -> None:
        self._blobs = blobs
        self._previews = previews
        self._peers = peers
        self._gate = gate
        self._report = report
        self._arriving: dict[bytes, Arriving] = {}
        self._completing: set[bytes] = set()
        # Per blob: who waits for it, and the request that the answer belongs to.
        self._waiting: defaultdict[bytes, dict[bytes, int]] = defaultdict(dict)
        self._syncing = ThreadPoolExecutor(max_workers=1)
        self._shed_idle()

    def offer(self, peer: Peer, request: BlobPut) -> BlobReady:
        """Say how much of the blob is here already."""
        sha, size = request.sha, request.size
        if self._blobs.touch(sha):
            return BlobReady(re=request.i, have=True)
        if sha in self._completing:
            self._waiting[sha][peer.address] = request.i
            return BlobReady(re=request.i, offset=size)
        arriving = self._arriving.get(sha)
        if arriving is None or arriving.upload.size != size:
            arriving = self._begin(sha, size, peer)
        arriving.sender = peer.address
        return BlobReady(re=request.i, offset=arriving.upload.offset, credit=WINDOW_CHUNKS)

    def take(self, peer: Peer, request: BlobData, chunk: Buffer) -> None:
        """Write a chunk, and now and then say how much is here. Raises Refusal."""
        arriving = self._arriving.get(request.sha)
        if arriving is None:
            self._take_late(peer, request)
            return
        upload = arriving.upload
        if request.offset > upload.offset or request.offset + len(chunk) > upload.size:
            raise Refusal(
                "BAD_OFFSET",
                f"{upload.offset} of {upload.size} bytes are here; got a chunk for "
                f"{request.offset}.",
                "Offer the blob again.",
            )
        # Two clients may send the same blob: the second one's chunks are here already.
        if request.offset == upload.offset:
            with _on_a_disk():
                upload.append(chunk)
            crash_point("mid_chunk")
            arriving.grew_at = time.monotonic()
        if upload.offset == upload.size:
            self._waiting[request.sha][peer.address] = request.i
            self._complete(arriving)
        elif (request.offset + len(chunk)) // CREDIT_BYTES > request.offset // CREDIT_BYTES:
            self._peers.send(peer, BlobCredit(sha=request.sha, offset=upload.offset))

    def drop(self, request: BlobDrop) -> bool:
        """Give an unfinished upload up; return whether there was one."""
        if request.sha in self._completing:
            return False
        arriving = self._arriving.pop(request.sha, None)
        if arriving is not None:
            arriving.upload.pause()
        draft = self._blobs.upload_file(request.sha)
        was_there = draft.exists()
        draft.unlink(missing_ok=True)
        return was_there

    def end(self, event: UploadEnded) -> None:
        """Tell everybody who waits for the blob."""
        self._completing.discard(event.sha)
        if event.failure is None:
            self._gate.enter(event.sha, event.size, owner=event.owner)
        for address, number in self._waiting.pop(event.sha, {}).items():
            peer = self._peers.at(address)
            if peer is None:
                continue
            if event.failure is not None:
                self._peers.send(peer, Error(re=number, failure=event.failure))
            else:
                self._peers.send(peer, BlobCredit(sha=event.sha, offset=event.size, done=True))

    def fetch(self, peer: Peer, request: BlobGet) -> None:
        """Send as many chunks as the peer has credit for. Raises Refusal."""
        if peer.chunks_waiting >= WINDOW_CHUNKS:
            raise Refusal(
                "TOO_MANY_INFLIGHT", "Chunks that you asked for still wait.", "Read them first."
            )
        with self._open(request.sha) as file:
            size = file.seek(0, os.SEEK_END)
            if request.offset >= size:
                raise Refusal("BAD_OFFSET", f"The blob has {size} bytes.")
            end = min(size, request.offset + request.credit * CHUNK_BYTES)
            file.seek(request.offset)
            for offset in range(request.offset, end, CHUNK_BYTES):
                chunk = file.read(CHUNK_BYTES)
                last = offset + len(chunk) >= size
                reply = BlobData(re=request.i, sha=request.sha, offset=offset, last=last, size=size)
                self._peers.send(peer, reply, chunk)

    def pause_idle(self) -> None:
        """Put away uploads whose client has left."""
        now = time.monotonic()
        for sha, arriving in list(self._arriving.items()):
            if now - arriving.grew_at > PAUSE_SECONDS:
                self._put_away(sha)

    def close(self) -> None:
        """Put everything away; what is half here can be continued."""
        for arriving in self._arriving.values():
            arriving.upload.pause()
        self._syncing.shutdown()

    def _begin(self, sha: bytes, size: int, peer: Peer) -> Arriving:
        others = (each for each in self._arriving.values() if each.upload.sha != sha)
        self._gate.check(others, owner=peer.owner, sender=peer.address, size=size)
        former = self._arriving.pop(sha, None)
        if former is not None:
            former.upload.pause()
        # Each holds an open file, and libzmq does not survive running out of them. A client whose
        # upload is put away offers it again and goes on.
        if len(self._arriving) >= UPLOADS:
            idlest = min(self._arriving.values(), key=lambda arriving: arriving.grew_at)
            self._put_away(idlest.upload.sha)
        with _on_a_disk():
            upload = Upload(self._blobs, sha, size, syncing=self._syncing)
        arriving = Arriving(upload, time.monotonic(), peer.address, peer.owner)
        self._arriving[sha] = arriving
        return arriving

    def _put_away(self, sha: bytes) -> None:
        self._arriving.pop(sha).upload.pause()
        self._shed_idle()

    def _shed_idle(self) -> None:
        self._blobs.shed_uploads(
            busy={*self._arriving, *self._completing}, number=IDLE_UPLOADS, size=IDLE_BYTES
        )

    def _take_late(self, peer: Peer, request: BlobData) -> None:
        if request.sha in self._completing:
            self._waiting[request.sha][peer.address] = request.i
            return
        size = self._blobs.size(request.sha)
        if size is None:
            raise Refusal("BAD_OFFSET", "No such upload is under way.", "Offer the blob first.")
        self._peers.send(peer, BlobCredit(sha=request.sha, offset=size, done=True))

    def _complete(self, arriving: Arriving) -> None:
        sha = arriving.upload.sha
        del self._arriving[sha]
        self._completing.add(sha)
        self._syncing.submit(self._sync, arriving.upload, arriving.owner)

    def _sync(self, upload: Upload, owner: str) -> None:
        failure = None
        try:
            upload.complete()
        except DigestMismatchError:
            failure = MISMATCH
        except OSError:
            log.exception("an upload could not be stored")
            failure = NOT_STORED
        self._report(UploadEnded(upload.sha, upload.size, failure, owner))

    def _open(self, sha: bytes) -> BinaryIO:
        for store in (self._blobs, self._previews):
            # Opened, not asked about: the worker takes old previews away at any moment.
            with suppress(FileNotFoundError):
                return store.path(sha).open("rb")
        raise Refusal("GONE", "The daemon does not have this audio (any more).")


@contextmanager
def _on_a_disk() -> Iterator[None]:
    """Refuse what the disk does not take."""
    try:
        yield
    except OSError as error:
        log.exception("an upload could not be stored")
        raise Refusal(NOT_STORED.code, NOT_STORED.message, NOT_STORED.hint) from error
