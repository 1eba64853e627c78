"""A daemon that talks all the time still has to hear the client, or it forgets it."""

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

import pytest
import zmq

from plugin_protocol import async_link, link, thin_client
from plugin_protocol.async_link import AsyncLink
from plugin_protocol.framing import decode_request, encode
from plugin_protocol.link import Link
from plugin_protocol.messages import JobProgress, Ping, Pong, Welcome
from plugin_protocol.thin_client import ThinClient

JOB = "01993c5e-0000-7000-8000-000000000000"


class Talkative(threading.Thread):
    """A daemon that tells whoever has greeted it how a job is, a hundred times a second."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.pinged: Queue[float] = Queue()
        self.leaving = threading.Event()
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.bind(address)

    def run(self) -> None:
        peer, steps = b"", itertools.count(1)
        while not self.leaving.is_set():
            if self.socket.poll(10):
                peer, *frames = self.socket.recv_multipart()
                request, _ = decode_request(frames)
                answer: Pong | Welcome = Welcome(
                    re=request.i, epoch=1, server="talkative", minor=0, limits={}
                )
                if isinstance(request, Ping):
                    self.pinged.put(time.monotonic())
                    answer = Pong(re=request.i, epoch=1, worker="busy")
                self.socket.send_multipart([peer, *encode(answer)])
            if peer:
                news = JobProgress(job=JOB, phase="optimizing", step=next(steps))
                self.socket.send_multipart([peer, *encode(news)])
        self.context.destroy(linger=0)


@pytest.fixture
def daemon() -> Iterator[tuple[str, Talkative]]:
    with TemporaryDirectory(prefix="ditto-") as folder:
        address = f"ipc://{Path(folder) / 's'}"
        thread = Talkative(address)
        thread.start()
        yield address, thread
        thread.leaving.set()
        thread.join(20)


def hear_until_pinged(thread: Talkative, receive: object) -> int:
    """Receive until the daemon was pinged twice; return how many messages that took."""
    for count in range(1, 2000):
        receive()  # type: ignore[operator]
        if thread.pinged.qsize() >= 2:
            return count
    raise AssertionError("the client said nothing while the daemon talked")


def test_a_client_speaks_though_it_is_told_all_the_time(
    daemon: tuple[str, Talkative], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread = daemon
    monkeypatch.setattr(link, "OWN_SILENCE_SECONDS", 0.2)
    with Link(address, name="test") as client:
        # Not after every message: the daemon would do nothing else.
        assert hear_until_pinged(thread, client.receive) > 4


def test_so_does_one_for_asyncio(
    daemon: tuple[str, Talkative], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread = daemon
    monkeypatch.setattr(async_link, "OWN_SILENCE_SECONDS", 0.2)

    async def hear() -> None:
        client = await AsyncLink.open(address, name="test")
        for _ in range(2000):
            await client.receive()
            if thread.pinged.qsize() >= 2:
                break
        client.close()

    asyncio.run(hear())
    assert thread.pinged.qsize() >= 2


def test_so_does_the_thin_one(
    daemon: tuple[str, Talkative], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread = daemon
    clock = itertools.count(step=0.25)
    monkeypatch.setattr(thin_client, "monotonic", lambda: next(clock))
    client = ThinClient(address)
    assert hear_until_pinged(thread, client._receive) > 4
    client.close()


def test_a_daemon_that_goes_between_the_look_and_the_word_is_not_waited_for(
    daemon: tuple[str, Talkative], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread = daemon
    client, other = Link(address, name="test"), asyncio.Runner()
    patient = other.run(AsyncLink.open(address, name="test"))
    thread.leaving.set()
    thread.join(20)
    for each in (client, patient):
        while each._socket.get(zmq.EVENTS) & zmq.POLLOUT:
            time.sleep(0.01)
    monkeypatch.setattr(Link, "_require_connection", lambda _: None)
    monkeypatch.setattr(AsyncLink, "_require_connection", lambda _: None)
    with pytest.raises(link.DaemonSilentError):
        client.send(Ping())
    with pytest.raises(link.DaemonSilentError):
        other.run(asyncio.wait_for(patient.send(Ping(i=9)), 20))
    client.close()
    patient.close()
    other.close()
