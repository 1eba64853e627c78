"""A blob on its way in: hashed and written as it comes, synced while more is on its way.

One that is taken up again is hashed when it is complete, in the thread that syncs: nobody else has
to wait for that.
"""

import os
from concurrent.futures import Executor, Future
from hashlib import file_digest, sha256

from bridge.blobs import BlobStore, Bytes

SYNC_BYTES = 4 * 2**20
"""How much may wait for the disk, so that little of it is left to wait for at the end."""


class DigestMismatchError(ValueError):
    """The bytes that arrived are not the bytes that were announced."""


class Upload:
    """A blob of which `offset` bytes are in a file, be it since before a crash.

    `append` and `pause` belong to one thread; `complete` may run in another once all has been
    appended.
    """

    def __init__(self, store: BlobStore, sha: bytes, size: int, *, syncing: Executor) -> None:
        self.sha = sha
        self.size = size
        self._store = store
        self._draft = store.upload_file(sha)
        # Unbuffered: on a full disk, `offset` must still say how much is in the file.
        self._file = self._draft.open("a+b", buffering=0)
        self._syncing = syncing
        self._synced: Future[None] = Future()
        self._synced.set_result(None)
        self.offset = self._synced_to = self._take_up()
        self._hash = None if self.offset else sha256()

    def append(self, part: Bytes) -> None:
        """Write the next bytes. After OSError, `offset` says where to go on."""
        rest = memoryview(part)
        while rest:
            written = self._file.write(rest)
            self.offset += written
            if self._hash is not None:
                self._hash.update(rest[:written])
            rest = rest[written:]
        if self.offset - self._synced_to >= SYNC_BYTES and self._synced.done():
            self._synced.result()
            self._synced = self._syncing.submit(os.fsync, self._file.fileno())
            self._synced_to = self.offset

    def complete(self) -> None:
        """Check the digest and publish the blob.

        Raises OSError, or DigestMismatchError after removing what came.
        """
        self.pause()
        # The system tells of a failed sync once; the one in `publish` would know nothing of it.
        self._synced.result()
        if self._digest() != self.sha:
            self._draft.unlink()
            raise DigestMismatchError(f"the bytes are not those of {self.sha.hex()}")
        self._store.publish(self._draft, self.sha)

    def pause(self) -> None:
        """Close the file, once no sync needs it, and keep what is here for another day."""
        self._synced.add_done_callback(lambda _: self._file.close())

    def _take_up(self) -> int:
        """Return how many bytes an earlier upload has left; too many begin anew."""
        if self._file.tell() >= self.size:
            self._file.truncate(0)
        return self._file.seek(0, os.SEEK_END)

    def _digest(self) -> bytes:
        if self._hash is not None:
            return self._hash.digest()
        with self._draft.open("rb") as file:
            return file_digest(file, "sha256").digest()
