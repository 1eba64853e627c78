"""Who may connect: the answer to libzmq, which asks before it lets a peer in.

Source: ZeroMQ RFC 27 (ZAP). A request is version, number, domain, address, identity, mechanism and
credentials; a reply is version, number, status, reason, user and metadata.
"""

from collections.abc import Callable, Sequence

ENDPOINT = "inproc://zeromq.zap.01"
LOCAL, NETWORK = b"ditto", b"ditto-network"
"""The domains of our sockets: the one in the private folder, and the one that a network reaches."""

NameOfKey = Callable[[bytes], str | None]
"""A client's public key (32 bytes) -> the name it was paired under, None: not or no longer."""


def verdict(request: Sequence[bytes], name_of_key: NameOfKey) -> list[bytes]:
    """Return the reply: on the network only paired keys, and under the names of their pairing.

    On the local socket everybody who can reach it: its folder is what keeps others away.
    """
    version, number, domain, _address, _identity, mechanism, *credentials = request
    name: str | None = None
    if (domain, mechanism) == (LOCAL, b"NULL"):
        name = ""
    elif (domain, mechanism) == (NETWORK, b"CURVE") and len(credentials) == 1:
        name = name_of_key(credentials[0])
    if name is None:
        return [version, number, b"400", b"not paired", b"", b""]
    return [version, number, b"200", b"", name.encode(), b""]
