"""A blob on its way in: hashed and written as it comes, synced while more is on its way."""

import os
from concurrent.futures import Executor, Future, wait
from hashlib import sha256

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
        self._hash = sha256()
        self._synced: Future[None] = Future()
        self._synced.set_result(None)
        self.offset = self._synced_to = self._take_up()

    def append(self, part: Bytes) -> None:
        """Write the next bytes. After OSError, `offset` says where to go on."""
        rest = memoryview(part)
        while rest:
            written = self._file.write(rest)
            self.offset += written
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
        if self._hash.digest() != self.sha:
            self._draft.unlink()
            raise DigestMismatchError(f"the bytes are not those of {self.sha.hex()}")
        self._store.publish(self._draft, self.sha)

    def pause(self) -> None:
        """Close the file and keep what is here for another day."""
        wait((self._synced,))
        self._file.close()

    def _take_up(self) -> int:
        """Hash what an earlier upload has left and return its bytes; too many begin anew."""
        if self._file.tell() >= self.size:
            self._file.truncate(0)
        self._file.seek(0)
        while part := self._file.read(2**20):
            self._hash.update(part)
        return self._file.tell()
