"""The clients as the front sees them: who has greeted, who listens to which job, what waits.

A routing id is only where answers go; it gives no rights.
"""

import time
from collections import deque
from dataclasses import dataclass, field

from bridge.quotas import Quotas
from bridge.sockets import Router, Sent
from plugin_protocol.framing import Buffer, encode
from plugin_protocol.messages import FromDaemon, JobState
from plugin_protocol.values import TERMINAL_STATES

SILENCE_SECONDS = 15.0
"""A client that says nothing for so long is forgotten; its jobs go on."""
OUTBOX = 256
BAD_MESSAGES = 20
"""Per peer and minute; who sends more is not listened to until it has been silent."""


@dataclass
class Outgoing:
    """A message that waits for its peer. A newer one with the same `topic` replaces it."""

    frames: list[Buffer]
    topic: str = ""


@dataclass
class Peer:
    """One connection."""

    address: bytes
    heard_at: float
    owner: str = ""
    """Whose limits count for it: a paired client; "" is the user whose daemon this is."""
    has_greeted: bool = False
    name: str = ""
    """What the client calls itself."""
    watching: set[str] = field(default_factory=set)
    """The jobs that it listens to, none of which is over."""
    outbox: deque[Outgoing] = field(default_factory=deque)
    bad_messages: deque[float] = field(default_factory=lambda: deque(maxlen=BAD_MESSAGES))

    @property
    def chunks_waiting(self) -> int:
        """Chunks that the peer has asked for and does not read."""
        return sum(len(outgoing.frames) == 3 for outgoing in self.outbox)

    def counts_as_flooding(self, now: float) -> bool:
        """Take note of a bad message; return whether it is one too many."""
        is_full = len(self.bad_messages) == BAD_MESSAGES
        is_flooding = is_full and now - self.bad_messages[0] < 60
        self.bad_messages.append(now)
        return is_flooding


class Peers:
    """All clients of the front's socket."""

    def __init__(self, router: Router, quotas: Quotas) -> None:
        self._router = router
        self._quotas = quotas
        self._peers: dict[bytes, Peer] = {}

    def __len__(self) -> int:
        return len(self._peers)

    def hear(self, address: bytes, owner: str = "") -> Peer:
        """Return who has just spoken. Raises Refusal if there are too many to know one more."""
        now = time.monotonic()
        peer = self._peers.get(address)
        if peer is None:
            own = sum(each.owner == owner for each in self._peers.values()) if owner else 0
            self._quotas.check_connections(own=own, everybody=len(self._peers))
            peer = self._peers[address] = Peer(address, now, owner)
        peer.heard_at = now
        return peer

    def turn_away(self, address: bytes, message: FromDaemon) -> None:
        """Send a message to somebody who is not known, if that is possible at once."""
        self._router.send(address, encode(message))

    def at(self, address: bytes) -> Peer | None:
        """Return the peer at that address, if it is still known."""
        return self._peers.get(address)

    def send(
        self, peer: Peer, message: FromDaemon, chunk: Buffer | None = None, *, topic: str = ""
    ) -> None:
        """Send now, or as soon as the peer reads. Forgets a peer that never does."""
        outgoing = Outgoing(encode(message, chunk), topic)
        for i, waiting in enumerate(peer.outbox):
            if topic and waiting.topic == topic:
                peer.outbox[i] = outgoing
                return
        peer.outbox.append(outgoing)
        self._flush(peer)
        if len(peer.outbox) > OUTBOX:
            self.forget(peer)

    def tell(self, job: str, message: FromDaemon, *, topic: str = "") -> None:
        """Send to everybody who listens to the job, which ends with the job."""
        is_last = isinstance(message, JobState) and message.state in TERMINAL_STATES
        for peer in list(self._peers.values()):
            if job in peer.watching:
                self.send(peer, message, topic=topic)
                if is_last:
                    peer.watching.discard(job)

    def tell_all(self, message: FromDaemon) -> None:
        """Send to everybody who has greeted."""
        for peer in list(self._peers.values()):
            if peer.has_greeted:
                self.send(peer, message)

    def is_heard(self, job: str) -> bool:
        """Return whether anybody listens to the job."""
        return any(job in peer.watching for peer in self._peers.values())

    def flush(self) -> bool:
        """Send what waits, as far as it goes; return whether anything still waits."""
        for peer in list(self._peers.values()):
            self._flush(peer)
        return any(peer.outbox for peer in self._peers.values())

    def forget_silent(self) -> None:
        """Forget who has not spoken for a while."""
        now = time.monotonic()
        for peer in list(self._peers.values()):
            if now - peer.heard_at > SILENCE_SECONDS:
                self.forget(peer)

    def _flush(self, peer: Peer) -> None:
        while peer.outbox:
            sent = self._router.send(peer.address, peer.outbox[0].frames)
            if sent is Sent.FULL:
                return
            if sent is Sent.GONE:
                self.forget(peer)
                return
            peer.outbox.popleft()

    def forget(self, peer: Peer) -> None:
        """Drop all that waits for the peer and all that is known of it."""
        peer.outbox.clear()
        self._peers.pop(peer.address, None)
