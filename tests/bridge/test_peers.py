"""What waits for a client that does not read."""

from typing import Any

import pytest

from bridge import peers as peers_module
from bridge.peers import OUTBOX, Peer, Peers
from bridge.quotas import Limits, Quotas
from bridge.refusals import Refusal
from bridge.sockets import Sent
from plugin_protocol.framing import decode_reply
from plugin_protocol.messages import JobProgress, JobState, Ok


class PaperRouter:
    """Takes messages, or is full, or knows nobody."""

    def __init__(self) -> None:
        self.answer = Sent.YES
        self.sent: list[Any] = []

    def send(self, address: bytes, frames: list[bytes]) -> Sent:
        if self.answer is Sent.YES:
            self.sent.append(decode_reply(frames)[0])
        return self.answer


@pytest.fixture
def router() -> PaperRouter:
    return PaperRouter()


@pytest.fixture
def peers(router: PaperRouter) -> Peers:
    limits = Limits(connections=4, connections_per_client=2)
    return Peers(router, Quotas(limits))  # type: ignore[arg-type]


def heard(peers: Peers, address: bytes = b"a", owner: str = "") -> Peer:
    return peers.hear(address, owner)


def test_what_waits_is_sent_in_order_once_the_peer_reads(router: PaperRouter, peers: Peers) -> None:
    router.answer = Sent.FULL
    for number in (1, 2):
        peers.send(heard(peers), Ok(re=number))
    assert peers.flush()
    router.answer = Sent.YES
    assert not peers.flush()
    assert [message.re for message in router.sent] == [1, 2]


def test_waiting_progress_is_replaced_by_newer(router: PaperRouter, peers: Peers) -> None:
    router.answer = Sent.FULL
    for step in range(9):
        peers.send(heard(peers), JobProgress(job="x", phase="p", step=step), topic="x")
    router.answer = Sent.YES
    peers.flush()
    assert [message.step for message in router.sent] == [8]


def test_a_peer_that_never_reads_is_forgotten(router: PaperRouter, peers: Peers) -> None:
    router.answer = Sent.FULL
    peer = heard(peers)
    for number in range(OUTBOX + 1):
        peers.send(peer, Ok(re=number))
    assert peers.at(b"a") is None


def test_a_peer_that_is_gone_is_forgotten(router: PaperRouter, peers: Peers) -> None:
    router.answer = Sent.GONE
    peers.send(heard(peers), Ok())
    assert peers.at(b"a") is None


def test_a_silent_peer_is_forgotten(peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    heard(peers)
    peers.forget_silent()
    assert peers.at(b"a")
    monkeypatch.setattr(peers_module, "SILENCE_SECONDS", -1.0)
    peers.forget_silent()
    assert peers.at(b"a") is None


def test_only_those_who_listen_are_told(router: PaperRouter, peers: Peers) -> None:
    heard(peers, b"a").watching.add("job")
    heard(peers, b"b")
    peers.tell("job", Ok(re=1))
    assert len(router.sent) == 1


def test_listening_ends_with_the_job(router: PaperRouter, peers: Peers) -> None:
    heard(peers, b"a").watching.add("job")
    for state in ("running", "done", "done"):
        peers.tell("job", JobState(job="job", state=state))  # type: ignore[arg-type]
    assert [message.state for message in router.sent] == ["running", "done"]
    assert not heard(peers, b"a").watching


def test_there_is_an_end_to_the_number_of_peers(peers: Peers) -> None:
    for address in (b"a", b"b", b"c", b"d"):
        heard(peers, address)
    with pytest.raises(Refusal) as refused:
        heard(peers, b"e")
    assert (refused.value.failure.code, refused.value.failure.limit) == (
        "QUOTA_EXCEEDED",
        "connections",
    )
    assert refused.value.failure.retry_after_ms
    assert heard(peers, b"a")


def test_one_paired_client_leaves_room_for_the_others(peers: Peers) -> None:
    for address in (b"a", b"b"):
        heard(peers, address, "far")
    with pytest.raises(Refusal) as refused:
        heard(peers, b"c", "far")
    assert refused.value.failure.limit == "connections_per_client"
    assert heard(peers, b"c")
    assert heard(peers, b"d", "further")
