"""Audio as files named by their SHA-256: the same bytes are stored once, and never changed.

A blob appears under its name in one step, after its bytes have reached the disk; what is half
written lies under `upload-` or `draft-`. Safe for several processes on one folder.
"""

import hashlib
import os
import time
import uuid
from pathlib import Path

from bridge.crash_points import crash_point

Bytes = bytes | bytearray | memoryview


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

    def write(self, data: Bytes) -> bytes:
        """Store `data` and return its digest."""
        sha = hashlib.sha256(data).digest()
        if self.size(sha) is None:
            draft = self._folder / f"draft-{uuid.uuid4().hex}"
            try:
                draft.write_bytes(data)
                self.publish(draft, sha)
            finally:
                draft.unlink(missing_ok=True)
        return sha

    def remove(self, sha: bytes) -> None:
        """Forget the blob; no matter if it is not here."""
        self.path(sha).unlink(missing_ok=True)

    def publish(self, draft: Path, sha: bytes) -> None:
        """Give a file its blob's name, once its bytes are safe on the disk."""
        target = self.path(sha)
        if not target.parent.exists():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(self._folder)
        _sync(draft)
        crash_point("before_rename")
        draft.replace(target)
        crash_point("after_rename")
        _sync(target.parent)

    def sweep(self, *, older_than: float) -> None:
        """Remove what was begun more than that many seconds ago and never completed."""
        for pattern in ("upload-*", "draft-*"):
            for draft in self._folder.glob(pattern):
                if time.time() - draft.stat().st_mtime > older_than:
                    draft.unlink()

    def clear(self) -> None:
        """Remove every blob, and what was begun."""
        for blob in self._folder.glob("*/*"):
            blob.unlink()
        self.sweep(older_than=0)

    def upload_file(self, sha: bytes) -> Path:
        """Return where a blob grows that arrives in parts, until it is published."""
        return self._folder / f"upload-{sha.hex()}"


def _sync(path: Path) -> None:
    """Return when the file's bytes, or the folder's names, are safe on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
