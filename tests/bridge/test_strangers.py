"""Who speaks to the daemon without being its client. The engine is a fake."""

from typing import Any

import pytest
import zmq

from plugin_protocol.client import Client
from plugin_protocol.framing import decode_reply, encode
from plugin_protocol.messages import Bye, Error, Hello, Ping, Pong, Welcome


@pytest.fixture
def raw(daemon: Any) -> Any:
    """A socket that has not greeted, and a way to ask something with it."""
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.connect(daemon.find())

    def ask(frames: list[bytes]) -> Any:
        socket.send_multipart(frames)
        assert socket.poll(20_000), "no answer"
        return decode_reply(socket.recv_multipart())[0]

    ask.socket = socket  # type: ignore[attr-defined]
    yield ask
    context.destroy(linger=0)


def test_who_does_not_greet_gets_nothing(raw: Any) -> None:
    reply = raw(encode(Ping(i=7)))
    assert isinstance(reply, Error)
    assert (reply.re, reply.failure.code) == (7, "NOT_INITIALIZED")


def test_who_has_said_bye_must_greet_again(raw: Any) -> None:
    assert isinstance(raw(encode(Hello(i=1, client="x"))), Welcome)
    assert raw(encode(Bye(i=2))).re == 2
    assert raw(encode(Ping(i=3))).failure.code == "NOT_INITIALIZED"


def test_a_client_from_the_future_is_told_to_update_the_daemon(raw: Any) -> None:
    reply = raw(encode(Hello(i=1, client="x", min_minor=9, max_minor=9)))
    assert reply.failure.code == "UNSUPPORTED_VERSION"


@pytest.mark.parametrize(
    "frames",
    [[b""], [b"nonsense"], [b"nonsense", b""], [b"DITO\1\0\0\0", b"\xc1"], [b"x"] * 9],
)
def test_nonsense_is_answered_and_costs_only_its_sender(
    raw: Any, client: Client, frames: list[bytes]
) -> None:
    assert raw(frames).failure.code == "BAD_MESSAGE"
    assert isinstance(client.ping(), Pong)


def test_who_sends_nothing_but_nonsense_is_not_answered_for_ever(raw: Any) -> None:
    for _ in range(20):
        assert raw([b"nonsense"]).failure.code == "BAD_MESSAGE"
    raw.socket.send_multipart([b"nonsense"])
    assert raw(encode(Ping(i=7))).failure.code == "NOT_INITIALIZED"
