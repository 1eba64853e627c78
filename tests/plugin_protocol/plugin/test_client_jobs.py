"""The plugin's client and the real daemon: whole jobs. The engine is a fake."""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from real_daemon import FakeDaemon

from plugin_protocol.client import new_job_id
from plugin_protocol.thin_client import ThinClient

from .client_probe import Probe, ask, build_probe
from .noise_worker import CHANNELS, CLIP_START, FRAMES, RATE, noise

REGION = {"kind": "inpaint", "regions": [[0.01, 0.02]]}


@pytest.fixture
def client(probe: Path, quick_daemon: FakeDaemon) -> Iterator[Probe]:
    with Probe(probe, quick_daemon.environment) as client:
        yield client


def test_music_arrives_as_it_was_made(
    probe: Path, noise_daemon: FakeDaemon, clip: dict[str, Any]
) -> None:
    job = new_job_id()
    with Probe(probe, noise_daemon.environment) as client:
        client.tell("submit", job=job, clip=clip, prompt="5", seed=7, takes=3, **REGION)
        music = client.finished(job)
        client.reports(job, "done")
        states = [line["state"] for line in client.heard if line.get("job") == job]
    in_order = [state for i, state in enumerate(states) if state not in states[:i]]
    assert in_order[-4:] == ["uploading", "running", "fetching", "done"] or "queued" in in_order
    for take, seed in zip(music["takes"], [7, 8, 9], strict=True):
        assert take["sha"] == sha256(noise(seed).tobytes()).hexdigest()
        assert (take["seed"], take["channels"]) == (seed, CHANNELS)
        assert (take["sample_rate"], take["frames"]) == (RATE, FRAMES)
    assert music["new"] == [[0, CLIP_START], [FRAMES - 5, FRAMES]]
    assert music["clip_start"] == CLIP_START
    heard = np.fromfile(clip["file"], "<f4")
    with closing(ThinClient(noise_daemon.find())) as other:
        details = other.ask("job.get", job=job)
        arrived = np.frombuffer(other.download(details["task"]["clip"]["sha"]), "<f4")
    np.testing.assert_array_equal(arrived, heard)
    assert details["task"]["clip"]["frames"] == len(heard) / 2
    assert details["acked"]
    assert (details["client"], details["priority"]) == ("probe/1", "interactive")


def test_double_precision_is_rounded(client: Probe, quick_daemon: FakeDaemon) -> None:
    job = new_job_id()
    client.tell("submit", job=job, kind="generate", seconds=1, prompt="3", seed=5)
    [take] = client.finished(job)["takes"]
    with closing(ThinClient(quick_daemon.find())) as other:
        audio = other.ask("job.attach", job=job)["result"]["takes"][0]["audio"]
        made = np.frombuffer(other.download(audio["sha"]), "<f8")
    with np.errstate(over="ignore"):
        assert take["sha"] == sha256(made.astype("<f4").tobytes()).hexdigest()


def test_many_jobs_at_once_each_get_their_music(client: Probe, clip: dict[str, Any]) -> None:
    jobs = [new_job_id() for _ in range(6)]
    for seed, job in enumerate(jobs):
        client.tell("submit", job=job, clip=clip, prompt="3", seed=seed, **REGION)
    seeds = {client.finished(job)["takes"][0]["seed"] for job in sorted(jobs)}
    assert seeds == set(range(6))


def test_a_job_is_cancelled(client: Probe, quick_daemon: FakeDaemon, clip: dict[str, Any]) -> None:
    job = new_job_id()
    client.tell("submit", job=job, clip=clip, prompt="3000", **REGION)
    client.reports(job, "running")
    client.tell("cancel", job=job)
    client.reports(job, "cancelled")
    with closing(ThinClient(quick_daemon.find())) as other:
        assert other.ask("job.attach", job=job)["state"] == "cancelled"


def test_a_job_is_finished_early_with_the_best_so_far(
    client: Probe, quick_daemon: FakeDaemon, clip: dict[str, Any]
) -> None:
    job = new_job_id()
    client.tell("submit", job=job, clip=clip, prompt="3000", **REGION)
    client.reports(job, "running")
    client.tell("finish", job=job)
    assert len(client.finished(job)["takes"]) == 1


def test_what_the_daemon_refuses_is_said_in_its_words(client: Probe, clip: dict[str, Any]) -> None:
    job = new_job_id()
    client.tell("submit", job=job, clip=clip, takes=9, **REGION)
    failed = client.reports(job, "failed")
    assert failed["code"] == "INVALID_SPEC"
    assert "takes" in failed["message"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "vary"}, "Capture"),
        ({"job": "../../etc"}, "not the id"),
        ({"kind": "generate", "prompt": "x" * 2001}, "2000"),
        ({"regions": [[0, 1]] * 257, "clip": {"channels": 1, "frames": 9}}, "256 regions"),
        ({"kind": "vary", "clip": {"channels": 3, "frames": 9}}, "channel"),
    ],
    ids=["no clip", "no id", "a long prompt", "many regions", "three channels"],
)
def test_what_cannot_be_sent_is_not_sent(client: Probe, fields: dict[str, Any], says: str) -> None:
    told = {"job": new_job_id(), **fields}
    client.tell("submit", **told)
    failed = client.reports(told["job"], "failed")
    assert says in failed["message"]


def test_a_later_session_hears_of_the_job_and_gets_its_music(
    probe: Path, quick_daemon: FakeDaemon, clip: dict[str, Any]
) -> None:
    job = new_job_id()
    with Probe(probe, quick_daemon.environment) as first:
        first.tell("submit", job=job, clip=clip, prompt="60", **REGION)
        first.reports(job, "running")
    music = []
    for _ in range(2):
        with Probe(probe, quick_daemon.environment) as later:
            later.tell("attach", job=job)
            music.append(later.finished(job))
    assert music[0] == music[1]


def test_a_job_that_nobody_knows_is_said_to_be_unknown(client: Probe) -> None:
    job = new_job_id()
    client.tell("attach", job=job)
    assert "Ask for it anew" in client.reports(job, "unknown")["message"]
    client.tell("attach", job="no id")
    assert client.reports("no id", "failed")["code"] == "UNKNOWN_JOB"


def test_sessions_of_several_threads_do_not_disturb_each_other(quick_daemon: FakeDaemon) -> None:
    """Under the thread sanitizer, as in a host with many instances of the plugin."""
    probe = build_probe("thread")
    jobs = [new_job_id() for _ in range(4)]
    words = {"do": "submit", "kind": "generate", "seconds": 1, "prompt": "3"}
    lines = [{**words, "job": job, "seed": seed} for seed, job in enumerate(jobs)]
    said = ask(probe, "sessions", lines, environment=quick_daemon.environment)
    assert {line["finished"] for line in said if "finished" in line} == set(jobs)
