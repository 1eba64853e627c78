"""The conformance vectors, sent to a real daemon that has no jobs and no blobs."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq

FOLDER = Path(__file__).parents[1] / "vectors"
CASES = [
    {**case, "name": f"{file.parent.name} {case['name']}"}
    for file in sorted(FOLDER.glob("*/*.json"))
    for case in json.loads(file.read_text())
    if case["direction"] == "C"
]
# The daemon is gone after its last case.
CASES.sort(key=lambda case: case.get("message", {}).get("t") == "daemon.stop")
PREAMBLE = b"DITO\1\2\0\0"
PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def endpoint(silent_daemon: Any) -> str:
    return str(silent_daemon.find())


@pytest.fixture(scope="module")
def context() -> Iterator[zmq.Context[Any]]:
    with zmq.Context() as context:
        yield context


@pytest.fixture
def socket(endpoint: str, context: zmq.Context[Any]) -> Iterator[zmq.Socket[bytes]]:
    """A connection that has greeted and takes its leave: the daemon remembers only so many."""
    with context.socket(zmq.DEALER) as socket:
        socket.connect(endpoint)
        assert say(socket, t="hello", i=1, client="vectors")["t"] == "welcome"
        yield socket
        socket.send_multipart([PREAMBLE, msgpack.packb({"t": "bye"})])
        socket.setsockopt(zmq.LINGER, 1000)


def frame(written: Any) -> bytes:
    """Return the bytes of a frame as a vector writes it."""
    if isinstance(written, list):
        return b"".join(frame(part) for part in written)
    if isinstance(written, dict):
        return bytes.fromhex(written["hex"]) * written["times"]
    return bytes.fromhex(written)


def ask(socket: zmq.Socket[bytes], frames: list[bytes]) -> dict[str, Any]:
    """Send and return the answer; an event is nobody's answer."""
    while True:
        socket.send_multipart(frames)
        answer = next(reply for reply in replies(socket) if reply.get("re") or is_error(reply))
        wait = answer.get("failure", {}).get("retry_after_ms")
        if not wait:
            return answer
        time.sleep(wait / 1000)  # the daemon takes so many jobs a second and no more


def is_error(reply: dict[str, Any]) -> bool:
    return bool(reply["t"] == "error")


def replies(socket: zmq.Socket[bytes]) -> Iterator[dict[str, Any]]:
    while True:
        assert socket.poll(PATIENCE_MS), "no answer"
        yield msgpack.unpackb(socket.recv_multipart()[1])


def say(socket: zmq.Socket[bytes], **header: Any) -> dict[str, Any]:
    return ask(socket, [PREAMBLE, msgpack.packb(header)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_daemon_answers_as_it_should(case: dict[str, Any], socket: zmq.Socket[bytes]) -> None:
    frames = [frame(written) for written in case["frames"]]
    if case["valid"] and not case["message"].get("i"):
        # An answer to no number is an event's twin: only the next one tells that all is well.
        socket.send_multipart(frames)
        assert say(socket, t="ping", i=2)["t"] == "pong"
        return
    answer = ask(socket, frames)
    if case["valid"]:
        said = answer["failure"]["code"] if is_error(answer) else answer["t"]
        assert (said, answer["re"]) == (case["answer"], case["message"]["i"])
    else:
        assert (answer["failure"]["code"], answer.get("re", 0)) == (case["code"], case["re"])
    if answer["t"] == "job.state" and case["message"]["t"] == "job.submit":
        say(socket, t="job.cancel", i=9, job=case["message"]["job"])
