"""The parser and the conformance vectors agree. `tests/bridge` replays them to a daemon."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from plugin_protocol.framing import (
    CLIENT_TYPES,
    DAEMON_TYPES,
    BadMessageError,
    decode_reply,
    decode_request,
    encode,
)
from plugin_protocol.messages import FromClient, FromDaemon
from plugin_protocol.values import PROTOCOL_MAJOR, PROTOCOL_MINOR

FOLDER = Path(__file__).parents[1] / "vectors"
CASES = [
    {**case, "name": f"{file.parent.name} {case['name']}"}
    for file in sorted(FOLDER.glob("*/*.json"))
    for case in json.loads(file.read_text())
]
VALID = [case for case in CASES if case["valid"]]
WRONG = [case for case in CASES if not case["valid"]]


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])


def frame(written: Any) -> bytes:
    """Return the bytes of a frame as a vector writes it."""
    if isinstance(written, list):
        return b"".join(frame(part) for part in written)
    if isinstance(written, dict):
        return bytes.fromhex(written["hex"]) * written["times"]
    return bytes.fromhex(written)


def decode(case: dict[str, Any]) -> tuple[Any, Any]:
    read = decode_request if case["direction"] == "C" else decode_reply
    return read([frame(written) for written in case["frames"]])


def test_there_are_vectors_of_this_version() -> None:
    assert (FOLDER / f"{PROTOCOL_MAJOR}.{PROTOCOL_MINOR}").is_dir()
    assert len(CASES) >= 200


@pytest.mark.parametrize("case", VALID, ids=name_of)
def test_what_is_valid_says_what_it_should(case: dict[str, Any]) -> None:
    message, chunk = decode(case)
    either = FromClient if case["direction"] == "C" else FromDaemon
    # msgspec reads base64 into bytes by itself.
    assert message == msgspec.convert(case["message"], either)
    assert (None if chunk is None else len(chunk)) == case.get("chunk")
    assert (
        decode({**case, "frames": [bytes(f).hex() for f in encode(message, chunk)]})[0] == message
    )


@pytest.mark.parametrize("case", WRONG, ids=name_of)
def test_what_is_not_valid_is_refused_as_it_should(case: dict[str, Any]) -> None:
    with pytest.raises(BadMessageError) as refused:
        decode(case)
    assert (refused.value.code, refused.value.answers) == (case["code"], case["re"])


def test_every_message_has_a_vector() -> None:
    valid = {(c["direction"], c["message"]["t"]) for c in VALID}
    assert valid == {*(("C", tag) for tag in CLIENT_TYPES), *(("D", tag) for tag in DAEMON_TYPES)}


def test_binary_is_base64_of_whole_bytes() -> None:
    shas = [c["message"]["sha"] for c in VALID if "sha" in c["message"]]
    assert {len(b64decode(sha, validate=True)) for sha in shas} == {32}
