"""The plugin's client and the conformance vectors: what it says, what it reads, what it refuses."""

import json
import uuid
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec

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


# ---- hostile bytes ---------------------------------------------------------------------------


def test_spoilt_bytes_do_no_harm(probe: Path) -> None:
    """Every message of the vectors, changed at random, in every reader, under the sanitizers."""
    seeds = [f for f in map(frames, CASES) if sum(map(len, f["frames"])) < 4000]
    [survived] = ask(probe, "fuzz", [*seeds, {"inputs": INPUTS, "seed": 3}])
    assert all(count > INPUTS / 200 for count in survived.values())
