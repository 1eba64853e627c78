"""Audio there and back, beside the socket alone and the work that no socket does.

Up counts everything between a clip in a client's memory and the same bytes safe on the daemon's
disk: hashed, sent, received, hashed again, written, synced. Down counts from there to verified
bytes in the client's memory. So three hashes and a sync are in every round trip.
"""

import hashlib
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.benchmarks.echo import Echo, echoing
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import SILENT_WORKER, TrialDaemon
from plugin_protocol.client import Client

MEGABYTE = 10**6
SIZES = (1, 10, 50)
HASHES = 3


@dataclass(frozen=True)
class RoundTrip:
    """Medians, in seconds."""

    transport: str
    megabytes: int
    up: float
    down: float
    both: float
    echo: float
    hash_and_sync: float

    @property
    def without_them(self) -> float:
        """The ratio to the echo of what is left where hashes and sync are taken off."""
        return max(0.0, self.both - self.hash_and_sync) / self.echo

    def row(self) -> Row:
        """Return the table's line."""
        rate = 2 * self.megabytes / self.both
        # The prototype that this is measured by neither hashed nor synced.
        wanted = "≤ 2 × a bare echo" if (self.transport, self.megabytes) == ("ipc", 50) else ""
        return Row(
            f"{self.megabytes} MB there and back, {self.transport}",
            f"{1000 * self.both:.0f} ms = {rate:.0f} MB/s (up {1000 * self.up:.0f}, "
            f"down {1000 * self.down:.0f}); bare echo {1000 * self.echo:.0f} ms, "
            f"ratio {self.both / self.echo:.1f}; {HASHES} hashes and a sync alone "
            f"{1000 * self.hash_and_sync:.0f} ms, without which {self.without_them:.1f}",
            wanted,
        )


def round_trips(rounds: int) -> Iterator[RoundTrip]:
    """Measure every size through the private socket and, encrypted, over TCP."""
    with TrialDaemon(SILENT_WORKER, network=True) as daemon:
        bundle = daemon.pair("bench")
        for transport, encrypted in (("ipc", False), ("TCP with CURVE", True)):
            client = Client(bundle, name="bench") if encrypted else daemon.client()
            with client, echoing(daemon.home, encrypted=encrypted) as echo:
                for megabytes in SIZES:
                    yield _measure(transport, client, echo, megabytes, rounds, daemon.home)


def _measure(
    transport: str, client: Client, echo: Echo, megabytes: int, rounds: int, folder: Path
) -> RoundTrip:
    ups, downs, both, echoes, alone = [], [], [], [], []
    for _ in range(rounds):
        clip = os.urandom(megabytes * MEGABYTE)  # new bytes, or the daemon would have them already
        began = time.perf_counter()
        sha = client.upload(clip)
        middle = time.perf_counter()
        back = client.download(sha)
        ended = time.perf_counter()
        assert back == clip
        ups.append(middle - began)
        downs.append(ended - middle)
        both.append(ended - began)
        # In turn with the rest, so that whatever else this machine does disturbs all alike.
        echoes.append(echo.seconds(clip))
        alone.append(_hash_and_sync(clip, folder / "alone"))
    medians = (statistics.median(values) for values in (ups, downs, both, echoes, alone))
    return RoundTrip(transport, megabytes, *medians)


def _hash_and_sync(data: bytes, file: Path) -> float:
    """Return what the bytes cost where no socket is: hashed three times, written, synced."""
    began = time.perf_counter()
    for _ in range(HASHES):
        hashlib.sha256(data).digest()
    with file.open("wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    took = time.perf_counter() - began
    file.unlink()
    return took
