"""What a client may do: the user whose daemon it is everything, a paired client its own jobs."""

from bridge.peers import Peer
from bridge.refusals import Refusal

OWNER_RIGHTS = ("jobs", "all", "admin")
PAIRED_RIGHTS = ("jobs",)


def rights_of(peer: Peer) -> tuple[str, ...]:
    """Return the rights, as `welcome` says them."""
    return PAIRED_RIGHTS if peer.owner else OWNER_RIGHTS


def may_see(peer: Peer, owner: str | None) -> bool:
    """Return whether a job of `owner` (None: of nobody yet) is the peer's business."""
    return owner is None or owner == peer.owner or "all" in rights_of(peer)


def require(peer: Peer, right: str) -> None:
    """Raise Refusal FORBIDDEN unless the peer has the right."""
    if right not in rights_of(peer):
        raise Refusal(
            "FORBIDDEN",
            "Only the user whose daemon this is may do that.",
            "Ask on the machine where it runs.",
        )
