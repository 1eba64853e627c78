"""The plugin's client and the protocol's words: bytes both ways, names, whereabouts."""

import json
import random
import uuid
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest

from plugin_protocol.framing import decode_request
from plugin_protocol.messages import FromClient
from plugin_protocol.values import AudioRef, Loop, Music, Task

from .client_probe import ask

VECTORS = Path(__file__).parents[2] / "vectors" / "1.2"
CASES = [case for file in sorted(VECTORS.glob("*.json")) for case in json.loads(file.read_text())]
FROM_DAEMON = [case for case in CASES if case["direction"] == "D"]
FROM_CLIENT = [case for case in CASES if case["direction"] == "C" and case["valid"]]
PLAIN = {"ping", "bye", "blob.put", "blob.data", "blob.get", "job.attach", "job.cancel", "job.ack"}
INPUTS = 100_000


def frame(written: Any) -> bytes:
    """Return the bytes of a frame as a vector writes it."""
    if isinstance(written, list):
        return b"".join(frame(part) for part in written)
    if isinstance(written, dict):
        return bytes.fromhex(written["hex"]) * written["times"]
    return bytes.fromhex(written)


def frames(case: dict[str, Any]) -> dict[str, list[str]]:
    return {"frames": [frame(written).hex() for written in case["frames"]]}


# ---- what the daemon says --------------------------------------------------------------------


def test_the_daemons_messages_are_read_or_refused_as_the_vectors_state(probe: Path) -> None:
    readings = {"UNKNOWN_TYPE": "unknown_type", "UNSUPPORTED_VERSION": "unsupported_version"}
    for case, read in zip(FROM_DAEMON, ask(probe, "read", map(frames, FROM_DAEMON)), strict=True):
        if case["valid"]:
            assert read["reading"] == "fine", case["name"]
            assert read["type"] == case["message"]["t"]
            assert read["re"] == case["message"].get("re", 0)
            assert read["chunk"] == case.get("chunk", 0)
        else:
            assert read["reading"] == readings.get(case["code"], "bad"), case["name"]
    assert len(FROM_DAEMON) > 60


def test_what_is_not_well_formed_is_refused_whoever_sends_it(probe: Path) -> None:
    """The preamble, the sizes and MessagePack are the same in both directions."""
    cases = [
        case
        for case in json.loads((VECTORS / "malformed.json").read_text())
        if not case["valid"] and case["code"] in ("BAD_MESSAGE", "TOO_LARGE") and case["re"] == 0
    ]
    read = [line["reading"] for line in ask(probe, "read", map(frames, cases))]
    # Where a message is well formed, but none of the daemon's, it is from the future.
    ours = [case["name"] for case, reading in zip(cases, read, strict=True) if reading == "fine"]
    assert not ours
    assert read.count("bad") > 30


# ---- what the client says --------------------------------------------------------------------


def without_base64(message: dict[str, Any]) -> dict[str, Any]:
    """Return what the probe is told of a plain message."""
    told = {**message, "ask": message["t"], "keeps_best": message.get("mode") == "finish"}
    if "sha" in message:
        told["sha"] = b64decode(message["sha"]).hex()
    return {"credit": 16, **told} if message["t"] == "blob.get" else told


def wish(task: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the probe is told of a task, None where the plugin cannot ask for it."""
    told: dict[str, Any] = {}
    if [each["kind"] == "intensity" for each in task["objectives"]] not in ([False], [False, True]):
        return None
    for objective in task["objectives"]:
        match objective:
            case {"kind": "inpaint", "regions": regions}:
                told |= {"kind": "inpaint", "regions": [[r["start"], r["end"]] for r in regions]}
            case {"kind": "outpaint", "seconds": seconds, **rest} if "overlap" not in rest:
                told |= {"kind": f"outpaint_{rest.get('side', 'after')}", "seconds": seconds}
            case {"kind": "loop" | "vary" | "generate" as kind, **rest} if "overlap" not in rest:
                told |= {"kind": kind, **rest}
            case {"kind": "intensity", "points": points, **rest} if set(rest) <= {"match"}:
                told["intensity"] = points
                told["intensity_is_shape"] = rest.get("match") == "shape"
            case _:
                return None
    music = task.get("music", {})
    clip = task.get("clip", {})
    if (
        set(music) not in (set(), {"bpm", "beat_offset"})
        or task.keys() & {"balance", "start"}
        or told["kind"] == "outpaint_both"
        or (told["kind"] == "generate") == bool(clip)
        or clip.get("format", "f32le") != "f32le"
        or clip.get("frames", 1) > 2**20
    ):
        return None
    words = {k: task[k] for k in ("model", "prompt", "seed", "takes", "quality") if k in task}
    clip = {k: clip[k] for k in ("sample_rate", "channels", "frames") if k in clip}
    return told | words | music | {"clip": clip}


def test_what_the_client_can_say_it_says_as_the_vectors_do(probe: Path) -> None:
    plain = [case["message"] for case in FROM_CLIENT if case["message"]["t"] in PLAIN]
    # Answering and naming a blob's size in a chunk are the daemon's part.
    plain = [m for m in plain if "re" not in m and (m["t"] != "blob.data" or "size" not in m)]
    said = ask(probe, "ask", map(without_base64, plain))
    for message, written in zip(plain, said, strict=True):
        header = [bytes.fromhex(part) for part in written["frames"]]
        chunk = [b""] if message["t"] == "blob.data" else []
        decoded, _ = decode_request([*header, *chunk])
        assert decoded == msgspec.convert(message, FromClient)
    assert {message["t"] for message in plain} == PLAIN


def test_the_tasks_of_the_client_are_those_of_the_vectors(probe: Path) -> None:
    tasks = [
        (case["message"], told)
        for case in FROM_CLIENT
        if case["message"]["t"] == "job.submit"
        and (told := wish(case["message"]["task"])) is not None
    ]
    lines = []
    for message, told in tasks:
        clip = message["task"].get("clip")
        sha = b64decode(clip["sha"]).hex() if clip else ""
        lines.append({**told, "ask": "job.submit", "i": 5, "job": message["job"], "sha": sha})
    for (message, _), written in zip(tasks, ask(probe, "ask", lines), strict=True):
        decoded: Any = decode_request([bytes.fromhex(part) for part in written["frames"]])[0]
        assert decoded.task == msgspec.convert(message["task"], Task)
        assert (decoded.job, decoded.i) == (message["job"], 5)
        assert (decoded.priority, decoded.retention) == ("interactive", "7d")
    kinds = {told["kind"] for _, told in tasks}
    assert kinds == {"inpaint", "outpaint_after", "outpaint_before", "vary", "generate"}
    assert any("intensity" in told for _, told in tasks)


def test_a_loop_is_asked_for_with_all_that_the_plugin_knows(probe: Path) -> None:
    clip = {"sample_rate": 96000, "channels": 1, "frames": 7}
    words = {"model": "m", "prompt": "drums", "seed": 2**53 - 7, "takes": 8, "quality": "best"}
    line = {"ask": "job.submit", "i": 9, "job": str(uuid.uuid4()), "sha": "07" * 32, "kind": "loop"}
    tempo = {"bpm": 97.25, "beat_offset": -0.125}
    [written] = ask(probe, "ask", [{**line, **words, **tempo, "seconds": 4, "clip": clip}])
    decoded: Any = decode_request([bytes.fromhex(part) for part in written["frames"]])[0]
    audio = AudioRef(sha=b"\7" * 32, format="f32le", sample_rate=96000, channels=1, frames=7)
    loop = (Loop(seconds=4),)
    assert decoded.task == Task(objectives=loop, clip=audio, music=Music(**tempo), **words)


def test_hello_says_who_it_is_and_what_it_follows(probe: Path) -> None:
    resume = [str(uuid.UUID(int=i, version=4)) for i in range(256)]
    line = {"ask": "hello", "i": 1, "client": "probe/1", "resume": resume}
    [written] = ask(probe, "ask", [line])
    hello: Any = decode_request([bytes.fromhex(part) for part in written["frames"]])[0]
    assert (hello.client, list(hello.resume)) == ("probe/1", resume)
    assert (hello.min_minor, hello.max_minor) == (2, 2)


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


# ---- hostile bytes ---------------------------------------------------------------------------


def test_spoilt_bytes_do_no_harm(probe: Path) -> None:
    """Every message of the vectors, changed at random, in every reader, under the sanitizers."""
    seeds = [f for f in map(frames, CASES) if sum(map(len, f["frames"])) < 4000]
    [survived] = ask(probe, "fuzz", [*seeds, {"inputs": INPUTS, "seed": 3}])
    assert all(count > INPUTS / 200 for count in survived.values())
