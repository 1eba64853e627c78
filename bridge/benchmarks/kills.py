"""Kill -9 of daemon and worker, at moments drawn by chance, while clients want their music.

A job is lost if its client does not get its result. It ran twice if it was begun although its
result was in the store, or after its client had heard of it. It is exact if its audio has the
digest of a run that nobody disturbed.
"""

import itertools
import random
import threading
import time
from dataclasses import dataclass

from bridge.benchmarks.counting_worker import read_ledger
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import TrialDaemon
from plugin_protocol.client import Client, new_job_id
from plugin_protocol.messages import JobState
from plugin_protocol.values import Generate, Task

CLIENTS = 3
PROMPT = "10 5"
"""Ten iterations of 5 ms."""
SHORTEST, LONGEST = 0.02, 0.3
"""Seconds between two kills."""
LOOK_SECONDS = 2.0


@dataclass
class Order:
    """What a client wanted and what it got; `heard_at` is when it first knew, monotonic."""

    job: str
    seed: int
    sha: bytes = b""
    heard_at: float = float("inf")
    trouble: str = ""


@dataclass(frozen=True)
class Toll:
    """What came of it."""

    daemon_kills: int
    worker_kills: int
    orders: list[Order]
    begun: int
    run_twice: int
    differing: int

    @property
    def lost(self) -> list[Order]:
        """The jobs without a result."""
        return [order for order in self.orders if not order.sha]

    def rows(self) -> list[Row]:
        """Return the table's lines."""
        kills = self.daemon_kills + self.worker_kills
        exact = len(self.orders) - len(self.lost) - self.differing
        each = f"{self.daemon_kills} of the daemon, {self.worker_kills} of the worker"
        return [
            Row("kill -9 survived", f"{kills} of {kills} ({each})", "all"),
            Row("jobs over them", f"{len(self.orders)}, begun {self.begun} times"),
            Row("results lost", str(len(self.lost)), "0"),
            Row("jobs run twice", str(self.run_twice), "0"),
            Row("results bit-exact", f"{exact} of {len(self.orders)}", "all"),
        ]


def under_fire(kills: int, *, seed: int = 0) -> Toll:
    """Kill so many times, let every job end, and compare with an undisturbed daemon."""
    with TrialDaemon() as daemon:
        clients = _Clients(daemon)
        daemon_kills = _kill(daemon, kills, random.Random(seed))
        orders = clients.finish()
        entries = read_ledger(daemon.paths.state)
    heard = {order.job: order.heard_at for order in orders}
    twice = {entry.job for entry in entries if entry.known or entry.moment > heard[entry.job]}
    expected = _undisturbed([order.seed for order in orders])
    return Toll(
        daemon_kills=daemon_kills,
        worker_kills=kills - daemon_kills,
        orders=orders,
        begun=len(entries),
        run_twice=len(twice),
        differing=sum(bool(order.sha) and order.sha != expected[order.seed] for order in orders),
    )


class _Clients:
    """Threads that each hand over one job after the other and take the music."""

    def __init__(self, daemon: TrialDaemon) -> None:
        self._seeds = itertools.count()
        self._is_over = threading.Event()
        self._orders: list[Order] = []
        self._threads = [
            threading.Thread(target=self._work, args=(daemon.client(f"bench-{i}"),))
            for i in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> list[Order]:
        """Let everybody take the music of the last job; return all that was wanted."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        return self._orders

    def _work(self, client: Client) -> None:
        with client:
            while not self._is_over.is_set():
                order = Order(new_job_id(), next(self._seeds))
                self._orders.append(order)
                try:
                    take(client, order)
                # Whatever it is, the result is lost, and the table will say so.
                except Exception as error:
                    order.trouble = repr(error)


def take(client: Client, order: Order) -> None:
    """Hand the job over, wait for its end, fetch its audio and acknowledge it."""
    task = Task(objectives=(Generate(seconds=1),), prompt=PROMPT, seed=order.seed)
    client.submit(order.job, task)
    *_, last = client.follow(order.job)
    order.heard_at = time.monotonic()
    if isinstance(last, JobState) and last.result is not None:
        sha = last.result.takes[0].audio.sha
        client.download(sha)
        client.ack(order.job)
        order.sha = sha
    else:
        order.trouble = str(last)


def _kill(daemon: TrialDaemon, kills: int, chance: random.Random) -> int:
    """Kill so many times; return how often it was the daemon."""
    struck, daemon_kills = set[str](), 0
    with daemon.client("killer") as client:
        for kill in range(kills):
            time.sleep(chance.uniform(SHORTEST, LONGEST))
            # The third death of the worker over one job would rightly end the job.
            if kill % 2 and (job := _at_work(client, struck)):
                struck.add(job)
                daemon.kill_worker()
            else:
                daemon_kills += 1
                daemon.kill()
                daemon.start()
    return daemon_kills


def _at_work(client: Client, struck: set[str]) -> str:
    """Wait a while for a job over which no worker was killed; return "" where none comes."""
    deadline = time.monotonic() + LOOK_SECONDS
    while time.monotonic() < deadline:
        if (job := client.ping().job) and job not in struck:
            return job
        time.sleep(0.005)
    return ""


def _undisturbed(seeds: list[int]) -> dict[int, bytes]:
    """Return the digest of each seed's audio where nobody is killed."""
    with TrialDaemon() as daemon, daemon.client() as client:
        orders = [Order(new_job_id(), seed) for seed in seeds]
        for order in orders:
            take(client, order)
    return {order.seed: order.sha for order in orders}
