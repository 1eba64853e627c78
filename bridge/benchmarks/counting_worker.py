"""A worker without an engine: a recurrence that is slow, resumable and exact, and a ledger.

What it makes is a function of the seed and of the iterations, which the prompt numbers, with the
milliseconds that one takes. There is a checkpoint after each iteration. The ledger has a line for
each time that a job is begun.
"""

import os
import sqlite3
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from bridge.blobs import BlobStore
from bridge.paths import checkpoint_file
from bridge.pipe import Finished, Halted, Load, Started, Work, WorkerState
from bridge.worker.channel import Channel
from plugin_protocol.messages import JobProgress, ModelState
from plugin_protocol.reports import ModelReport
from plugin_protocol.values import AudioRef, Music, Result, Span, Take

FRAMES = 1000
MULTIPLIER = 6364136223846793005


@dataclass(frozen=True)
class Entry:
    """A job was begun at `moment` (monotonic seconds), with its result `known` to the store."""

    job: str
    moment: float
    known: bool


def ledger_file(state: Path) -> Path:
    """Return where the ledger of a daemon with that state folder lies."""
    return state / "ledger"


def read_ledger(state: Path) -> list[Entry]:
    """Return all entries, oldest first."""
    lines = ledger_file(state).read_text().splitlines()
    words = [line.split() for line in lines]
    return [Entry(job, float(moment), known == "1") for job, moment, known in words]


def note(state: Path, job: str) -> None:
    """Write down that the job begins, and whether the store has a result of it already."""
    database = sqlite3.connect(f"file:{state / 'jobs.db'}?mode=ro", uri=True, timeout=30)
    ((known,),) = database.execute("SELECT result IS NOT NULL FROM jobs WHERE id = ?", (job,))
    database.close()
    # One write to a file opened for appending: a line is there or not, however we die.
    descriptor = os.open(ledger_file(state), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{job} {time.monotonic()} {known}\n".encode())
    os.close(descriptor)


def work_on(channel: Channel, work: Work) -> None:
    """Do one job."""
    job = work.job
    iterations, milliseconds = map(int, work.task.prompt.split())
    note(Path(channel.setup.blobs).parent, job)
    channel.send(Started(job=job))
    first, x = _resumed(channel, job) or (0, work.task.seed)
    for i in range(first, iterations):
        time.sleep(milliseconds / 1000)
        x = (x * MULTIPLIER + i) % 2**64
        _keep(channel, job, i + 1, x)
        channel.send(JobProgress(job=job, phase="optimizing", step=i + 1, steps=iterations))
        if channel.is_stopped(job):
            channel.send(Halted(job=job))
            return
        if channel.is_parking:
            return
    sha = BlobStore(Path(channel.setup.blobs)).write(struct.pack("<Q", x) * FRAMES)
    channel.send(Finished(job=job, result=_result(work, sha, iterations)))


def _result(work: Work, sha: bytes, iterations: int) -> Result:
    audio = AudioRef(sha=sha, format="f64le", sample_rate=8000, channels=1, frames=FRAMES)
    take = Take(
        seed=work.task.seed,
        audio=audio,
        losses={},
        first_losses={},
        iterations=iterations,
        stopped="iterations",
    )
    return Result(
        takes=(take,),
        new=(Span(start=0, end=FRAMES),),
        clip_start=0,
        music=Music(),
        recognized={},
    )


def _keep(channel: Channel, job: str, i: int, x: int) -> None:
    target = checkpoint_file(Path(channel.setup.checkpoints), job)
    draft = target.with_suffix(".draft")
    draft.write_bytes(struct.pack("<QQ", i, x))
    draft.replace(target)


def _resumed(channel: Channel, job: str) -> tuple[int, int] | None:
    try:
        kept = checkpoint_file(Path(channel.setup.checkpoints), job).read_bytes()
    except FileNotFoundError:
        return None
    i, x = struct.unpack("<QQ", kept)
    return i, x


def main() -> None:
    """Work until the daemon is about to exit."""
    from bridge.worker.__main__ import open_channel

    channel = open_channel()
    channel.send(WorkerState(state="idle", models=("counting",), device="cpu"))
    while (work := channel.next_work()) is not None:
        if isinstance(work, Load):
            channel.send(ModelState(model=ModelReport(name=work.model, state="ready")))
        else:
            work_on(channel, work)
        channel.send(WorkerState(state="idle", device="cpu"))
    os._exit(0)


if __name__ == "__main__":
    main()
