"""What the bridge itself costs, measured on a daemon of its own in a temporary folder.

Up counts everything between a clip in a client's memory and the same bytes safe on the daemon's
disk: hashed, sent, received, hashed again, written, synced. Down counts from there to verified
bytes in the client's memory.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.launch import ensure_daemon
from plugin_protocol.client import Client

CLIP_BYTES = 47 * 44100 * 2 * 4
"""47 s of stereo at 44.1 kHz in 32-bit floats."""
ROUNDS = 15
PINGS = 50


@dataclass(frozen=True)
class Measurement:
    """One row: several rounds, in `unit`."""

    name: str
    values: Sequence[float]
    unit: str

    @property
    def least(self) -> float:
        """What it takes when nothing else disturbs the machine."""
        return min(self.values)

    @property
    def median(self) -> float:
        """What it takes as a rule."""
        return statistics.median(self.values)


def measure_bridge() -> tuple[Measurement, ...]:
    """Start a daemon, move a 47 s clip up and down, ping, stop the daemon."""
    with tempfile.TemporaryDirectory(prefix="ditto-") as home:
        environment = {**os.environ, "DITTO_HOME": home}
        began = time.perf_counter()
        endpoint = ensure_daemon(environment)
        ready = time.perf_counter() - began
        with Client(endpoint, name="ditto-bench") as client:
            try:
                _wait_for_worker(client)
                rows = _transfers(client)
                pings = [_milliseconds(client.ping) for _ in range(PINGS)]
            finally:
                client.stop_daemon()
    return (
        Measurement("daemon start to first answer", [ready], "s"),
        *rows,
        Measurement("ping", pings, "ms"),
    )


def _wait_for_worker(client: Client) -> None:
    """A worker that is loading its model would be measured along."""
    while client.ping().worker in ("starting", "loading"):
        time.sleep(0.1)


def _transfers(client: Client) -> tuple[Measurement, ...]:
    up, down = [], []
    for _ in range(ROUNDS):
        clip = os.urandom(CLIP_BYTES)  # new bytes, or the daemon would have them already
        began = time.perf_counter()
        sha = client.upload(clip)
        middle = time.perf_counter()
        back = client.download(sha)
        ended = time.perf_counter()
        assert back == clip
        up.append(1000 * (middle - began))
        down.append(1000 * (ended - middle))
    both = [sum(pair) for pair in zip(up, down, strict=True)]
    return (
        Measurement("47 s stereo clip up", up, "ms"),
        Measurement("47 s stereo clip down", down, "ms"),
        Measurement("47 s stereo clip up and down", both, "ms"),
    )


def _milliseconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)
