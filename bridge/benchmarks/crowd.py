"""The memory that sixteen clients take, each with audio up, audio down and a job."""

import os
from concurrent.futures import ThreadPoolExecutor

from bridge.benchmarks.kills import Order, take
from bridge.benchmarks.process import peak_kib, resident_kib
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import TrialDaemon
from plugin_protocol.client import Client, new_job_id

CLIENTS = 16
CLIP_BYTES = 10 * 10**6


def memory() -> list[Row]:
    """Let all come at once, and read what the daemon has held at most."""
    with TrialDaemon() as daemon:
        clients = [daemon.client(f"bench-{i}") for i in range(CLIENTS)]
        alone = resident_kib(daemon.pid)
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(_use, clients, range(CLIENTS)))
        peak = peak_kib(daemon.pid)
        for client in clients:
            client.close()
    return [
        Row(
            f"memory of the daemon with {CLIENTS} clients",
            f"{peak / 1024:.0f} MB at most ({alone / 1024:.0f} MB before they did anything)",
            "≤ 150 MB",
        )
    ]


def _use(client: Client, seed: int) -> None:
    clip = os.urandom(CLIP_BYTES)
    assert client.download(client.upload(clip)) == clip
    take(client, Order(new_job_id(), seed))
