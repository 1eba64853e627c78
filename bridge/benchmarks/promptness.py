"""How soon the daemon answers, obeys, and is back."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from bridge.benchmarks.echo import Echo, echoing
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import COUNTING_WORKER, REAL_WORKER, SILENT_WORKER, TrialDaemon
from bridge.benchmarks.uploader import Uploader
from plugin_protocol import connection
from plugin_protocol.client import Client, DaemonUnreachableError, new_job_id
from plugin_protocol.messages import JobProgress
from plugin_protocol.values import Generate, Intensity, Task

UPLOADS, UPLOAD_BYTES = 4, 50 * 10**6
PING_EVERY = 0.002
IDLE_PINGS = 300
FOREVER = "100000 200"
"""For the counting worker: so many iterations, of 200 ms."""
LOOK_SECONDS = 0.01
"""Looking more often would slow the worker, where cores are few."""
SECONDS = 6.0
"""Of music."""
STEPS_BEFORE_CANCEL = 12


@dataclass(frozen=True)
class End:
    """Seconds: until the worker was free, what was left of the iteration, and a whole one."""

    wait: float
    left: float
    iteration: float


def pings(rounds: int) -> Iterator[Row]:
    """Ping a daemon at rest, and one that gets 50 MB four times, from one program or from four.

    In turn with an echo that has nothing to do: what that one takes is the machine's own share.
    """
    with (
        TrialDaemon(SILENT_WORKER, network=True) as daemon,
        daemon.client() as client,
        echoing(daemon.home, encrypted=False) as echo,
    ):
        at_rest = [_ping(client) for _ in range(IDLE_PINGS)]
        bundle = daemon.home / "bundle.json"
        connection.write(bundle, daemon.pair("bench"))
        yield Row("ping at rest", _worst_and_most(at_rest))
        files = (("ipc", daemon.paths.connection_file), ("TCP with CURVE", bundle))
        for (transport, file), programs in product(files, (1, UPLOADS)):
            waits = [
                wait
                for _ in range(rounds)
                for wait in _pings_during_uploads(client, echo, file, programs)
            ]
            busy, alone = zip(*waits, strict=True)
            by = "one program" if programs == 1 else f"{programs} programs"
            what = f"ping during {UPLOADS} uploads of 50 MB by {by}, {transport}"
            yield Row(what, _worst_and_most(busy), "worst ≤ 15 ms")
            yield Row("an idle process's echo in the same moments", _worst_and_most(alone))


def cancels(rounds: int, *, with_engine: bool) -> Iterator[Row]:
    """Cancel a job well under way, and wait until the worker is free."""
    workers = {"without an engine": COUNTING_WORKER}
    if with_engine:
        workers["with the engine"] = REAL_WORKER
    for name, worker in workers.items():
        with TrialDaemon(worker) as daemon, daemon.client() as client:
            daemon.wait_for_worker(client)
            ends = [_cancel(client, (i + 0.5) / rounds) for i in range(rounds)]
        waits = [end.wait / end.iteration for end in ends]
        after = [1000 * (end.wait - end.left) for end in ends]
        iteration = 1000 * statistics.median(end.iteration for end in ends)
        yield Row(
            f"cancel until the worker is free, {name}",
            f"{max(waits):.2f} iterations at most, {statistics.median(waits):.2f} as a rule "
            f"(of {iteration:.0f} ms); {statistics.median(after):.0f} ms after the end of the "
            "one under way",
            "≤ 1",
        )


def restarts(rounds: int) -> list[Row]:
    """Kill -9 a daemon under its supervisor, and ask for the next one until it answers."""
    seconds = [_restart() for _ in range(rounds)]
    middle, worst = statistics.median(seconds), max(seconds)
    return [
        Row(
            "kill -9 until the next daemon answers",
            f"{middle:.2f} s, worst {worst:.2f} s",
            "≤ 1 s",
        )
    ]


def _ping(client: Client) -> float:
    began = time.perf_counter()
    client.ping()
    return time.perf_counter() - began


def _worst_and_most(seconds: Sequence[float]) -> str:
    ordered = sorted(1000 * each for each in seconds)
    p99 = ordered[int(0.99 * (len(ordered) - 1))]
    return f"worst {ordered[-1]:.1f}, p99 {p99:.1f}, median {statistics.median(ordered):.2f} ms"


def _pings_during_uploads(
    client: Client, echo: Echo, connection_file: Path, programs: int
) -> list[tuple[float, float]]:
    uploaders = [
        Uploader(connection_file, size=UPLOAD_BYTES, count=UPLOADS // programs)
        for _ in range(programs)
    ]
    for uploader in uploaders:
        uploader.begin()
    waits = []
    while not all(uploader.is_done for uploader in uploaders):
        waits.append((_ping(client), echo.seconds(b"ping")))
        time.sleep(PING_EVERY)
    for uploader in uploaders:
        uploader.close()
    return waits


def _cancel(client: Client, share: float) -> End:
    """Cancel when that share of an iteration is over."""
    job = new_job_id()
    # The control is the engine's reason to iterate, the prompt is the counting worker's.
    loudness = Intensity(points=((0.0, -30.0), (SECONDS, -10.0)))
    task = Task(objectives=(Generate(seconds=SECONDS), loudness), prompt=FOREVER, quality="best")
    client.submit(job, task)
    moments: list[tuple[float, int]] = []
    for event in client.follow(job):
        if isinstance(event, JobProgress) and event.phase == "optimizing":
            moments.append((time.perf_counter(), event.step))
            if event.step - moments[0][1] >= STEPS_BEFORE_CANCEL:
                break
    (first_at, first), (last_at, last) = moments[0], moments[-1]
    iteration = (last_at - first_at) / (last - first)
    time.sleep(share * iteration)
    began = time.perf_counter()
    client.cancel(job)
    while client.ping().worker == "busy":
        time.sleep(LOOK_SECONDS)
    return End(time.perf_counter() - began, last_at + iteration - began, iteration)


def _restart() -> float:
    with TrialDaemon(SILENT_WORKER, supervised=True) as daemon:
        before = daemon.epoch
        began = time.perf_counter()
        daemon.kill()
        while True:
            try:
                if daemon.epoch != before:
                    with daemon.client() as client:
                        client.ping()
                        return time.perf_counter() - began
            except DaemonUnreachableError:
                pass
            time.sleep(0.002)
