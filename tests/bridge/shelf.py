"""Jobs whose audio lies on the disk of an office, and time that passes over it."""

import os
import time
from hashlib import sha256

import pytest
from msgspec.structs import replace
from office import RESULT, Office

from bridge import store as store_module
from bridge.garbage import WANTED_SECONDS
from bridge.pipe import Finished
from bridge.terms import DAY
from plugin_protocol.identity import new_job_id
from plugin_protocol.messages import JobSubmit
from plugin_protocol.values import AudioRef, Outpaint, Result, Task

CLIP, MADE, STRAY = b"clip", b"made", b"nobody's"
JOB, OTHER = new_job_id(), new_job_id()


def stored(office: Office, data: bytes) -> bytes:
    sha = office.storage.blobs.write(data)
    office.storage.ledger.add(sha, len(data), owner="")
    return sha


def is_there(office: Office, data: bytes) -> bool:
    return office.storage.blobs.size(sha256(data).digest()) is not None


def make_old(office: Office, *contents: bytes, seconds: float = WANTED_SECONDS + 1) -> None:
    for data in contents:
        path = office.storage.blobs.path(sha256(data).digest())
        if path.exists():
            os.utime(path, (time.time() - seconds,) * 2)


def result_of(sha: bytes) -> Result:
    (take,) = RESULT.takes
    return replace(RESULT, takes=(replace(take, audio=replace(take.audio, sha=sha)),))


def done(office: Office, job: str, **terms: object) -> None:
    """Do a job that reads CLIP and makes MADE, both long ago."""
    clip = AudioRef(
        sha=stored(office, CLIP), format="f32le", sample_rate=8000, channels=1, frames=1
    )
    task = Task(objectives=(Outpaint(seconds=1),), clip=clip)
    office.jobs.submit(JobSubmit(job=job, task=task, **terms))  # type: ignore[arg-type]
    office.dispatcher.dispatch()
    made = office.storage.blobs.write(MADE)
    office.workshop.hear(Finished(job=job, result=result_of(made)))
    make_old(office, CLIP, MADE)


def days_pass(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    later = store_module._now_ms() + round(1000 * DAY * days)
    monkeypatch.setattr(store_module, "_now_ms", lambda: later)
