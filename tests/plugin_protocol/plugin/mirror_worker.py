"""A worker whose music is the clip upside down, so that a test knows every sample of it.

It takes "ITERATIONS" from the prompt, 3 without one, and leaves what it was asked in `asked.jsonl`.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bridge.blobs import BlobStore
from bridge.pipe import Finished, Halted, Load, Started, Work, WorkerState
from bridge.worker.channel import Channel
from plugin_protocol.controls import Control
from plugin_protocol.messages import JobProgress, ModelState
from plugin_protocol.reports import ModelReport
from plugin_protocol.values import (
    AudioRef,
    Inpaint,
    Loop,
    Music,
    Outpaint,
    Result,
    Span,
    Take,
    Task,
)

SECONDS_PER_ITERATION = 0.02
BRIDGE = 1000
"""Samples that a loop gets."""


def mirrored(task: Task, clip: Any, seed: int) -> tuple[Any, list[tuple[int, int]], int]:
    """Return the music, what is new in it and where the clip begins. (channels, samples)"""
    assert task.clip is not None
    rate, length = task.clip.sample_rate, clip.shape[1]
    upside_down = clip * np.float32(-1 / (1 + seed))
    (kind,) = (each for each in task.objectives if not isinstance(each, Control))
    match kind:
        case Outpaint(seconds=seconds, side=side):
            new = np.stack([np.resize(row, round(seconds * rate)) for row in upside_down])
            if side == "before":
                return np.hstack([new, clip]), [(0, new.shape[1])], new.shape[1]
            return np.hstack([clip, new]), [(length, length + new.shape[1])], 0
        case Inpaint(regions=regions):
            music = clip.copy()
            spans = [(round(each.start * rate), round(each.end * rate)) for each in regions]
            for start, end in spans:
                music[:, start:end] = upside_down[:, start:end]
            return music, spans, 0
        case Loop():
            return np.hstack([clip, upside_down[:, :BRIDGE]]), [(length, length + BRIDGE)], 0
        case _:
            return upside_down, [(0, length)], 0


def work_on(channel: Channel, work: Work) -> None:
    job, task, blobs = work.job, work.task, BlobStore(Path(channel.setup.blobs))
    with (Path(channel.setup.blobs).parent / "asked.jsonl").open("a") as asked:
        asked.write(json.dumps(msgspec.to_builtins(task)) + "\n")
    channel.send(Started(job=job))
    steps = int((task.prompt or "3").split()[0])
    for i in range(steps):
        time.sleep(SECONDS_PER_ITERATION)
        channel.send(JobProgress(job=job, phase="optimizing", step=i + 1, steps=steps))
        if channel.is_stopped(job):
            channel.send(Halted(job=job))
            return
        if channel.is_parking:
            return
        if work.finish or channel.is_finishing(job):
            break
    assert task.clip is not None
    clip = np.frombuffer(blobs.read(task.clip.sha), "<f4").reshape(task.clip.channels, -1)
    takes = []
    for seed in range(task.seed, task.seed + task.takes):
        music, spans, clip_start = mirrored(task, clip, seed)
        audio = AudioRef(
            sha=blobs.write(np.ascontiguousarray(music, "<f4").tobytes()),
            format="f32le",
            sample_rate=task.clip.sample_rate,
            channels=task.clip.channels,
            frames=music.shape[1],
        )
        takes.append(Take(seed=seed, audio=audio, losses={}, iterations=steps, stopped="-"))
    result = Result(
        takes=tuple(takes),
        new=tuple(Span(start=start, end=end) for start, end in spans),
        clip_start=clip_start,
        music=Music(),
    )
    channel.send(Finished(job=job, result=result))


if __name__ == "__main__":
    from bridge.worker.__main__ import open_channel

    channel = open_channel()
    channel.send(WorkerState(state="loading", models=("mirror",)))
    channel.send(WorkerState(state="idle", device="cpu"))
    while (work := channel.next_work()) is not None:
        if isinstance(work, Load):
            channel.send(ModelState(model=ModelReport(name=work.model, state="ready")))
        else:
            work_on(channel, work)
        channel.send(WorkerState(state="idle", device="cpu"))
    os._exit(0)
