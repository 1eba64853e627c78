"""Bytes <-> OSC messages whose arguments are words, as on a command line.

Source: Open Sound Control 1.0 specification. python-osc reads the messages; bundles are taken apart
here, because a size below zero sends its own reader into an endless loop. Time tags are ignored.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

PACKET_BYTES = 16_384
"""More than any request needs: long curves and tunes are files."""
MESSAGES = 64
"""In one bundle."""

_BUNDLE = b"#bundle\0"
_HEAD_BYTES = 16
_LARGEST_INT = 2**31 - 1
_FLOAT_DIGITS = 9
"""Decimal digits that tell any two 32-bit floats apart."""


@dataclass(frozen=True)
class Message:
    """One message. Numbers are words, too: the shortest decimals that mean them."""

    address: str
    words: tuple[str, ...] = ()


def read(packet: bytes) -> list[Message]:
    """Return the messages of a packet; what is none is left out, and nothing is raised."""
    found = (_message(element) for element in _elements(packet))
    return [message for message in found if message is not None]


def write(address: str, *values: str | int | float) -> bytes:
    """Return a packet. Whole numbers beyond 32 bits travel as text: few hosts read wider ones."""
    builder = OscMessageBuilder(address)
    for value in values:
        if isinstance(value, float):
            builder.add_arg(value, "f")
        elif isinstance(value, int) and abs(value) <= _LARGEST_INT:
            builder.add_arg(value, "i")
        else:
            builder.add_arg(str(value).replace("\0", ""), "s")
    return builder.build().dgram


def _elements(packet: bytes) -> Iterator[bytes]:
    if len(packet) > PACKET_BYTES:
        return
    if not packet.startswith(_BUNDLE):
        yield packet
        return
    at = _HEAD_BYTES
    for _ in range(MESSAGES):
        if at + 4 > len(packet):
            return
        (size,) = struct.unpack_from(">I", packet, at)
        yield packet[at + 4 : at + 4 + size]
        at += 4 + size


def _message(data: bytes) -> Message | None:
    if not data.startswith(b"/"):
        return None
    try:
        message = OscMessage(data)
        return Message(message.address, tuple(_word(value) for value in message))
    except (ParseError, ValueError, struct.error):
        return None


def _word(value: Any) -> str:
    """Return an argument as text. Raises ValueError for what is neither text nor number."""
    match value:
        case str():
            return value
        case bool():
            return str(int(value))
        case int():
            return str(value)
        case float():
            return _decimal(value)
    raise ValueError(f"{type(value).__name__} is neither text nor number")


def _decimal(number: float) -> str:
    """Return the shortest decimal that is this number to a host that has 32 bits for it.

    So 5.3 stays 5.3, which as 64 bits would be 5.300000190734863, past the end of a clip.
    """
    if not math.isfinite(number):
        return str(number)
    text = next(
        (
            t
            for digits in range(1, _FLOAT_DIGITS + 1)
            if _as_single(t := f"{number:.{digits}g}") == number
        ),
        repr(number),
    )
    return format(Decimal(text).normalize(), "f")


def _as_single(text: str) -> float | None:
    try:
        return float(struct.unpack(">f", struct.pack(">f", float(text)))[0])
    except OverflowError:
        return None
