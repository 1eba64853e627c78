"""Blobs: the name is the content."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

import pytest

from bridge.blobs import BlobStore

FullDisk = Callable[[int], AbstractContextManager[None]]
AUDIO = b"half a bar of drums"
SHA = sha256(AUDIO).digest()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path)


def drafts(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]


def test_what_is_written_is_read_by_its_digest(blobs: BlobStore) -> None:
    assert blobs.write(AUDIO) == SHA
    assert (blobs.read(SHA), blobs.size(SHA)) == (AUDIO, len(AUDIO))


def test_what_is_absent_has_no_size(blobs: BlobStore) -> None:
    assert blobs.size(SHA) is None


def test_the_same_bytes_are_stored_once(blobs: BlobStore, tmp_path: Path) -> None:
    assert blobs.write(AUDIO) == blobs.write(AUDIO)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_sweeping_removes_old_drafts_and_no_blobs(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.write(AUDIO)
    blobs.upload_file(SHA).touch()
    blobs.sweep(older_than=3600)
    assert len(drafts(tmp_path)) == 1
    blobs.sweep(older_than=-1)
    assert drafts(tmp_path) == []
    assert blobs.read(SHA) == AUDIO


@pytest.mark.parametrize(
    ("number", "size", "left"),
    [(9, 100, "abcd"), (2, 100, "acd"), (9, 25, "acd"), (9, 19, "ad"), (0, 100, "a"), (9, 0, "a")],
)
def test_of_the_uploads_nobody_goes_on_with_the_newest_are_kept(
    blobs: BlobStore, tmp_path: Path, number: int, size: int, left: str
) -> None:
    """Ten bytes each; the oldest one is busy."""
    blobs.write(AUDIO)
    shas = {name: sha256(name.encode()).digest() for name in "abcd"}
    for time, sha in enumerate(shas.values()):
        blobs.upload_file(sha).write_bytes(bytes(10))
        os.utime(blobs.upload_file(sha), (time, time))
    blobs.shed_uploads(busy=[shas["a"]], number=number, size=size)
    assert "".join(name for name, sha in shas.items() if blobs.upload_file(sha).exists()) == left
    assert blobs.read(SHA) == AUDIO


def test_clearing_leaves_nothing(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.write(AUDIO)
    (tmp_path / "draft-1").touch()
    blobs.clear()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_the_disk_does_not_take_is_not_left_half_written(
    blobs: BlobStore, tmp_path: Path, full_disk: FullDisk
) -> None:
    with full_disk(7), pytest.raises(OSError, match="too large"):
        blobs.write(AUDIO)
    assert drafts(tmp_path) == []
