"""The socket: who gets in, and what happens to who does not read."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import zmq

from bridge.sockets import Router, Sent


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="ditto-") as folder:
        yield Path(folder)


@pytest.fixture
def router(folder: Path) -> Iterator[Router]:
    router = Router(f"ipc://{folder / 's'}")
    yield router
    router.close()


@pytest.fixture
def dealer(folder: Path, router: Router) -> Iterator[Any]:
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.rcvhwm = 1
    dealer.connect(f"ipc://{folder / 's'}")
    yield dealer
    context.destroy(linger=0)


def heard(router: Router) -> list[list[bytes]]:
    """Return what has come in once anything has."""
    router.wait(20)
    return [
        [bytes(frame) for frame in frames]
        for frames in (each.frames for each in router.receive(99))
    ]


def browser_post() -> bytes:
    """An HTTP POST whose header ends where a ZMTP 1.0 frame does, so that its body is a message.

    ZMTP 1.0 reads "P" as the length of a first frame, which ends inside the path; the byte there
    is the length of the next one, and the one after it, being even, says that nothing follows it.
    """
    body = b"\x05\x01DITO\x05\x00evil"
    tail = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    path = bytearray(b"b" * 90)
    path[ord("P") + 1 - len("POST /")] = len("POST /") + len(path) + len(tail) - ord("P") - 2
    return b"POST /" + bytes(path) + tail + body


def send_raw(path: Path, data: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(0.5)
        peer.connect(str(path))
        peer.sendall(data)
        with suppress(OSError):
            peer.recv(4096)


def test_a_browsers_post_delivers_nothing(router: Router, dealer: Any, folder: Path) -> None:
    send_raw(folder / "s", browser_post())
    dealer.send_multipart([b"hello"])
    assert heard(router) == [[b"hello"]]


def test_the_same_post_would_get_into_a_plain_socket(folder: Path) -> None:
    context = zmq.Context()
    plain = context.socket(zmq.ROUTER)
    plain.bind(f"ipc://{folder / 'plain'}")
    send_raw(folder / "plain", browser_post())
    messages = []
    while [b"DITO", b"evil"] not in messages:
        assert plain.poll(20_000), messages
        messages.append(plain.recv_multipart()[1:])
    context.destroy(linger=0)


def test_garbage_leaves_the_socket_to_the_others(router: Router, dealer: Any, folder: Path) -> None:
    for garbage in (b"\xff" * 9 + b"\x7f" + b"\0" * 99, b"\0" * 500, b"\xff\0\0\0\0\0\0\0\1\x7f"):
        send_raw(folder / "s", garbage)
    dealer.send_multipart([b"hello"])
    assert heard(router) == [[b"hello"]]


def test_an_oversized_frame_is_not_delivered(router: Router, dealer: Any) -> None:
    dealer.send(bytes(2**20))
    dealer.send(b"hello")  # arrives once libzmq has thrown the sender out and it has come back
    assert heard(router) == [[b"hello"]]


def test_a_peer_that_is_gone_is_reported(router: Router) -> None:
    assert router.send(b"nobody", [b"hello"]) is Sent.GONE


def test_a_peer_that_does_not_read_is_reported_and_nothing_is_lost(
    router: Router, dealer: Any
) -> None:
    dealer.send(b"hello")
    router.wait(20)
    (received,) = router.receive(9)
    peer = received.address
    accepted = 0
    while router.send(peer, [b"%d" % accepted, bytes(2**16)]) is Sent.YES:
        accepted += 1
    received = [dealer.recv_multipart()[0] for _ in range(accepted)]
    assert received == [b"%d" % i for i in range(accepted)]


def test_the_socket_of_a_running_daemon_is_private(daemon: Any) -> None:
    runtime = daemon.paths.runtime
    assert runtime.stat().st_mode & 0o777 == 0o700
    assert (runtime / "ditto.sock").stat().st_mode & 0o077 == 0
    assert daemon.paths.connection_file.stat().st_mode & 0o777 == 0o600


UNREAD = """
import sys, time, zmq
from bridge.sockets import Router
from plugin_protocol.link import configure

ours = Router(f"ipc://{sys.argv[1]}/daemon")
client = zmq.Context().socket(zmq.DEALER)
client.connect(f"ipc://{sys.argv[1]}/daemon")
daemon = zmq.Context().socket(zmq.DEALER)
daemon.bind(f"ipc://{sys.argv[1]}/client")
our_client = zmq.Context().socket(zmq.DEALER)
configure(our_client, None)
our_client.connect(f"ipc://{sys.argv[1]}/client")
for _ in range(500):
    client.send(b"unread")
    daemon.send(b"unread")
time.sleep(0.3)
for dying in (client, daemon):
    dying.context.destroy(linger=0)
time.sleep(2.2)
print("alive")
"""


def test_whoever_dies_with_much_unread_takes_nobody_along(folder: Path) -> None:
    """libzmq aborts where it sends heartbeats, every two seconds as it were."""
    script = [sys.executable, "-c", UNREAD, str(folder)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60)
    assert done.stdout == "alive\n", done.stderr
