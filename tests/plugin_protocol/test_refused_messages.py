"""What is no message is refused before it becomes a value, and costs next to nothing."""

from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_protocol.framing import (
    BadMessageError,
    decode_request,
    encode,
    pack,
)
from plugin_protocol.messages import (
    BlobData,
)
from plugin_protocol.values import (
    CHUNK_BYTES,
    HEADER_BYTES,
)

PREAMBLE = b"DITO\1\0\0\0"
JOB = "01890a5d-ac96-774b-bcce-b302099a8057"
SHA = bytes(range(32))


def refused(frames: list[Any]) -> BadMessageError:
    with pytest.raises(BadMessageError) as error:
        decode_request(frames)
    return error.value


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [PREAMBLE],
        [PREAMBLE, b"", b"", b""],
        [b"DITO\1\0\0", b""],
        [b"DITX\1\0\0\0", b""],
        [b"DITO\1\0\1\0", b"\x81\xa1t\xa4ping"],
        [PREAMBLE, b"\x81\xa1t\xa4ping", b"chunk"],
        [b"DITO\1\0\1\0", b"\x81\xa1t\xa4ping", b"chunk"],
        [PREAMBLE, pack(BlobData(sha=SHA, offset=0))],
    ],
)
def test_frames_that_are_not_ours_are_refused(frames: list[bytes]) -> None:
    assert refused(frames).code == "BAD_MESSAGE"


def test_another_major_is_named() -> None:
    error = refused([b"DITO\2\1\0\0", b"\x81\xa1t\xa4ping"])
    assert error.code == "UNSUPPORTED_VERSION"
    assert "got 2.1" in str(error)


def test_frames_beyond_their_limits_are_refused() -> None:
    chunk = encode(BlobData(sha=SHA, offset=0), bytes(CHUNK_BYTES + 1))
    assert refused(chunk).code == "TOO_LARGE"
    assert refused([PREAMBLE, bytes(HEADER_BYTES + 1)]).code == "TOO_LARGE"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\xc1",
        b"\x91" * 60_000,
        b"\xdd\x7f\xff\xff\xff",
        b"\xdf\x7f\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xa2\xff\xff",
        b"\x81\x01\x02",
        b"\x81\xc4\x01t\xa4ping",
        b"\xd6\xff\0\0\0\0",
        b"\x82\xa1t\xa4ping\xa1x\xc7\x00\x05",
        b"\xdc\x10\x01" + b"\xc0" * 4097,
        b"\x90",
        b"\xa4ping",
        b"\x81\xa1t\xa4ping\x00",
    ],
    ids=[
        "empty", "reserved", "nested", "huge array", "huge map", "huge bin", "huge text",
        "not utf-8", "int key", "binary key", "timestamp", "extension", "long array",
        "an array", "a text", "bytes behind",
    ],
)  # fmt: skip
def test_bombs_and_garbage_are_refused(header: bytes) -> None:
    assert refused([PREAMBLE, header]).code in ("BAD_MESSAGE", "UNKNOWN_TYPE")


def test_an_unknown_type_is_named_and_answered() -> None:
    error = refused([PREAMBLE, msgpack.packb({"t": "job.sing", "i": 9})])
    assert (error.code, error.answers) == ("UNKNOWN_TYPE", 9)
    assert "'job.sing'" in str(error)


@pytest.mark.parametrize(
    "fields",
    [
        {"t": "ping", "i": -1},
        {"t": "ping", "i": 2**63},
        {"t": "ping", "volume": 11},
        {"t": "blob.put", "sha": "A" * 32, "size": 1},
        {"t": "blob.put", "sha": b"short", "size": 1},
        {"t": "blob.put", "sha": SHA, "size": 0},
        {"t": "blob.put", "sha": SHA, "size": True},
        {"t": "job.attach", "job": "../../../../etc/passwd"},
        {"t": "job.attach", "job": JOB.upper()},
        {"t": "job.attach", "job": JOB + "\n"},
        {"t": "model.load", "model": "embedded\n"},
    ],
)
def test_values_out_of_bounds_are_refused(fields: dict[str, Any]) -> None:
    assert refused([PREAMBLE, msgpack.packb(fields)]).code == "BAD_MESSAGE"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 601, "3", None])
def test_a_task_out_of_bounds_is_an_invalid_spec(seconds: Any) -> None:
    task = {"objectives": [{"kind": "generate", "seconds": seconds}]}
    fields = {"t": "job.submit", "i": 5, "job": JOB, "task": task}
    error = refused([PREAMBLE, msgpack.packb(fields)])
    assert (error.code, error.answers) == ("INVALID_SPEC", 5)


def test_a_misspelt_control_is_refused() -> None:
    task = {"objectives": [{"kind": "generate", "seconds": 3, "second": 4}]}
    fields = {"t": "job.submit", "i": 5, "job": JOB, "task": task}
    assert "second" in str(refused([PREAMBLE, msgpack.packb(fields)]))


@given(st.binary(max_size=300))
def test_any_bytes_become_a_message_or_are_refused(header: bytes) -> None:
    with suppress(BadMessageError):
        decode_request([PREAMBLE, header])
