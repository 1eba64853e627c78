"""The client without any library of ours, against the real daemon. The engine is a fake."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from select import select
from socket import AF_UNIX, MSG_WAITALL, socket
from typing import Any

import msgpack
import pytest

from plugin_protocol import thin_client
from plugin_protocol.client import new_job_id
from plugin_protocol.connection import default_file
from plugin_protocol.thin_client import (
    GREETING,
    MAGIC,
    PINGS,
    READY,
    RefusedError,
    ThinClient,
    endpoint,
)

PONG = b"\4PONGab"
EARLY_SECONDS = 0.1
FILE = Path(thin_client.__file__)
WHOLE_JOB = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in {"zmq", "msgspec", "numpy", "torch", "plugin_protocol"}:
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
from uuid import uuid4
from thin_client import ThinClient, endpoint

client = ThinClient(endpoint())
clip = {"sha": client.upload(bytes.fromhex("0000003f") * 1000), "format": "f32le",
        "sample_rate": 8000, "channels": 1, "frames": 1000}
task = {"objectives": [{"kind": "outpaint", "seconds": 3}], "clip": clip, "prompt": "5"}
job = str(uuid4())
for event in client.run(job, task):
    last = event
audio = last["result"]["takes"][0]["audio"]
music = client.download(audio["sha"])
client.ask("job.ack", job=job)
print(len(music) == 4 * audio["frames"] > 4000, music[:4000] == bytes.fromhex("0000003f") * 1000)
"""


@pytest.fixture
def thin(daemon: Any) -> Iterator[ThinClient]:
    with closing(ThinClient(daemon.find())) as client:
        yield client


def test_it_is_short() -> None:
    assert len(FILE.read_text().splitlines()) <= 150


def test_it_does_a_whole_job_where_our_libraries_are_missing(daemon: Any, tmp_path: Path) -> None:
    script = tmp_path / "host.py"
    script.write_text(WHOLE_JOB)
    environment = {**daemon.environment, "PYTHONPATH": str(FILE.parent)}
    said = subprocess.check_output(
        [sys.executable, str(script)], env=environment, text=True, timeout=200
    )
    assert said.split() == ["True", "True"]


def say_hello_and_fall_silent(listener: socket, heard: list[Any]) -> None:
    """Be a daemon of which nothing but the heartbeats of the transport is left."""
    stream, _ = listener.accept()
    stream.settimeout(20)
    with stream, stream.makefile("rwb") as wire:

        def hear(frames: int) -> None:
            for _ in range(frames):
                body = wire.read(int.from_bytes(wire.read(9)[1:]))
                heard.append(
                    body if body[:4] in (MAGIC[:4], PONG[:4]) else msgpack.unpackb(body)["t"]
                )

        stream.sendall(GREETING)
        stream.recv(len(GREETING + READY), MSG_WAITALL)
        if select([stream], [], [], EARLY_SECONDS)[0]:
            heard.append("a message before READY")  # libzmq would hang up, now and then
        stream.sendall(READY)
        hear(2)
        welcome = msgpack.packb({"t": "welcome", "re": 1})
        wire.write(b"\1\x08DITO\1\2\0\0" + bytes((0, len(welcome))) + welcome)
        wire.flush()
        hear(2)
        for answers in (*(3 for _ in range(PINGS)), 1):
            wire.write(b"\4\x09\4PING\0\x3cab")
            wire.flush()
            hear(answers)


def test_the_heartbeats_of_the_transport_are_no_sign_of_life() -> None:
    """Neither for the daemon, which forgets a client without messages, nor for the client."""
    heard: list[Any] = []
    with tempfile.TemporaryDirectory(prefix="ditto-") as folder, socket(AF_UNIX) as listener:
        listener.bind(f"{folder}/s")
        listener.listen()
        daemon = threading.Thread(target=say_hello_and_fall_silent, args=(listener, heard))
        daemon.start()
        with (
            closing(ThinClient(f"ipc://{folder}/s")) as client,
            pytest.raises(OSError, match="silent"),
        ):
            next(client.run(new_job_id(), {"objectives": []}))
        daemon.join(20)
    said = [word for word in heard if isinstance(word, str)]
    assert said == ["hello", "job.submit", *["ping"] * PINGS]
    assert heard.count(PONG) == PINGS + 1


def test_large_blobs_come_back_as_they_went(thin: ThinClient) -> None:
    for size in (1, 16 * 2**18, 33 * 2**18 + 5):
        data = size.to_bytes(4) + bytes(size - 1)
        assert thin.download(thin.upload(data)) == data
        assert thin.upload(data) == sha256(data).digest()


def test_refusals_say_what_the_daemon_said(thin: ThinClient) -> None:
    with pytest.raises(RefusedError) as refused:
        thin.download(bytes(32))
    assert refused.value.args[0]["code"] == "GONE"
    with pytest.raises(RefusedError) as refused:
        thin.ask("job.submit", job=new_job_id(), task={"objectives": []})
    assert refused.value.args[0]["code"] == "INVALID_SPEC"


def test_a_job_goes_on_with_the_next_client(daemon: Any) -> None:
    job, task = new_job_id(), {"objectives": [{"kind": "generate", "seconds": 1}], "prompt": "20"}
    with closing(ThinClient(daemon.find())) as first:
        assert next(iter(first.run(job, task)))["job"] == job
    with closing(ThinClient(daemon.find())) as second:
        last = list(second.run(job, task))[-1]
    assert (last["state"], last["attempt"]) == ("done", 1)


@pytest.mark.parametrize(
    "environment",
    [
        {"DITTO_CONNECTION": "HERE/elsewhere.json"},
        {"DITTO_HOME": "HERE/home"},
        {"HOME": "HERE", "XDG_STATE_HOME": "HERE/state"},
        {"HOME": "HERE"},
    ],
    ids=lambda environment: "+".join(environment),
)
def test_it_looks_where_the_other_client_looks(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DITTO_CONNECTION", "DITTO_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("HERE", str(tmp_path)))
    with pytest.raises(FileNotFoundError):
        endpoint()
    file = default_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"endpoint": "ipc:///here"}))
    file.chmod(0o600)
    assert endpoint() == "ipc:///here"
    file.chmod(0o622)
    with pytest.raises(PermissionError, match="writable by others"):
        endpoint()
