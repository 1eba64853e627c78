"""The plugin's client where the daemon is late, dies, is cut off, or is somebody else."""

import random
import shutil
import signal
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_daemon import QUICK_WORKER, FakeDaemon

from plugin_protocol.client import new_job_id
from plugin_protocol.thin_client import GREETING

from .client_probe import Probe
from .mad_daemon import mad
from .noise_worker import noise
from .strangers import (
    READY,
    WELCOME,
    Cutter,
    Manner,
    Stranger,
    floods,
    message,
    point_at,
    says,
    talks,
)

REGION = {"kind": "inpaint", "regions": [[0.01, 0.02]]}
CHUNK = 256 * 1024
MAD_DAEMONS = 20


@pytest.fixture
def mortal_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the test's own, not yet started."""
    fake = FakeDaemon(QUICK_WORKER)
    yield fake
    fake.remove()


def recurrence(steps: int, seed: int) -> str:
    """Return the SHA-256 of what the quick worker makes, in single precision."""
    x = seed
    for i in range(steps):
        x = (x * 6364136223846793005 + i) % 2**64
    with np.errstate(over="ignore"):
        made = np.frombuffer(struct.pack("<Q", x) * 1000, "<f8").astype("<f4")
    return sha256(made.tobytes()).hexdigest()


# ---- a daemon that comes and goes ------------------------------------------------------------


def test_a_daemon_that_starts_late_gets_what_was_asked_before(
    probe: Path, mortal_daemon: FakeDaemon, clip: dict[str, Any]
) -> None:
    job, other = new_job_id(), new_job_id()
    with Probe(probe, mortal_daemon.environment) as client:
        for each in (job, other):
            client.tell("submit", job=each, clip=clip, prompt="3", seed=4, **REGION)
        assert "ditto serve" in client.reports(other, "waiting")["message"]
        client.tell("cancel", job=other)
        client.reports(other, "cancelled")
        mortal_daemon.start()
        assert client.finished(job)["takes"][0]["sha"] == recurrence(3, 4)
    connections = [line["connection"] for line in client.heard if "connection" in line]
    assert connections[0] == "absent"
    assert connections[-1] == "connected"


def test_a_daemon_that_is_killed_at_any_moment_costs_nothing(
    probe: Path, mortal_daemon: FakeDaemon, clip: dict[str, Any]
) -> None:
    job, chance, seed = new_job_id(), random.Random(), 5
    mortal_daemon.start()
    with Probe(probe, mortal_daemon.environment) as client:
        client.tell("submit", job=job, clip=clip, prompt="300", seed=seed, **REGION)
        client.until(lambda line: line.get("state") == "uploading" and line["fraction"] > 0.2)
        for least in (1, 90, 200):
            mortal_daemon.kill()
            client.reports(job, "waiting")
            mortal_daemon.start()
            step = least + chance.randrange(50)
            client.until(lambda line, step=step: line.get("step", 0) >= step)
        mortal_daemon.kill()
        mortal_daemon.start()
        assert client.finished(job)["takes"][0]["sha"] == recurrence(300, seed)


def test_a_daemon_that_was_stopped_is_said_to_be_stopped(
    probe: Path, mortal_daemon: FakeDaemon
) -> None:
    job = new_job_id()
    mortal_daemon.start()
    with Probe(probe, mortal_daemon.environment) as client:
        client.tell("submit", job=job, kind="generate", seconds=1, prompt="100", seed=1)
        client.reports(job, "running")
        mortal_daemon.signal(signal.SIGTERM)
        assert "was stopped" in client.reports(job, "waiting")["message"]
        mortal_daemon.start()
        assert client.finished(job)["takes"][0]["sha"] == recurrence(100, 1)


def test_a_job_that_was_lost_with_the_daemons_store_is_submitted_again(
    probe: Path, mortal_daemon: FakeDaemon, clip: dict[str, Any]
) -> None:
    job = new_job_id()
    mortal_daemon.start()
    with Probe(probe, mortal_daemon.environment) as client:
        client.tell("submit", job=job, clip=clip, prompt="100", seed=2, **REGION)
        client.reports(job, "running")
        mortal_daemon.kill()
        shutil.rmtree(mortal_daemon.home)
        mortal_daemon.home.mkdir(mode=0o700)
        mortal_daemon.start()
        client.reports(job, "uploading")
        assert client.finished(job)["takes"][0]["sha"] == recurrence(100, 2)


# ---- a connection that is cut ----------------------------------------------------------------


def test_a_connection_that_is_cut_anywhere_is_taken_up_where_it_was(
    probe: Path, noise_daemon: FakeDaemon, clip: dict[str, Any], tmp_path: Path
) -> None:
    """In the upload of 3 MiB, then in the download of 9; each goes on at its offset."""
    job, file = new_job_id(), tmp_path / "daemon.json"
    cuts = [5 * CHUNK + 1234, 3 * CHUNK - 7, 11 * CHUNK, 20 * CHUNK + 3]
    with Cutter(noise_daemon.find(), cuts) as cutter:
        point_at(file, cutter.path)
        with Probe(probe, {"DITTO_CONNECTION": str(file)}) as client:
            client.tell("submit", job=job, clip=clip, seed=3, takes=2, **REGION)
            music = client.finished(job)
    hashes = [take["sha"] for take in music["takes"]]
    assert hashes == [sha256(noise(seed).tobytes()).hexdigest() for seed in (3, 4)]
    assert cutter.connections == len(cuts) + 1
    # A cut costs what was on its way, at most a window, and not what had arrived.
    assert cutter.passed["up"] < Path(clip["file"]).stat().st_size * 2
    assert cutter.passed["down"] < 2 * noise(0).nbytes + 3 * 16 * CHUNK


def test_bytes_may_come_in_any_pieces(
    probe: Path, quick_daemon: FakeDaemon, tmp_path: Path
) -> None:
    job, file = new_job_id(), tmp_path / "daemon.json"
    with Cutter(quick_daemon.find(), [], largest_piece=7) as cutter:
        point_at(file, cutter.path)
        with Probe(probe, {"DITTO_CONNECTION": str(file)}) as client:
            clip = {"sample_rate": 8000, "channels": 2, "frames": 1000}
            client.tell("submit", job=job, clip=clip, prompt="5", seed=6, **REGION)
            assert client.finished(job)["takes"][0]["sha"] == recurrence(5, 6)


# ---- somebody else ---------------------------------------------------------------------------


def greeted(*messages: bytes) -> Manner:
    return says(GREETING + READY, *messages)


def refusing_hello(code: str) -> bytes:
    failure = {"code": code, "message": "Another minor. Update the plugin."}
    return message({"t": "error", "re": 1, "failure": failure})


STRANGERS = {
    "noise": says(random.Random(0).randbytes(10_000)),
    "a web server": says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "ZMTP 2": says(GREETING[:10] + b"\1" + GREETING[11:]),
    "CURVE": says(GREETING[:12] + b"CURVE" + GREETING[17:]),
    "a DEALER": says(GREETING + READY.replace(b"ROUTER", b"DEALER")),
    "READY that is cut off": says(GREETING + b"\4\x11\5READY\x0bSocket-Typ"),
    "READY of lying lengths": says(GREETING + b"\4\x16\5READY\x0bSocket-Type\xff\xff\xff\xff"),
    "ERROR": says(GREETING + b"\4\x0a\5ERROR\3no!"),
    "a message before READY": says(GREETING + message(WELCOME)),
    "a frame of 8 EiB": greeted(b"\3" + b"\x7f" + b"\xff" * 7),
    "a message without end": greeted(b"\1\0" * 1000),
    "another major": greeted(message(WELCOME, major=2)),
    "a header of lists": greeted(message(b"\x91" * 60_000)),
    "a header that is no map": greeted(message(b"\x01")),
    "no epoch": greeted(message({"t": "welcome", "re": 1})),
    "a refusal": greeted(refusing_hello("UNSUPPORTED_VERSION")),
    "a welcome, then noise": greeted(message(WELCOME) + random.Random(1).randbytes(100_000)),
    "a result of nine takes": greeted(
        message(WELCOME),
        message({"t": "job.state", "job": "j", "state": "done", "result": {"takes": [1] * 9}}),
    ),
    "an answer that forgets us": greeted(message(WELCOME), refusing_hello("NOT_INITIALIZED")),
}
"""In each of these manners the client must see at once that this is no daemon, and hang up."""


def test_strangers_are_hung_up_on_and_forgotten(
    probe: Path, quick_daemon: FakeDaemon, tmp_path: Path
) -> None:
    file = tmp_path / "daemon.json"
    with Stranger(*STRANGERS.values()) as stranger:
        point_at(file, stranger.path)
        with Probe(probe, {"DITTO_CONNECTION": str(file)}) as client:
            for name in STRANGERS:
                # Something new to do is worth a look, so that the test need not wait.
                client.tell("attach", job=new_job_id())
                assert stranger.met.get(timeout=20) < 1, name
            point_at(file, quick_daemon.find())
            job = new_job_id()
            client.tell("submit", job=job, kind="generate", seconds=1, prompt="3", seed=8)
            assert client.finished(job)["takes"][0]["sha"] == recurrence(3, 8)
            assert client.resident_mib < 600  # the sanitizer's own included
    sentences = {line["sentence"] for line in client.heard if "connection" in line}
    assert any("does not speak DITTO's protocol" in sentence for sentence in sentences)
    assert "Another minor. Update the plugin." in sentences


def test_a_daemon_out_of_its_mind_does_no_harm(
    probe: Path, quick_daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Well formed nonsense, to many jobs; those that outlive it are done by the next daemon."""
    file = tmp_path / "daemon.json"
    jobs = [new_job_id() for _ in range(MAD_DAEMONS)]
    clip = {"sample_rate": 8000, "channels": 1, "frames": 150_000}
    shas = [sha256(bytes(4 * 150_000)).digest(), bytes(32)]
    with Stranger(*(mad(seed, job, shas) for seed, job in enumerate(jobs))) as stranger:
        point_at(file, stranger.path)
        with Probe(probe, {"DITTO_CONNECTION": str(file)}) as client:
            for job in jobs:
                client.tell("submit", job=job, clip=clip, prompt="2", **REGION)
                client.until(lambda line: line.get("connection") == "absent")
            assert client.resident_mib < 900
            point_at(file, quick_daemon.find())
            for job in jobs:
                client.last(job)
    ends = {line["state"] for line in client.heard if line.get("job") in jobs}
    assert {"done", "failed", "fetching"} <= ends


def test_who_sends_for_ever_and_never_reads_does_not_fill_the_memory(
    probe: Path, tmp_path: Path
) -> None:
    file = tmp_path / "daemon.json"
    ping = b"\4\x17\4PING\0\0" + b"c" * 16
    with Stranger(floods(ping), floods(message({"t": "from the future"}))) as stranger:
        point_at(file, stranger.path)
        with Probe(probe, {"DITTO_CONNECTION": str(file)}) as client:
            for _ in range(2):
                client.tell("attach", job=new_job_id())
                stranger.met.get(timeout=30)
            assert client.resident_mib < 600


def test_who_is_silent_is_left_and_nobody_is_left_in_silence(probe: Path, tmp_path: Path) -> None:
    """Who never greets after three seconds, a daemon after three pings, one that talks not at all.

    The daemon forgets a client that says nothing for 15 s, also one that has nothing to ask.
    """
    heard = bytearray()
    manners = says(), greeted(message(WELCOME)), talks(heard, 7)
    files = [tmp_path / f"{i}.json" for i in range(3)]
    with ExitStack() as stack:
        strangers = [stack.enter_context(Stranger(manner)) for manner in manners]
        for file, stranger in zip(files, strangers, strict=True):
            point_at(file, stranger.path)
            stack.enter_context(Probe(probe, {"DITTO_CONNECTION": str(file)}))
        silent, dead, talking = (stranger.met.get(timeout=15) for stranger in strangers)
    assert 2.5 < silent < 6
    assert 7 < dead < 11
    assert talking >= 7
    assert heard.count(b"ping") == 1
