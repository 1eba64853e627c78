"""Install and remove, one step at a time. Nothing that is not ours, or was edited, is lost."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.hosts.host import HostError
from bridge.hosts.parcel import Piece, names_the_command, pieces_of
from bridge.hosts.receipt import Receipt, digest_of, receipt_of
from bridge.paths import Paths


@dataclass(frozen=True)
class Step:
    """What was done with one file; `aside` is where another one that stood there is now."""

    done: Literal["new", "same", "newer", "removed", "left", "gone"]
    file: Path
    aside: Path | None = None


def install(
    name: str, command: Path, paths: Paths, environment: Mapping[str, str] = os.environ
) -> Iterator[Step]:
    """Put the host's files where it looks for them and yield what became of each.

    A file that stands there and is not ours, or was edited, is kept beside ours with the ending
    .bak. What an earlier version put and this one has not is removed. Raises HostError.
    """
    pieces = pieces_of(name, command, environment)
    receipt = receipt_of(name, paths)
    receipt.command = command if names_the_command(name) else None
    with _told():
        for piece in pieces:
            yield _put(piece, receipt)
        stale = set(receipt.files) - {piece.target for piece in pieces}
        for file in sorted(stale):
            yield _take_away(file, receipt)


def remove(name: str, paths: Paths) -> Iterator[Step]:
    """Take away what was installed, but for what was edited since. Raises HostError."""
    receipt = receipt_of(name, paths)
    with _told():
        for file in sorted(receipt.files):
            yield _take_away(file, receipt)
        for folder in reversed(receipt.folders):
            # What Python has made of our scripts; it makes it again of others.
            shutil.rmtree(folder / "__pycache__", ignore_errors=True)
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        receipt.path.unlink(missing_ok=True)


def _put(piece: Piece, receipt: Receipt) -> Step:
    target, digest = piece.target, hashlib.sha256(piece.data).hexdigest()
    _make_folders(target.parent, receipt)
    is_there = target.exists() or target.is_symlink()
    is_same = digest_of(target) == digest
    aside = None
    if is_there and not is_same and not receipt.is_unedited(target):
        aside = set_aside(target)
    if not is_same:
        _write(piece)
    receipt.files[target] = digest
    # After every file: whatever happens next, what was put is known.
    receipt.save()
    if is_same:
        return Step("same", target)
    return Step("newer" if is_there else "new", target, aside)


def _make_folders(folder: Path, receipt: Receipt) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    receipt.folders += [each for each in reversed(missing) if each not in receipt.folders]


def _write(piece: Piece) -> None:
    temporary = piece.target.with_name(f".{piece.target.name}-{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(piece.data)
        temporary.chmod(0o755 if piece.is_program else 0o644)
        temporary.replace(piece.target)
    finally:
        temporary.unlink(missing_ok=True)


def set_aside(file: Path, *, copy: bool = False) -> Path:
    """Rename, or copy, the file to one with the ending .bak, or .bak-2 ..., and return that."""
    number = 1
    while True:
        aside = file.with_name(f"{file.name}.bak{'' if number == 1 else f'-{number}'}")
        if not aside.exists() and not aside.is_symlink():
            return Path(shutil.copy2(file, aside)) if copy else file.rename(aside)
        number += 1


def _take_away(file: Path, receipt: Receipt) -> Step:
    was_there, is_ours = file.exists() or file.is_symlink(), receipt.is_unedited(file)
    if is_ours:
        file.unlink()
    del receipt.files[file]
    receipt.save()
    if not was_there:
        return Step("gone", file)
    return Step("removed" if is_ours else "left", file)


@contextmanager
def _told() -> Iterator[None]:
    """Raise HostError for what the system refuses to do."""
    try:
        yield
    except OSError as error:
        raise HostError(
            f"{error.filename or 'A file'} could not be written or removed: "
            f"{error.strerror or error}. Put that right and do the same again; what is done "
            "already stays as it is."
        ) from error
