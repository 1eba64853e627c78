"""Two clients and one blob."""

from hashlib import sha256
from typing import Any

import pytest

from bridge.quotas import Limits
from bridge.transfers import IDLE_UPLOADS, UPLOADS
from plugin_protocol.client import RequestRefusedError
from plugin_protocol.link import Link
from plugin_protocol.messages import BlobData, BlobDrop, BlobPut, BlobReady, Error, Ok
from plugin_protocol.transfer import send_blob
from plugin_protocol.values import CHUNK_BYTES


def offer(link: Link, sha: bytes, size: int) -> BlobReady:
    link.send(BlobPut(sha=sha, size=size))
    ready, _ = link.receive()
    assert isinstance(ready, BlobReady)
    return ready


def test_two_clients_may_send_the_same_blob_at_once(daemon: Any) -> None:
    halves = [b"1" * CHUNK_BYTES, b"2" * CHUNK_BYTES]
    sha = sha256(b"".join(halves)).digest()
    with Link(daemon.find(), name="a") as a, Link(daemon.find(), name="b") as b:
        for link in (a, b):
            offer(link, sha, 2 * CHUNK_BYTES)
        for i, half in enumerate(halves):
            for link in (a, b):
                link.send(BlobData(sha=sha, offset=i * CHUNK_BYTES), half)
        assert {bool(answer.done) for answer in (a.receive()[0], b.receive()[0])} == {True}
        assert offer(a, sha, 2 * CHUNK_BYTES).have


def test_a_chunk_ahead_of_the_others_is_refused(daemon: Any) -> None:
    with Link(daemon.find(), name="test") as link:
        offer(link, bytes(32), 2 * CHUNK_BYTES)
        link.send(BlobData(sha=bytes(32), offset=CHUNK_BYTES), b"x")
        error, _ = link.receive()
    assert isinstance(error, Error)
    assert error.failure.code == "BAD_OFFSET"


def test_a_blob_that_is_not_what_it_says_is_refused(daemon: Any) -> None:
    with Link(daemon.find(), name="test") as link:
        nothing = lambda _: None  # noqa: E731
        with pytest.raises(RequestRefusedError) as refused:
            send_blob(link, memoryview(b"x" * 9), b"\3" * 32, aside=nothing, on_bytes=nothing)
    assert refused.value.code == "DIGEST_MISMATCH"


def test_what_was_spoiled_by_one_client_is_repaired_by_the_next(daemon: Any) -> None:
    data = b"3" * (2 * CHUNK_BYTES)
    sha = sha256(data).digest()
    with Link(daemon.find(), name="spoiler") as link:
        offer(link, sha, len(data))
        link.send(BlobData(sha=sha, offset=0), b"?" * CHUNK_BYTES)
        assert offer(link, sha, len(data)).offset == CHUNK_BYTES
    with daemon.client() as client:
        assert client.download(client.upload(data)) == data


def test_many_uploads_that_are_begun_and_left_keep_nobody_out(daemon: Any) -> None:
    """Nor do they fill the disk."""
    each = Limits().uploads_per_connection
    for first in range(0, UPLOADS + IDLE_UPLOADS + 2 * each, each):
        with Link(daemon.find(), name="greedy") as link:
            for i in range(each):
                offer(link, bytes([4, first + i]) * 16, 9)
    with daemon.client() as client:
        data = b"5" * CHUNK_BYTES
        assert client.download(client.upload(data)) == data
    left = [*daemon.paths.blobs.glob("upload-*")]
    assert UPLOADS < len(left) <= UPLOADS + IDLE_UPLOADS


def test_one_connection_may_not_begin_any_number_of_uploads(daemon: Any) -> None:
    limit = Limits().uploads_per_connection
    with Link(daemon.find(), name="greedy") as link:
        for i in range(limit):
            offer(link, bytes([6, i]) * 16, 9)
        link.send(BlobPut(sha=bytes([6, limit]) * 16, size=9))
        error, _ = link.receive()
        assert isinstance(error, Error)
        assert (error.failure.code, error.failure.limit) == (
            "TOO_MANY_INFLIGHT",
            "uploads_per_connection",
        )
        link.send(BlobDrop(sha=bytes([6, 0]) * 16))
        link.receive()
        assert not offer(link, bytes([6, limit]) * 16, 9).have


def test_an_upload_that_is_given_up_leaves_nothing(daemon: Any) -> None:
    data = b"3" * (CHUNK_BYTES + 1)
    sha = sha256(data).digest()
    with Link(daemon.find(), name="test") as link:
        offer(link, sha, len(data))
        link.send(BlobData(sha=sha, offset=0), data[:CHUNK_BYTES])
        for changed in (True, False):
            link.send(BlobDrop(sha=sha))
            answer, _ = link.receive()
            assert isinstance(answer, Ok)
            assert answer.changed is changed
        assert offer(link, sha, len(data)).offset == 0
