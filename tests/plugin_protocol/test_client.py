"""The client against daemons that are absent, silent or strange; tests/bridge has a real one."""

import asyncio
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import pytest
import zmq

from plugin_protocol import conversation
from plugin_protocol.async_client import AsyncClient
from plugin_protocol.client import (
    Client,
    DaemonLostError,
    DaemonStoppedError,
    DaemonUnreachableError,
    RequestRefusedError,
    new_job_id,
)
from plugin_protocol.framing import decode_request, encode, pack
from plugin_protocol.messages import BlobData, BlobGet, Hello, Notice, Ping, Pong, Welcome

WELCOME = Welcome(re=1, epoch=1, server="strange", minor=0, limits={})


@pytest.fixture
def address() -> Iterator[str]:
    with TemporaryDirectory(prefix="ditto-") as folder:
        yield f"ipc://{Path(folder) / 's'}"


class StrangeDaemon(threading.Thread):
    """Answers hello and ping, and gives out the wrong audio. Leaves when told to."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.leaving = threading.Event()
        self.notices: SimpleQueue[Notice] = SimpleQueue()
        self.heard: SimpleQueue[str] = SimpleQueue()
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.bind(address)

    def run(self) -> None:
        while not self.leaving.is_set():
            if self.socket.poll(20):
                self.answer(*self.socket.recv_multipart())
        self.context.destroy(linger=0)

    def answer(self, peer: bytes, *frames: bytes) -> None:
        request, _ = decode_request(frames)
        self.heard.put(type(request).__name__)
        if not self.notices.empty():
            self.socket.send_multipart([peer, *encode(self.notices.get())])
        match request:
            case Hello():
                self.socket.send_multipart([peer, *encode(WELCOME)])
                future = pack(Ping()).replace(b"ping", b"gong")
                self.socket.send_multipart([peer, b"DITO\1\0\0\0", future])
            case Ping(i=number):
                pong = Pong(re=number, epoch=1, worker="idle")
                self.socket.send_multipart([peer, *encode(pong)])
            case BlobGet(i=number, sha=sha):
                wrong = BlobData(re=number, sha=sha, offset=0, last=True, size=5)
                self.socket.send_multipart([peer, *encode(wrong, b"wrong")])

    def notify(self) -> None:
        """Say goodbye ahead of the next answer."""
        self.notices.put(Notice(kind="leaving"))

    def leave(self) -> None:
        self.leaving.set()
        self.join(20)


@pytest.fixture
def strange(address: str) -> Iterator[StrangeDaemon]:
    daemon = StrangeDaemon(address)
    daemon.start()
    yield daemon
    daemon.leave()


def test_job_ids_are_uuids_of_version_7_and_sort_by_time() -> None:
    ids = [uuid.UUID(new_job_id()) for _ in range(3)]
    assert {(job.version, job.variant) for job in ids} == {(7, uuid.RFC_4122)}
    assert sorted(job.int >> 80 for job in ids) == [job.int >> 80 for job in ids]


def test_an_absent_daemon_is_unreachable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin_protocol.link.GREETING_MS", 50)
    with pytest.raises(DaemonUnreachableError, match="Start one with `ditto serve`"):
        Client(address, name="test")


def test_an_address_that_is_none_is_unreachable() -> None:
    with pytest.raises(DaemonUnreachableError, match="No daemon answers at nonsense"):
        Client("nonsense", name="test")


def test_a_message_from_the_future_is_ignored(strange: StrangeDaemon, address: str) -> None:
    with Client(address, name="test") as client:
        assert client.ping().worker == "idle"


def test_who_leaves_says_so(strange: StrangeDaemon, address: str) -> None:
    Client(address, name="test").close()
    assert [strange.heard.get(timeout=20) for _ in range(2)] == ["Hello", "Bye"]


def test_wrong_audio_is_noticed(strange: StrangeDaemon, address: str) -> None:
    with Client(address, name="test") as client:
        with pytest.raises(RequestRefusedError) as refused:
            client.download(b"\1" * 32)
        assert refused.value.code == "DIGEST_MISMATCH"


def test_a_daemon_that_stays_away_is_lost(
    strange: StrangeDaemon, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Client(address, name="test", find=lambda: address) as client:
        strange.leave()
        monkeypatch.setattr(conversation, "AWAY_SECONDS", 0.0)
        monkeypatch.setattr("plugin_protocol.link.GREETING_MS", 50)
        with pytest.raises(DaemonLostError, match=r"did not come back.*The job is safe"):
            client.ping()


# ---- stopped, or dead ------------------------------------------------------------------------


class Starts:
    """Where daemons are started: counts how often, and where it is asked there is one already."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return self.address


def nowhere() -> str:
    raise DaemonUnreachableError("There is none.")


def test_a_daemon_that_has_taken_its_address_away_is_not_started_again(
    strange: StrangeDaemon, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "STOPPED_SECONDS", 0.2)
    start = Starts(address)
    with Client(name="test", find=nowhere, start=start) as client:
        strange.leave()
        for _ in range(2):
            with pytest.raises(DaemonStoppedError, match=r"was stopped.*jobs are kept"):
                client.ping()
    assert start.asked == 1


def test_a_daemon_that_says_that_it_leaves_is_not_started_again(
    strange: StrangeDaemon, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "STOPPED_SECONDS", 0.2)
    monkeypatch.setattr("plugin_protocol.link.GREETING_MS", 50)
    start = Starts(address)
    with Client(name="test", find=lambda: address, start=start) as client:
        strange.notify()
        assert client.ping().worker == "idle"
        strange.leave()
        with pytest.raises(DaemonStoppedError):
            client.ping()
    assert start.asked == 1


def test_a_client_for_asyncio_does_not_start_it_again_either(
    strange: StrangeDaemon, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "STOPPED_SECONDS", 0.2)
    monkeypatch.setattr("plugin_protocol.async_link.GREETING_MS", 50)
    start = Starts(address)

    async def be_left() -> None:
        async with AsyncClient(name="test", find=lambda: address, start=start) as client:
            strange.notify()
            await client.ping()
            await asyncio.to_thread(strange.leave)
            with pytest.raises(DaemonStoppedError):
                await client.ping()

    asyncio.run(asyncio.wait_for(be_left(), 20))
    assert start.asked == 1


def test_one_that_says_so_and_comes_back_by_itself_is_found(
    strange: StrangeDaemon, address: str
) -> None:
    start = Starts(address)
    with Client(name="test", find=lambda: address, start=start) as client:
        strange.notify()
        client.ping()
        strange.leave()
        successor = StrangeDaemon(address)
        successor.start()
        try:
            assert client.ping().worker == "idle"
        finally:
            successor.leave()
    assert start.asked == 1


def test_one_that_died_without_a_word_is_started_again(
    strange: StrangeDaemon, address: str
) -> None:
    successors = []

    def start() -> str:
        if strange.leaving.is_set():
            successors.append(StrangeDaemon(address))
            successors[-1].start()
        return address

    with Client(name="test", find=lambda: address, start=start) as client:
        strange.leave()
        assert client.ping().worker == "idle"
        (successor,) = successors
        successor.leave()
