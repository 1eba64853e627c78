"""Whose program a packet came from.

UDP says no user, and any user of a machine may send to its loopback. Linux, though, lists every
socket with its owner: who sends must own the socket that the packet came from.
"""

import ipaddress
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
ROOT = 0
_ADDRESS, _OWNER = 1, 7
"""Columns of the tables."""


def can_tell() -> bool:
    """Return whether this system knows the owners of sockets."""
    return sys.platform == "linux" and TABLES[0].exists()


def is_ours(host: str, port: int) -> bool:
    """Return whether the socket with this address is of this user, or of root; only if `can_tell`.

    False where it is closed by now: whose it was cannot be known.
    """
    owners = set(_owners(host, port))
    return bool(owners) and owners <= {os.getuid(), ROOT}


def _owners(host: str, port: int) -> Iterator[int]:
    wanted = {ipaddress.ip_address(host), ipaddress.IPv4Address(0)}
    for table in TABLES:
        if table.exists():
            for address, number, owner in _sockets(table.read_text().splitlines()[1:]):
                if number == port and address in wanted:
                    yield owner


def _sockets(lines: Iterable[str]) -> Iterator[tuple[ipaddress.IPv4Address, int, int]]:
    """Yield address, port and owner; IPv6 sockets by the IPv4 address they stand for, if any."""
    for line in lines:
        columns = line.split()
        digits, _, port = columns[_ADDRESS].partition(":")
        # Words of 32 bits, each in the machine's own order; the last is the IPv4 part.
        words = [
            int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder)
            for at in range(0, len(digits), 8)
        ]
        if any(word != bytes(4) for word in words[:-2]):
            continue
        yield ipaddress.IPv4Address(words[-1]), int(port, 16), int(columns[_OWNER])
