"""A whole job by the client in a host that has neither torch nor NumPy."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import plugin_protocol

WHOLE_JOB = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in {"numpy", "torch", "engine", "bridge"}:
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
from plugin_protocol.client import Client, new_job_id
from plugin_protocol.values import AudioRef, Outpaint, Task

with Client(name="bare") as client:
    clip = AudioRef(
        sha=client.upload(bytes.fromhex("0000003f") * 1000),
        format="f32le", sample_rate=8000, channels=1, frames=1000,
    )
    job = new_job_id()
    client.submit(job, Task(objectives=(Outpaint(seconds=3),), clip=clip, prompt="5"))
    *_, last = client.follow(job)
    audio = last.result.takes[0].audio
    music = client.download(audio.sha)
    client.ack(job)
    print(last.state, len(music) == 8 * audio.frames > 0, client.details(job).acked)
"""


def test_it_needs_neither(brisk_daemon: Any) -> None:
    folder = str(Path(plugin_protocol.__file__).parents[1])
    environment = {**brisk_daemon.environment, "PYTHONPATH": folder}
    command = [sys.executable, "-c", WHOLE_JOB]
    said = subprocess.check_output(command, env=environment, text=True, timeout=100)
    assert said.split() == ["done", "True", "True"]
