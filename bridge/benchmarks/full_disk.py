"""A disk that fills up while jobs are under way: what was accepted must end all the same."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bridge.benchmarks.kills import Order, take
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import TrialDaemon
from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import Generate, Task

DISK_MIB = 40
CLIP_BYTES = 3 * 10**6
JOBS = 4
PROMPT = "40 10"
"""Forty iterations of 10 ms."""


def full_disk() -> list[Row]:
    """Fill it with uploads, then to the last byte; no rows where this user can mount none."""
    with _small_disk() as disk:
        if disk is None:
            return []
        with TrialDaemon(disk=disk) as daemon, daemon.client() as client:
            jobs = [new_job_id() for _ in range(JOBS)]
            for seed, job in enumerate(jobs):
                client.submit(job, _task(seed))
            refusals = [_refusal_of(lambda: _upload_for_ever(client))]
            with _filled(disk):
                refusals.append(_refusal_of(lambda: client.submit(new_job_id(), _task(JOBS))))
                for job in jobs:
                    list(client.follow(job))
            lost = sum(not _has_music(client, job) for job in jobs)
            later = Order(new_job_id(), JOBS)
            take(client, later)
        then = "served" if later.sha else f"NOT SERVED: {later.trouble}"
    return [
        Row(
            f"jobs over which a disk of {DISK_MIB} MB filled up / lost",
            f"{JOBS} / {lost}",
            "0 lost",
        ),
        Row(
            "an upload and a job for a full disk; a job when there is room again",
            f"{' and '.join(refusals)}; {then}",
        ),
    ]


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    with tempfile.TemporaryDirectory(prefix="ditto-disk-") as folder:
        words = ["-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", folder]
        try:
            mounted = subprocess.run(["mount", *words], capture_output=True).returncode == 0
        except FileNotFoundError:
            mounted = False
        try:
            yield Path(folder) if mounted else None
        finally:
            if mounted:
                subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    rest = disk / "rest"
    with rest.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    rest.unlink()


def _task(seed: int) -> Task:
    return Task(objectives=(Generate(seconds=1),), prompt=PROMPT, seed=seed)


def _upload_for_ever(client: Client) -> None:
    while True:
        client.upload(os.urandom(CLIP_BYTES))


def _refusal_of(request: Callable[[], object]) -> str:
    try:
        request()
    except RequestRefusedError as refused:
        return refused.code
    return "ACCEPTED"


def _has_music(client: Client, job: str) -> bool:
    state: JobState = client.attach(job)
    return state.result is not None and bool(client.download(state.result.takes[0].audio.sha))
