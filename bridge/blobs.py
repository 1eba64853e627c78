"""Audio as files named by their SHA-256: the same bytes are stored once, and never changed.

A blob appears under its name in one step, after its bytes have reached the disk; what is half
written lies under `upload-` or `draft-`. Safe for several processes on one folder.
"""

import hashlib
import os
import time
import uuid
from pathlib import Path

Bytes = bytes | bytearray | memoryview


class DigestMismatchError(ValueError):
    """The bytes that arrived are not the bytes that were announced."""


class BlobStore:
    """A folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha: bytes) -> Path:
        """Return where the blob is or would be. The name is made from the digest alone."""
        name = sha.hex()
        return self._folder / name[:2] / name

    def size(self, sha: bytes) -> int | None:
        """Return the blob's bytes, None if it is not here."""
        try:
            return self.path(sha).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha: bytes) -> bytes:
        """Return the whole blob. Raises FileNotFoundError."""
        return self.path(sha).read_bytes()

    def read_part(self, sha: bytes, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`. Raises FileNotFoundError."""
        with self.path(sha).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def write(self, data: Bytes) -> bytes:
        """Store `data` and return its digest."""
        sha = hashlib.sha256(data).digest()
        if self.size(sha) is None:
            draft = self._folder / f"draft-{uuid.uuid4().hex}"
            draft.write_bytes(data)
            self.publish(draft, sha)
        return sha

    def remove(self, sha: bytes) -> None:
        """Forget the blob; no matter if it is not here."""
        self.path(sha).unlink(missing_ok=True)

    def publish(self, draft: Path, sha: bytes) -> None:
        """Give a file its blob's name, once its bytes are safe on the disk."""
        target = self.path(sha)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
        _sync_folder(target.parent)

    def sweep(self, *, older_than: float) -> None:
        """Remove what was begun more than that many seconds ago and never completed."""
        for pattern in ("upload-*", "draft-*"):
            for draft in self._folder.glob(pattern):
                if time.time() - draft.stat().st_mtime > older_than:
                    draft.unlink()

    def clear(self) -> None:
        """Remove every blob."""
        for blob in self._folder.glob("*/*"):
            blob.unlink()

    def upload(self, sha: bytes, size: int) -> "Upload":
        """Begin a blob that arrives in parts, or go on with one that was interrupted."""
        return Upload(self, self._folder / f"upload-{sha.hex()}", sha, size)


class Upload:
    """A blob on its way in. `offset` bytes are here."""

    def __init__(self, store: BlobStore, draft: Path, sha: bytes, size: int) -> None:
        self.sha = sha
        self.size = size
        self._store = store
        self._draft = draft
        self._hash = hashlib.sha256()
        self._file = draft.open("a+b")
        self.offset = self._file.tell()
        if self.offset >= size:
            self._file.truncate(0)
            self.offset = 0
        self._file.seek(0)
        while part := self._file.read(2**20):
            self._hash.update(part)

    def append(self, part: Bytes) -> None:
        """Write the next bytes."""
        self._file.write(part)
        self._hash.update(part)
        self.offset += len(part)

    def complete(self) -> None:
        """Check the digest and publish the blob. Raises DigestMismatchError, keeping nothing."""
        self._file.close()
        if self._hash.digest() != self.sha:
            self._draft.unlink()
            raise DigestMismatchError(f"the bytes are not those of {self.sha.hex()}")
        self._store.publish(self._draft, self.sha)

    def pause(self) -> None:
        """Close the file and keep what is here for another day."""
        self._file.close()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
