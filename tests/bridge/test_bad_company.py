"""Clients that send half of what they should, or without end, or never read what they asked for."""

import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq

from bridge.benchmarks.process import address_space_kib, resident_kib
from bridge.benchmarks.strangers import GREETING, READY, zmtp_3
from plugin_protocol.client import new_job_id
from plugin_protocol.framing import decode_reply, encode
from plugin_protocol.messages import BlobData, BlobGet, BlobPut, BlobReady, Hello, JobSubmit, Pong
from plugin_protocol.values import CHUNK_BYTES, WINDOW_CHUNKS, Generate, Task

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of memory")
TASK = Task(objectives=(Generate(seconds=1),))
MIB = 2**20


@pytest.fixture
def by_hand(idle_daemon: Any) -> Iterator[Callable[[], socket.socket]]:
    """Connect without a library, up to the first message."""
    peers: list[socket.socket] = []

    def connect() -> socket.socket:
        peer = socket.socket(socket.AF_UNIX)
        peers.append(peer)
        peer.settimeout(20)
        peer.connect(idle_daemon.find().removeprefix("ipc://"))
        peer.sendall(GREETING + READY)
        read_until(b"Identity", peer)
        return peer

    yield connect
    for peer in peers:
        peer.close()


@pytest.fixture
def dealer(idle_daemon: Any) -> Iterator[zmq.Socket[bytes]]:
    """A client that reads when it likes, and not much of it."""
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.rcvhwm = 1
    dealer.connect(idle_daemon.find())
    dealer.send_multipart(encode(Hello(i=1, client="odd")))
    dealer.recv_multipart()
    yield dealer
    context.destroy(linger=0)


def read_until(word: bytes, peer: socket.socket) -> None:
    got = b""
    while word not in got:
        more = peer.recv(4096)
        assert more, "the daemon hung up"
        got += more


def said_by(message: Any) -> list[bytes]:
    return [bytes(frame) for frame in encode(message)]


def test_half_a_message_is_no_message(by_hand: Any, idle_daemon: Any) -> None:
    job = new_job_id()
    hello = said_by(Hello(i=1, client="half"))
    submit = said_by(JobSubmit(i=2, job=job, task=TASK))
    for cut in (0, 5, 9 + len(submit[0]), 9 + len(submit[0]) + 20):
        peer = by_hand()
        peer.sendall(zmtp_3(hello[0], more=True) + zmtp_3(hello[1], more=False))
        read_until(b"welcome", peer)
        sent = zmtp_3(submit[0], more=True) + zmtp_3(submit[1], more=False)
        peer.sendall(sent[:cut])
        peer.close()
    with idle_daemon.client() as client:
        assert client.attach(job).state == "unknown"
        assert isinstance(client.ping(), Pong)


def test_a_message_of_many_frames_is_refused_as_one(by_hand: Any, idle_daemon: Any) -> None:
    peer = by_hand()
    for _ in range(1000):
        peer.sendall(zmtp_3(b"x", more=True))
    peer.sendall(zmtp_3(b"x", more=False))
    read_until(b"BAD_MESSAGE", peer)


def send_for_ever(peer: socket.socket) -> None:
    while True:
        peer.sendall(zmtp_3(bytes(CHUNK_BYTES), more=True))


@linux
def test_a_message_without_end_costs_no_job(quick_daemon: Any) -> None:
    """libzmq keeps it all until it ends: at the limit the daemon may fall, and another comes."""
    quick_daemon.kill()
    quick_daemon.supervise()
    job = new_job_id()
    with quick_daemon.client() as client:
        client.submit(job, Task(objectives=(Generate(seconds=1),), prompt="100"))
        pid = client.welcome.pid
        limit = 1024 * address_space_kib(pid) + 64 * MIB
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(20)
        peer.connect(quick_daemon.find().removeprefix("ipc://"))
        peer.sendall(GREETING + READY)
        read_until(b"Identity", peer)
        with pytest.raises(OSError, match=r"Broken pipe|reset by peer"):
            send_for_ever(peer)
        peer.close()
        *_, last = client.follow(job)
        assert last.state == "done"


@linux
def test_who_asks_for_much_and_reads_nothing_gets_a_window_and_no_more(
    idle_daemon: Any, dealer: zmq.Socket[bytes]
) -> None:
    with idle_daemon.client() as client:
        sha = client.upload(os.urandom(4 * WINDOW_CHUNKS * CHUNK_BYTES))
        pid = client.welcome.pid
        before = resident_kib(pid)
        for number in range(2, 302):
            dealer.send_multipart(encode(BlobGet(i=number, sha=sha)))
        for _ in range(100):
            assert isinstance(client.ping(), Pong)
        # Its window, and what libzmq and the system hold for it, beside 1200 MiB that it asked for.
        assert resident_kib(pid) - before < 48 * 1024
        assert client.download(sha)


def test_who_reads_slowly_gets_all_of_it(idle_daemon: Any, dealer: zmq.Socket[bytes]) -> None:
    data = os.urandom(WINDOW_CHUNKS * CHUNK_BYTES)
    with idle_daemon.client() as client:
        sha = client.upload(data)
    dealer.send_multipart(encode(BlobGet(i=2, sha=sha)))
    got = b""
    while len(got) < len(data):
        time.sleep(0.05)
        reply, chunk = decode_reply(dealer.recv_multipart())
        assert isinstance(reply, BlobData)
        assert chunk is not None
        got += chunk
    assert got == data


def test_who_sends_slowly_keeps_nobody_waiting(idle_daemon: Any, dealer: zmq.Socket[bytes]) -> None:
    dealer.send_multipart(encode(BlobPut(i=2, sha=bytes(32), size=9 * CHUNK_BYTES)))
    assert isinstance(decode_reply(dealer.recv_multipart())[0], BlobReady)
    for i in range(3):
        chunk = encode(BlobData(i=3, sha=bytes(32), offset=i * CHUNK_BYTES), bytes(CHUNK_BYTES))
        dealer.send_multipart(chunk)
        with idle_daemon.client() as client:
            blob = os.urandom(CHUNK_BYTES)
            assert client.download(client.upload(blob)) == blob
