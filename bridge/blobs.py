"""Audio as files named by their SHA-256: the same bytes are stored once, and never changed.

A blob appears under its name in one step, after its bytes have reached the disk; what is half
written lies under `upload-` or `draft-`. The time of the file is when the blob was last wanted.
Safe for several processes on one folder, as long as only one of them discards.
"""

import hashlib
import os
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from bridge.crash_points import crash_point

Bytes = bytes | bytearray | memoryview

NAME_CHARACTERS = 64


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
        if not self.touch(sha):
            draft = self._folder / f"draft-{uuid.uuid4().hex}"
            try:
                draft.write_bytes(data)
                self.publish(draft, sha)
            finally:
                draft.unlink(missing_ok=True)
        return sha

    def touch(self, sha: bytes) -> bool:
        """Say that the blob is wanted, which keeps it for a while; False if it is not here."""
        try:
            os.utime(self.path(sha))
        except FileNotFoundError:
            return False
        return True

    def all(self) -> Iterator[tuple[bytes, int]]:
        """Yield every blob and its bytes."""
        for folder, _, names in os.walk(self._folder):
            for name in names:
                if len(name) == NAME_CHARACTERS:
                    with suppress(ValueError, FileNotFoundError):
                        yield bytes.fromhex(name), (Path(folder) / name).stat().st_size

    def remove(self, sha: bytes) -> None:
        """Forget the blob; no matter if it is not here."""
        self.path(sha).unlink(missing_ok=True)

    def discard(self, sha: bytes, *, unwanted_for: float) -> bool:
        """Remove the blob unless it was wanted in the last seconds; return whether it is gone.

        Taken aside before the last look: whoever wants it in between finds it gone and writes it
        anew, or has touched it and finds it back.
        """
        blob, aside = self.path(sha), self._folder / f"discard-{sha.hex()}"
        try:
            if _age(blob) < unwanted_for:
                return False
            blob.rename(aside)
        except FileNotFoundError:
            return True
        if _age(aside) < unwanted_for:
            self._put_back(aside)
            return False
        aside.unlink()
        return True

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
                if _age(draft) > older_than:
                    draft.unlink()
        # Left by a crash in the middle of `discard`: nobody had decided yet.
        for aside in self._folder.glob("discard-*"):
            self._put_back(aside)

    def clear(self) -> None:
        """Remove every blob, and what was begun."""
        self.sweep(older_than=0)
        for blob in self._folder.glob("*/*"):
            blob.unlink()

    def upload_file(self, sha: bytes) -> Path:
        """Return where a blob grows that arrives in parts, until it is published."""
        return self._folder / f"upload-{sha.hex()}"

    def shed_uploads(self, *, busy: Collection[bytes], number: int, size: int) -> None:
        """Keep the newest of the uploads that are not `busy`: so many, and so many bytes."""
        files = {self.upload_file(sha) for sha in busy}
        idle = [file for file in self._folder.glob("upload-*") if file not in files]
        for i, file in enumerate(sorted(idle, key=_age)):
            size -= file.stat().st_size
            if i >= number or size < 0:
                file.unlink()

    def _put_back(self, aside: Path) -> None:
        target = self.path(bytes.fromhex(aside.name.removeprefix("discard-")))
        if target.exists():
            aside.unlink()
        else:
            aside.rename(target)


def _age(file: Path) -> float:
    """Return the seconds since the file was last written or touched."""
    return time.time() - file.stat().st_mtime


def _sync(path: Path) -> None:
    """Return when the file's bytes, or the folder's names, are safe on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
