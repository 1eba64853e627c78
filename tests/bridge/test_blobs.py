"""Blobs: the name is the content."""

from hashlib import sha256
from pathlib import Path

import pytest

from bridge.blobs import BlobStore, DigestMismatchError

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


def test_an_upload_appears_only_when_it_is_complete(blobs: BlobStore, tmp_path: Path) -> None:
    upload = blobs.upload(SHA, len(AUDIO))
    upload.append(AUDIO)
    assert blobs.size(SHA) is None
    upload.complete()
    assert blobs.read(SHA) == AUDIO
    assert drafts(tmp_path) == []


def test_an_interrupted_upload_goes_on_where_it_stopped(blobs: BlobStore) -> None:
    first = blobs.upload(SHA, len(AUDIO))
    first.append(AUDIO[:7])
    first.pause()
    second = blobs.upload(SHA, len(AUDIO))
    assert second.offset == 7
    second.append(AUDIO[7:])
    second.complete()
    assert blobs.read(SHA) == AUDIO


def test_other_bytes_than_announced_are_not_kept(blobs: BlobStore, tmp_path: Path) -> None:
    upload = blobs.upload(SHA, len(AUDIO))
    upload.append(AUDIO[::-1])
    with pytest.raises(DigestMismatchError):
        upload.complete()
    assert blobs.size(SHA) is None
    assert drafts(tmp_path) == []


def test_an_upload_with_more_bytes_than_announced_begins_anew(blobs: BlobStore) -> None:
    first = blobs.upload(SHA, 1000)
    first.append(bytes(500))
    first.pause()
    second = blobs.upload(SHA, len(AUDIO))
    assert second.offset == 0
    second.pause()


def test_sweeping_removes_old_drafts_and_no_blobs(blobs: BlobStore, tmp_path: Path) -> None:
    blobs.write(AUDIO)
    blobs.upload(bytes(32), 9).pause()
    blobs.sweep(older_than=3600)
    assert len(drafts(tmp_path)) == 1
    blobs.sweep(older_than=-1)
    assert drafts(tmp_path) == []
    assert blobs.read(SHA) == AUDIO
