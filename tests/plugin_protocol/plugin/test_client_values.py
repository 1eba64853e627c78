"""What the plugin's client makes of bytes, files and time: values, names, whereabouts."""

import json
import random
import uuid
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgpack
import pytest

from .client_probe import ask

# ---- MessagePack -----------------------------------------------------------------------------


def any_value(chance: random.Random, depth: int = 0) -> Any:
    edge = 2 ** chance.choice([5, 7, 8, 15, 16, 31, 32, 63]) + chance.choice([-1, 0, 1])
    kinds = [
        lambda: None,
        lambda: chance.random() < 0.5,
        lambda: min(edge, 2**63 - 1),
        lambda: -min(edge, 2**63),
        lambda: chance.uniform(-1, 1) * 10.0 ** chance.randint(-300, 300),
        lambda: "aé語🎵"[chance.randrange(4)] * chance.choice([0, 1, 31, 32, 255, 300]),
        lambda: {"hex": chance.randbytes(chance.choice([0, 1, 255, 256, 70])).hex()},
        lambda: [any_value(chance, depth + 1) for _ in range(chance.choice([0, 1, 15, 16]))],
        lambda: {f"k{i}": any_value(chance, depth + 1) for i in range(chance.choice([0, 3, 16]))},
    ]
    return chance.choice(kinds[:7] if depth > 2 else kinds)()


def packed(value: Any) -> bytes:
    """Return the value as the other implementation writes it, {"hex": ...} as binary."""

    def binary(value: Any) -> Any:
        if isinstance(value, dict):
            is_binary = value.keys() == {"hex"}
            return (
                bytes.fromhex(value["hex"]) if is_binary else {k: binary(value[k]) for k in value}
            )
        return [binary(item) for item in value] if isinstance(value, list) else value

    return bytes(msgpack.packb(binary(value)))


def test_messagepack_is_read_as_another_implementation_writes_it(probe: Path) -> None:
    chance = random.Random(1)
    values = [any_value(chance) for _ in range(500)]
    lines = [{"msgpack": packed(value).hex()} for value in values]
    assert ask(probe, "values", lines) == [{"value": value} for value in values]


def test_messagepack_that_is_cut_off_anywhere_is_refused(probe: Path) -> None:
    whole = packed({"a": [1, 2.5, "語", {"hex": "00" * 40}, 70000, -3], "b": {"c": None}})
    lines = [{"msgpack": whole[:size].hex()} for size in range(len(whole))]
    assert ask(probe, "values", lines) == [{}] * len(whole)


@pytest.mark.parametrize(
    ("what", "fits"),
    [
        (b"\xdc\x10\x00" + b"\x01" * 4096, True),
        (b"\xdc\x10\x01" + b"\x01" * 4097, False),
        (b"\xdd\xff\xff\xff\xff", False),
        (b"\xde\x01\x00" + b"\xa1a\x01" * 256, True),
        (b"\xde\x01\x01" + b"\xa1a\x01" * 257, False),
        (b"\xdb\xff\xff\xff\xff", False),
        (b"\x91" * 32 + b"\x01", True),
        (b"\x91" * 33 + b"\x01", False),
        (b"\x91" * 60000, False),
        (b"\x81\x01\x01", False),
        (b"\xd4\x01\x00", False),
        (b"\xc1", False),
        (b"\xa1\xff", False),
        (b"\xa2\xc0\x80", False),
        (b"\xa3\xed\xa0\x80", False),
        (b"\xa4\xf4\x90\x80\x80", False),
        (b"\x01\x01", False),
    ],
    ids=lambda what: what[:5].hex() if isinstance(what, bytes) else "",
)
def test_messagepack_has_limits(probe: Path, what: bytes, fits: bool) -> None:
    [answer] = ask(probe, "values", [{"msgpack": what.hex()}])
    assert ("value" in answer) is fits


# ---- names and places ------------------------------------------------------------------------


def test_blobs_are_named_by_sha256(probe: Path) -> None:
    chance = random.Random(2)
    blobs = [chance.randbytes(size) for size in [*range(200), 4095, 4096, 100_001]]
    lines = []
    for blob in blobs:
        cuts = sorted(chance.randrange(len(blob) + 1) for _ in range(chance.randrange(5)))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, len(blob)], strict=True)]
        lines.append({"bytes": blob.hex(), "parts": parts})
    names = [answer["sha"] for answer in ask(probe, "sha256", lines)]
    assert names == [sha256(blob).hexdigest() for blob in blobs]


def test_jobs_are_named_by_time_and_chance(probe: Path) -> None:
    ids: list[Any] = ask(probe, "ids", [{"ids": 1000}])
    assert len(set(ids)) == 1000
    assert [each[:13] for each in ids] == sorted(each[:13] for each in ids)
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in ids} == {
        (7, uuid.RFC_4122)
    }
    assert all(str(uuid.UUID(each)) == each for each in ids)


@pytest.mark.parametrize("name", ["DITTO_CONNECTION", "DITTO_HOME", "XDG_STATE_HOME", "HOME"])
def test_the_daemon_is_looked_for_where_the_document_says(
    probe: Path, tmp_path: Path, name: str
) -> None:
    places = {
        "DITTO_CONNECTION": "here.json",
        "DITTO_HOME": "state/daemon.json",
        "XDG_STATE_HOME": "ditto/daemon.json",
        "HOME": ".local/state/ditto/daemon.json",
    }
    file = tmp_path / places[name]
    told = {name: str(file if name == "DITTO_CONNECTION" else tmp_path)}
    if name != "HOME":
        told["HOME"] = str(tmp_path / "elsewhere")
    [nowhere] = ask(probe, "find", [told])
    assert (nowhere["socket"], nowhere["has_file"]) == ("", False)
    assert "ditto serve" in nowhere["sentence"]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"pid": 1, "keys": None, "endpoint": "ipc:///run/dít\u2028to\n/s"}))
    file.chmod(0o600)
    assert ask(probe, "find", [told])[0]["socket"] == "/run/dít\u2028to\n/s"
    file.chmod(0o622)
    [refused] = ask(probe, "find", [told])
    assert refused["socket"] == ""
    assert "writable by others" in refused["sentence"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"endpoint": "tcp://10.0.0.1:8471"}', "on a network"),
        ('{"endpoint": "ipc://relative"}', "damaged"),
        ('{"endpoint": 4}', "damaged"),
        ('{"endpoint": "ipc:///a"', "damaged"),
        ('{"endpoint": "ipc:///a"} {}', "damaged"),
        ("[" * 9000, "damaged"),
        ('{"a": "' + "a" * 20000 + '", "endpoint": "ipc:///a"}', "damaged"),
        ("", "damaged"),
    ],
    ids=range(8),
)
def test_a_connection_file_that_does_not_help_is_explained(
    probe: Path, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "daemon.json"
    file.write_text(text)
    file.chmod(0o600)
    [answer] = ask(probe, "find", [{"DITTO_CONNECTION": str(file)}])
    assert answer["socket"] == ""
    assert says in answer["sentence"]
