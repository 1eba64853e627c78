"""A model's files taken into a folder of ours, copied or linked, and hashed on the way."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.errors import ModelError
from bridge.models.layout import ModelFolder
from bridge.models.manifest import KeptFile
from bridge.room import Room

PIECE_BYTES = 2**20
GIB = 2**30


def take(
    model: ModelFolder, into: Path, *, link: bool, on_bytes: Callable[[int], None]
) -> tuple[KeptFile, ...]:
    """Take all files of the model into the new folder `into` and return what they are.

    `on_bytes` is told of every piece. Raises ModelError where there is no room, and OSError.
    """
    size = sum(path.stat().st_size for path in model.files.values())
    spare = Room(into.parent).spare
    if not link and size > spare:
        raise ModelError(
            f"The model takes {size / GIB:.1f} GiB, and the daemon's disk has room for "
            f"{max(0, spare) / GIB:.1f} GiB more. Make room there, or leave the files where they "
            "are: `--link`."
        )
    into.mkdir(mode=0o700)
    return tuple(
        _take_file(name, path, into / name, link=link, on_bytes=on_bytes)
        for name, path in sorted(model.files.items())
    )


def _take_file(
    name: str, path: Path, target: Path, *, link: bool, on_bytes: Callable[[int], None]
) -> KeptFile:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    if link:
        target.symlink_to(path)
    with target.open("xb") if not link else Path(os.devnull).open("wb") as copy:
        for piece in pieces(path):
            digest.update(piece)
            copy.write(piece)
            size += len(piece)
            on_bytes(len(piece))
        if not link:
            copy.flush()
            os.fsync(copy.fileno())
    return KeptFile(path=name, size=size, sha256=digest.hexdigest())


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes. Raises OSError, also where it has become a link or no file."""
    # What was looked at may have been exchanged since.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path} is no file")
        while piece := file.read(PIECE_BYTES):
            yield piece
