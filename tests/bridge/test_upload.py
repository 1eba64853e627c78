"""Uploads: what is here stays here, and nothing else than what was announced is published."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

import pytest

from bridge.blobs import BlobStore
from bridge.upload import SYNC_BYTES, DigestMismatchError, Upload

AUDIO = b"half a bar of drums"  # 19 bytes
SHA = sha256(AUDIO).digest()
Begin = Callable[..., Upload]


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path)


@pytest.fixture
def begin(blobs: BlobStore) -> Iterator[Begin]:
    with ThreadPoolExecutor(1) as syncing:

        def upload(sha: bytes = SHA, size: int = 19) -> Upload:
            return Upload(blobs, sha, size, syncing=syncing)

        yield upload


def test_an_upload_appears_only_when_it_is_complete(blobs: BlobStore, begin: Begin) -> None:
    upload = begin()
    upload.append(AUDIO)
    assert blobs.size(SHA) is None
    upload.complete()
    assert blobs.read(SHA) == AUDIO
    assert not blobs.upload_file(SHA).exists()


def test_an_upload_in_many_parts_is_the_whole(blobs: BlobStore, begin: Begin) -> None:
    parts = [bytes([i]) * 2**18 for i in range(3 * SYNC_BYTES // 2**18)]
    sha = sha256(b"".join(parts)).digest()
    upload = begin(sha, 3 * SYNC_BYTES)
    for part in parts:
        upload.append(part)
    upload.complete()
    assert blobs.read(sha) == b"".join(parts)


def test_an_interrupted_upload_goes_on_where_it_stopped(begin: Begin) -> None:
    first = begin()
    first.append(AUDIO[:7])
    first.pause()
    second = begin()
    assert second.offset == 7
    second.append(AUDIO[7:])
    second.complete()


def test_an_upload_goes_on_where_the_disk_was_full(
    blobs: BlobStore, begin: Begin, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    upload = begin()
    with full_disk(7), pytest.raises(OSError, match="too large"):
        upload.append(AUDIO)
    assert upload.offset == 7
    upload.append(AUDIO[7:])
    upload.complete()
    assert blobs.read(SHA) == AUDIO


def test_other_bytes_than_announced_are_not_kept(blobs: BlobStore, begin: Begin) -> None:
    upload = begin()
    upload.append(AUDIO[::-1])
    with pytest.raises(DigestMismatchError):
        upload.complete()
    assert blobs.size(SHA) is None
    assert not blobs.upload_file(SHA).exists()


def test_an_upload_with_more_bytes_than_announced_begins_anew(begin: Begin) -> None:
    first = begin(SHA, 1000)
    first.append(bytes(500))
    first.pause()
    second = begin()
    assert second.offset == 0
    second.pause()
