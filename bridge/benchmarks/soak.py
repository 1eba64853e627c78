"""Clients that come, work and die, for as long as one likes; and what they leave behind."""

import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bridge.benchmarks.process import open_files, resident_kib
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import TrialDaemon
from bridge.supervisor import PYTHON
from plugin_protocol.client import Client

CLIENTS = 4
SAMPLE_SECONDS = 5.0
SHORTEST, LONGEST = 0.5, 4.0
"""Seconds between two deaths."""
SETTLED = 0.5
"""The share of the samples, at the beginning, in which memory may still grow."""


@dataclass(frozen=True)
class Sample:
    """The daemon at `moment`, in seconds."""

    moment: float
    resident_kib: int
    open_files: int
    stored_bytes: int


def soak(minutes: float, *, seed: int = 0) -> Iterator[Row]:
    """Run for so long and yield what was seen."""
    chance, deaths = random.Random(seed), 0
    with TrialDaemon() as daemon, daemon.client("soak") as client:
        command = [*PYTHON, "-m", "bridge.benchmarks.restless"]
        visitors = [_visitor(command, daemon, chance) for _ in range(CLIENTS)]
        samples = [_sample(daemon, client)]
        ends = time.monotonic() + 60 * minutes
        die_at = sample_at = 0.0
        while (now := time.monotonic()) < ends:
            if now >= die_at:
                die_at = now + chance.uniform(SHORTEST, LONGEST)
                i = chance.randrange(CLIENTS)
                visitors[i].kill()
                visitors[i].wait()
                visitors[i] = _visitor(command, daemon, chance)
                deaths += 1
            if now >= sample_at:
                sample_at = now + SAMPLE_SECONDS
                samples.append(_sample(daemon, client))
            time.sleep(0.1)
        for visitor in visitors:
            visitor.kill()
            visitor.wait()
        # Whoever is gone for 30 s is no longer waited for.
        daemon.wait_until(lambda: not client.ping().queued and not client.ping().job, "settle")
        samples.append(_sample(daemon, client))
        numbers = client.metrics()
        blobs = daemon.paths.blobs
        begun = [file.stat().st_size for file in blobs.glob("upload-*")]
        drafts, checkpoints = blobs.glob("draft-*"), daemon.paths.checkpoints.iterdir()
        left = len(list(drafts)) + len(list(checkpoints))
        jobs = round(numbers.get("jobs_done_total", 0))
        yield Row("soak", f"{minutes:g} minutes, {jobs} jobs done, {deaths} clients killed")
        settled = samples[int(SETTLED * len(samples)) :]
        first, last = settled[0], settled[-1]
        yield Row(
            "memory of the daemon",
            f"{_slope(settled):+.2f} MB an hour ({first.resident_kib / 1024:.1f} → "
            f"{last.resident_kib / 1024:.1f} MB after the first {100 * SETTLED:.0f} %)",
            "< 1 MB an hour",
        )
        files = [sample.open_files for sample in settled]
        yield Row("open files", f"{min(files)} to {max(files)}, {files[-1]} at the end", "flat")
        yield Row("drafts and checkpoints left", str(left), "0")
        yield Row(
            "uploads that were begun and can go on for an hour",
            f"{len(begun)}, {sum(begun) / 1e6:.1f} MB",
        )
        most = max(sample.stored_bytes for sample in samples)
        yield Row(
            "stored", f"{most / 1e6:.1f} MB at most, {last.stored_bytes / 1e6:.1f} MB at the end"
        )


def _visitor(
    command: list[str], daemon: TrialDaemon, chance: random.Random
) -> subprocess.Popen[bytes]:
    seed = str(chance.randrange(2**32))
    with (daemon.home / "visitors").open("ab") as words:
        return subprocess.Popen([*command, seed], env=daemon.environment, stderr=words)


def _sample(daemon: TrialDaemon, client: Client) -> Sample:
    stored = round(client.metrics()["stored_bytes"])
    pid = daemon.pid
    return Sample(time.monotonic(), resident_kib(pid), open_files(pid), stored)


def _slope(samples: list[Sample]) -> float:
    """Return the least-squares slope of the memory, in MB an hour."""
    hours = [sample.moment / 3600 for sample in samples]
    megabytes = [sample.resident_kib / 1024 for sample in samples]
    middle, level = sum(hours) / len(hours), sum(megabytes) / len(megabytes)
    spread = sum((hour - middle) ** 2 for hour in hours)
    together = sum((h - middle) * (m - level) for h, m in zip(hours, megabytes, strict=True))
    return together / spread if spread else 0.0
