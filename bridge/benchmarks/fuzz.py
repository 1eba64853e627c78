"""Nonsense of every kind, with a good client in between that must be served as ever."""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import zmq

from bridge.benchmarks.mutations import Mutations
from bridge.benchmarks.process import resident_kib
from bridge.benchmarks.strangers import Garbage, garbage
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import SILENT_WORKER, TrialDaemon
from bridge.paths import SOCKET_NAME
from plugin_protocol.client import Client
from plugin_protocol.framing import decode_reply, encode
from plugin_protocol.messages import FromDaemon, Hello
from plugin_protocol.values import CHUNK_BYTES

BATCH = 2000
GARBAGE_PER_BATCH = 20
PATIENCE_MS = 20_000
STAY_SECONDS = 0.05
LAST = 2**40
WARM_UP_BATCHES = 1
"""Not measured: the first of everything is allocated once."""


@dataclass(frozen=True)
class Harm:
    """What came of it. `grown_kib` is the daemon's resident memory, after beside before."""

    messages: int
    garbage: int
    past_the_handshake: int
    """Of the garbage: as much as was sent after the daemon had said READY."""
    answered: int
    good_clients_served: int
    grown_kib: int

    def rows(self) -> list[Row]:
        """Return the table's lines."""
        return [
            Row("mutated messages", f"{self.messages} ({self.answered} answered)"),
            Row(
                "garbage connections",
                f"{self.garbage} ({self.past_the_handshake} past the handshake)",
            ),
            Row("good clients served in between", str(self.good_clients_served), "all"),
            Row("growth of the daemon", f"{self.grown_kib / 1024:.1f} MB", "< 10 MB"),
        ]


def fuzz(messages: int, *, seed: int = 0) -> Harm:
    """Send so many mutated messages to one daemon; it must be the same one at the end."""
    mutations, chance = Mutations(seed), random.Random(seed)
    answered = served = bad_connections = past_the_handshake = before = 0
    batches = WARM_UP_BATCHES + max(1, messages // BATCH)
    with TrialDaemon(SILENT_WORKER) as daemon, daemon.client("good") as good:
        pid, path = daemon.pid, daemon.paths.runtime / SOCKET_NAME
        for batch in range(batches):
            if batch == WARM_UP_BATCHES:
                before = resident_kib(pid)
            for _ in range(GARBAGE_PER_BATCH):
                stay = chance.random() < 0.5
                past_the_handshake += _connect_with(path, garbage(chance), stay=stay)
                bad_connections += 1
            answered += _send(daemon.known().endpoint, mutations, BATCH)
            served += _is_served(good)
        assert daemon.is_alive
        assert daemon.pid == pid
        return Harm(
            messages=(batches - WARM_UP_BATCHES) * BATCH,
            garbage=bad_connections,
            past_the_handshake=past_the_handshake,
            answered=answered,
            good_clients_served=served,
            grown_kib=resident_kib(pid) - before,
        )


def _connect_with(path: Path, data: Garbage, *, stay: bool) -> bool:
    """Send it; return whether any of it went past the handshake."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(PATIENCE_MS / 1000)
        peer.connect(str(path))
        with suppress(ConnectionError):
            peer.sendall(data.first)
        if data.then:
            _wait_for_ready(peer)
            peer.sendall(data.then)
        if stay:
            peer.settimeout(STAY_SECONDS)
            with suppress(OSError):
                peer.recv(4096)
    return bool(data.then)


def _wait_for_ready(peer: socket.socket) -> None:
    """Read the greeting and READY. Before that libzmq throws out whoever sends a message."""
    said = b""
    while b"ROUTER" not in said:
        more = peer.recv(4096)
        if not more:
            raise ConnectionError("The daemon hung up on a peer that had greeted well.")
        said += more


def _send(endpoint: str, mutations: Mutations, count: int) -> int:
    """Send from a new connection that has greeted; return how many answers came."""
    answers = 0
    with _dealer(endpoint) as dealer:
        dealer.send_multipart(encode(Hello(i=1, client="fuzz")))
        for _ in range(count):
            dealer.send_multipart(mutations.next())
            while dealer.poll(0):
                dealer.recv_multipart()
                answers += 1
        # The daemon reads in order, so all has been read once this is answered.
        dealer.send_multipart(encode(Hello(i=LAST, client="fuzz")))
        while _reply(dealer).re != LAST:
            answers += 1
    return answers


def _reply(dealer: zmq.Socket[bytes]) -> FromDaemon:
    if not dealer.poll(PATIENCE_MS):
        raise TimeoutError("The daemon does not answer after nonsense.")
    return decode_reply(dealer.recv_multipart())[0]


@contextmanager
def _dealer(endpoint: str) -> Iterator[zmq.Socket[bytes]]:
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.connect(endpoint)
    try:
        yield dealer
    finally:
        context.destroy(linger=0)


def _is_served(client: Client) -> bool:
    blob = os.urandom(CHUNK_BYTES + 1)
    return client.download(client.upload(blob)) == blob and client.ping().re > 0
