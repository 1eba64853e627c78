"""A socket on a network: who gets in, under which name, and what nobody gets in by."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zmq
from msgspec.structs import replace

from bridge.keys import KeyRing
from bridge.sockets import Network, Received, Router
from plugin_protocol.connection import Connection, Keys

NOBODY = 65534
POST = (
    b"POST /%s HTTP/1.1\r\nHost: 127.0.0.1:39555\r\nConnection: keep-alive\r\n"
    b"Content-Length: %d\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
    b"(KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\nContent-Type: text/plain\r\n"
    b"Accept: */*\r\nOrigin: http://evil.example\r\nReferer: http://evil.example/%s\r\n"
    b"Accept-Encoding: gzip, deflate\r\nAccept-Language: en-US,en;q=0.9\r\n\r\n"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="ditto-") as folder:
        yield Path(folder)


@pytest.fixture
def ring(folder: Path) -> KeyRing:
    return KeyRing(folder / "keys")


@pytest.fixture
def router(folder: Path, ring: KeyRing) -> Iterator[Router]:
    server = ring.server()
    network = Network("tcp://127.0.0.1:*", server.public, server.secret, ring.name_of)
    router = Router(f"ipc://{folder / 's'}", uid=os.getuid(), network=network)
    yield router
    router.close()


@pytest.fixture
def studio(ring: KeyRing, router: Router) -> Connection:
    return ring.pair("studio", router.network_endpoint)


@pytest.fixture
def say() -> Iterator[Callable[..., None]]:
    """Connect with these keys, or none, and send one word."""
    context, dealers = zmq.Context(), []

    def send(endpoint: str, word: bytes, keys: Keys | None = None) -> None:
        dealer = context.socket(zmq.DEALER)
        dealers.append(dealer)
        if keys is not None:
            dealer.curve_serverkey = keys.server.encode()
            dealer.curve_publickey = keys.public.encode()
            dealer.curve_secretkey = keys.secret.encode()
        dealer.connect(endpoint)
        dealer.send(word)

    send.dealers = dealers  # type: ignore[attr-defined]
    yield send
    context.destroy(linger=0)


def heard(router: Router) -> list[Received]:
    """Return what came until there was something, with the doorman at work."""
    for _ in range(500):
        router.wait(0.02)
        if received := list(router.receive(99)):
            return received
    raise AssertionError("nothing came")


def words(received: list[Received]) -> list[tuple[bytes, str]]:
    return [(bytes(each.frames[-1]), each.client) for each in received]


def test_a_paired_client_is_known_by_its_name(
    router: Router, studio: Connection, say: Callable[..., None]
) -> None:
    say(studio.endpoint, b"hello", studio.keys)
    received = heard(router)
    assert words(received) == [(b"hello", "studio")]


def test_both_sockets_are_served_and_their_peers_are_told_apart(
    folder: Path, router: Router, studio: Connection, say: Callable[..., None]
) -> None:
    say(studio.endpoint, b"from elsewhere", studio.keys)
    say(f"ipc://{folder / 's'}", b"from here")
    received = heard(router)
    if len(received) == 1:
        received += heard(router)
    assert sorted(words(received)) == [(b"from elsewhere", "studio"), (b"from here", "")]
    assert len({each.address for each in received}) == 2


def test_who_comes_from_here_does_not_wait_until_the_network_has_been_read(
    folder: Path, router: Router, studio: Connection, say: Callable[..., None]
) -> None:
    for _ in range(8):
        say(studio.endpoint, b"hello", studio.keys)
    say(f"ipc://{folder / 's'}", b"hello")
    greeted: list[Received] = []
    while len(greeted) < 9:
        greeted += heard(router)
    *elsewhere, here = say.dealers  # type: ignore[attr-defined]
    for dealer in elsewhere:
        dealer.send(b"from elsewhere")
    time.sleep(0.5)  # until all are in
    reading = iter(router.receive(99))
    next(reading)
    here.send(b"from here")
    time.sleep(0.5)
    assert b"from here" in [bytes(each.frames[-1]) for each in islice(reading, 2)]


def stranger() -> dict[str, str]:
    public, secret = zmq.curve_keypair()
    return {"public": public.decode(), "secret": secret.decode()}


def wrong_keys(keys: Keys) -> dict[str, Keys | None]:
    return {
        "no encryption": None,
        "a key that nobody paired": replace(keys, **stranger()),
        "the paired public key without its secret": replace(keys, secret=stranger()["secret"]),
        "another daemon's key": replace(keys, server=stranger()["public"]),
    }


def test_nothing_of_any_stranger_is_delivered(
    router: Router, studio: Connection, say: Callable[..., None]
) -> None:
    assert studio.keys is not None
    for keys in wrong_keys(studio.keys).values():
        say(studio.endpoint, b"evil", keys)
    for _ in range(50):
        router.wait(0.02)
        assert not list(router.receive(99))
    say(studio.endpoint, b"hello", studio.keys)
    assert words(heard(router)) == [(b"hello", "studio")]


def test_the_server_key_alone_opens_nothing(
    router: Router, ring: KeyRing, say: Callable[..., None]
) -> None:
    server = ring.server()
    say(router.network_endpoint, b"evil", Keys(server=server.public, **stranger()))
    for _ in range(25):
        router.wait(0.02)
        assert not list(router.receive(99))


def zmtp_1(data: bytes) -> list[int]:
    """Return where the frames of ZMTP 1.0 begin: a length byte, flags, the rest."""
    begins, at = [], 0
    while at < len(data) and data[at] not in (0, 0xFF):
        begins.append(at)
        at += 1 + data[at]
    return begins


def browser_post() -> bytes:
    """A POST as Chrome sends it, whose body a ZMTP 1.0 reader takes for messages of their own.

    The page chooses a byte of the path and the length of its own address, so that the header's end
    falls together with the end of a frame that announces no more.
    """
    evil = b"\x09\x01DITO\x01\x00\x00\x00" + b"\x0c\x00EVIL-HEADER"
    for byte in range(0x21, 0x7F):
        for length in range(400):
            path = bytearray(b"a" * 110)
            path[ord("P") + 1 - len("POST /")] = byte
            head = POST % (bytes(path), len(evil), b"r" * length)
            begins = zmtp_1(head + evil)
            if byte not in b"#?%" and len(head) in begins:
                before = begins[begins.index(len(head)) - 1]
                if not head[before + 1] & 1:
                    return head + evil
    raise AssertionError("no such request was found")


def post(host_and_port: str) -> bytes:
    """Send the request as a browser would, and return the answer."""
    host, port = host_and_port.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=5) as browser, suppress(OSError):
        browser.sendall(browser_post())
        return browser.recv(4096)
    return b""


def test_a_browsers_post_delivers_nothing_on_the_network(
    router: Router, studio: Connection, say: Callable[..., None]
) -> None:
    post(router.network_endpoint.removeprefix("tcp://"))
    for _ in range(25):
        router.wait(0.02)
        assert not list(router.receive(99))
    say(studio.endpoint, b"hello", studio.keys)
    assert words(heard(router)) == [(b"hello", "studio")]


def test_the_same_post_would_be_a_message_to_a_plain_socket() -> None:
    context = zmq.Context()
    plain = context.socket(zmq.ROUTER)
    port = plain.bind_to_random_port("tcp://127.0.0.1")
    post(f"127.0.0.1:{port}")
    messages = []
    while [b"DITO\x01\0\0\0", b"EVIL-HEADER"] not in messages:
        assert plain.poll(20_000), messages
        messages.append(plain.recv_multipart()[1:])
    context.destroy(linger=0)


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0 or sys.platform != "linux",
    reason="only root can become somebody else, and only Linux tells who connects",
)
def test_another_user_gets_through_neither_the_folder_nor_the_socket(
    folder: Path, router: Router, say: Callable[..., None]
) -> None:
    path = folder / "s"
    assert heard_by_hand(NOBODY, path, router) == ("Permission denied", [])
    folder.chmod(0o755)
    path.chmod(0o777)
    assert heard_by_hand(NOBODY, path, router) == ("connected", [])  # and refused by the filter
    assert heard_by_hand(os.getuid(), path, router) == ("connected", [(b"evil", "")])


def heard_by_hand(uid: int, path: Path, router: Router) -> tuple[str, list[tuple[bytes, str]]]:
    """Connect as another user, by hand, and send a message; return how it went and what came."""
    greeting = (b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)).hex()
    ready = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER".hex()
    code = (
        "import os, socket, sys\n"
        f"if os.getuid() != {uid}: os.setgid({uid}); os.setuid({uid})\n"
        "peer = socket.socket(socket.AF_UNIX); peer.settimeout(10)\n"
        f"try: peer.connect({str(path)!r})\n"
        "except OSError as error: sys.exit(print(error.strerror))\n"
        "print('connected')\n"
        "said = b''\n"
        "try:\n"
        f"  peer.sendall(bytes.fromhex({greeting + ready!r}))\n"
        # Sooner, a message is thrown out whoever sends it.
        "  while b'ROUTER' not in said and (data := peer.recv(99)): said += data\n"
        f"  peer.sendall(bytes.fromhex({'00046576696c'!r}))\n"
        "except OSError: pass\n"
    )
    command = [sys.executable, "-c", code]
    received: list[Received] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            router.wait(0.02)
            received += router.receive(99)
        said, _ = process.communicate()
    for _ in range(10):
        router.wait(0.02)
        received += router.receive(99)
    return said.strip(), words(received)
