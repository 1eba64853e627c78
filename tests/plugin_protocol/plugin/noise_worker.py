"""A worker whose takes are noise of their seed, so that whoever fetches them knows every sample."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from bridge.blobs import BlobStore
from bridge.pipe import Finished, Halted, Load, Started, Work, WorkerState
from bridge.worker.channel import Channel
from plugin_protocol.messages import JobProgress, ModelState
from plugin_protocol.reports import ModelReport
from plugin_protocol.values import AudioRef, Result, Span, Take

RATE, CHANNELS, FRAMES, CLIP_START = 48000, 2, 600_001, 77
SECONDS_PER_ITERATION = 0.01


def noise(seed: int) -> Any:
    """Return the music of that seed: (channels, samples), 19 chunks of it."""
    return np.random.default_rng(seed).standard_normal((CHANNELS, FRAMES), np.float32)


def work_on(channel: Channel, work: Work) -> None:
    job, task, steps = work.job, work.task, int(work.task.prompt or "3")
    channel.send(Started(job=job))
    for i in range(steps):
        time.sleep(SECONDS_PER_ITERATION)
        channel.send(JobProgress(job=job, phase="optimizing", step=i + 1, steps=steps))
        if channel.is_stopped(job):
            channel.send(Halted(job=job))
            return
        if channel.is_parking:
            return
    blobs, takes = BlobStore(Path(channel.setup.blobs)), []
    for seed in range(task.seed, task.seed + task.takes):
        sha = blobs.write(noise(seed).tobytes())
        audio = AudioRef(
            sha=sha, format="f32le", sample_rate=RATE, channels=CHANNELS, frames=FRAMES
        )
        takes.append(Take(seed=seed, audio=audio, losses={}))
    new = (Span(start=0, end=CLIP_START), Span(start=FRAMES - 5, end=FRAMES))
    channel.send(
        Finished(job=job, result=Result(takes=tuple(takes), new=new, clip_start=CLIP_START))
    )


if __name__ == "__main__":
    from bridge.worker.__main__ import open_channel

    channel = open_channel()
    channel.send(WorkerState(state="loading", models=("noise",)))
    channel.send(WorkerState(state="idle", device="cpu"))
    while (work := channel.next_work()) is not None:
        if isinstance(work, Load):
            channel.send(ModelState(model=ModelReport(name=work.model, state="ready")))
        else:
            work_on(channel, work)
        channel.send(WorkerState(state="idle", device="cpu"))
    os._exit(0)
