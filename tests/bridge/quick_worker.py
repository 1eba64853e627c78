"""A worker without an engine, up in a moment: a recurrence that is slow, resumable and exact.

What it makes is a function of the prompt, "ITERATIONS", and the seed; it says at which iteration it
began, and keeps a checkpoint after each.
"""

import os
import struct
import time
from pathlib import Path

from bridge.blobs import BlobStore
from bridge.crash_points import crash_point
from bridge.paths import checkpoint_file
from bridge.pipe import Finished, Halted, Load, Started, Work, WorkerState
from bridge.worker.channel import Channel
from plugin_protocol.messages import JobProgress, ModelState
from plugin_protocol.reports import ModelReport
from plugin_protocol.values import AudioRef, Music, Result, Span, Take

SECONDS_PER_ITERATION = 0.01


def work_on(channel: Channel, work: Work) -> None:
    job, steps = work.job, int((work.task.prompt or "10").split()[0])
    channel.send(Started(job=job))
    first, x = resumed(channel, job) or (0, work.task.seed)
    for i in range(first, steps):
        time.sleep(SECONDS_PER_ITERATION)
        x = (x * 6364136223846793005 + i) % 2**64
        keep(channel, job, i + 1, x)
        crash_point("after_checkpoint")
        channel.send(JobProgress(job=job, phase="optimizing", step=i + 1, steps=steps))
        if channel.is_stopped(job):
            channel.send(Halted(job=job))
            return
        if channel.is_parking:
            return
        if work.finish or channel.is_finishing(job):
            break
    sha = BlobStore(Path(channel.setup.blobs)).write(struct.pack("<Q", x) * 1000)
    audio = AudioRef(sha=sha, format="f64le", sample_rate=8000, channels=1, frames=1000)
    take = Take(
        seed=work.task.seed, audio=audio, losses={}, first_losses={}, iterations=steps, stopped="-"
    )
    crash_point("before_finished")
    channel.send(
        Finished(
            job=job,
            result=Result(
                takes=(take,),
                new=(Span(start=0, end=1000),),
                clip_start=0,
                music=Music(),
                recognized={"first iteration": str(first)},
            ),
        )
    )


def keep(channel: Channel, job: str, i: int, x: int) -> None:
    target = checkpoint_file(Path(channel.setup.checkpoints), job)
    draft = target.with_suffix(".draft")
    draft.write_bytes(struct.pack("<QQ", i, x))
    crash_point("before_checkpoint_rename")
    draft.replace(target)


def resumed(channel: Channel, job: str) -> tuple[int, int] | None:
    try:
        kept = checkpoint_file(Path(channel.setup.checkpoints), job).read_bytes()
    except FileNotFoundError:
        return None
    i, x = struct.unpack("<QQ", kept)
    return i, x


if __name__ == "__main__":
    from bridge.worker.__main__ import open_channel

    channel = open_channel()
    print("a stray print must not harm the pipe", flush=True)
    channel.send(WorkerState(state="loading", models=("quick",)))
    channel.send(WorkerState(state="idle", device="cpu"))
    while (work := channel.next_work()) is not None:
        if isinstance(work, Load):
            channel.send(ModelState(model=ModelReport(name=work.model, state="ready")))
        else:
            work_on(channel, work)
        channel.send(WorkerState(state="idle", device="cpu"))
    os._exit(0)
