"""Which address to listen on: one that was named, never all of them."""

import ipaddress
from pathlib import Path

from bridge.errors import ListenError

LOOPBACK = "127.0.0.1:0"
"""This machine only, at a port of the system's choice."""
PORTS = range(1024, 65536)


def endpoint_of(address: str) -> str:
    """Return `ADDRESS:PORT` as an endpoint to bind; port 0: any. Raises ListenError."""
    host, _, port = address.rpartition(":")
    try:
        ip = ipaddress.IPv4Address(host)
        number = int(port)
    except ValueError:
        raise ListenError(
            f"{address!r} is no address to listen on. Write the IPv4 address of this machine and a "
            "port, such as 192.168.1.10:8471."
        ) from None
    if ip.is_unspecified or ip.is_multicast or ip == ipaddress.IPv4Address("255.255.255.255"):
        raise ListenError(
            f"{host} would open the daemon to every network that this machine is ever in. Name the "
            "one address to listen on, such as 192.168.1.10:8471."
        )
    if number not in PORTS and not (number == 0 and ip.is_loopback):
        raise ListenError(
            f"Port {number} cannot be used: choose one from {PORTS.start} to {PORTS.stop - 1}."
        )
    return f"tcp://{ip}:{number or '*'}"


def same_again(endpoint: str, last: Path) -> str:
    """Return the endpoint with the port that it had last, where any will do.

    So that bundles stay true; `last` is a file that holds the last endpoint.
    """
    if endpoint.endswith(":*") and last.exists():
        known = last.read_text().strip()
        if known.startswith(endpoint[:-1]):
            return known
    return endpoint
