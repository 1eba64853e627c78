"""What speaks to a socket without being a client, as bytes."""

import random
from dataclasses import dataclass

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
"""ZMTP 3.0, mechanism NULL."""
READY = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
MORE = 1
POST = (
    b"POST /%s HTTP/1.1\r\nHost: 127.0.0.1:39555\r\nConnection: keep-alive\r\n"
    b"Content-Length: %d\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
    b"Content-Type: text/plain\r\nAccept: */*\r\nOrigin: http://evil.example\r\n"
    b"Referer: http://evil.example/%s\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
)
PATH_BYTES = 110


@dataclass(frozen=True)
class Garbage:
    """What no client would send: at first, and once the daemon has said READY."""

    first: bytes
    then: bytes = b""


def garbage(chance: random.Random) -> Garbage:
    """Return one kind of it."""
    return chance.choice(
        [
            Garbage(chance.randbytes(chance.randint(1, 4096))),
            Garbage(GREETING[: chance.randint(1, len(GREETING))]),
            Garbage(GREETING + chance.randbytes(200)),
            Garbage(GREETING + READY + chance.randbytes(200)),
            Garbage(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            Garbage(zmtp_1([b"", b"DITO\1\0\0\0", chance.randbytes(20)])),
            Garbage(GREETING + READY, chance.randbytes(200)),
            Garbage(GREETING + READY, b"\x02" + b"\xff" * 8),  # a frame of 2**64 - 1 bytes
            Garbage(GREETING + READY, zmtp_3(chance.randbytes(200), more=chance.random() < 0.5)),
        ]
    )


def zmtp_1(frames: list[bytes]) -> bytes:
    """Return frames (at most 253 bytes each) as ZMTP 1.0 has them: a length, flags, the rest."""
    heads = [bytes([len(frame) + 1, MORE]) for frame in frames[:-1]]
    last = bytes([len(frames[-1]) + 1, 0])
    return b"".join(head + frame for head, frame in zip([*heads, last], frames, strict=True))


def zmtp_3(frame: bytes, *, more: bool) -> bytes:
    """Return a frame as ZMTP 3 has it."""
    return bytes([2 + more]) + len(frame).to_bytes(8, "big") + frame


def browser_post(body: bytes) -> bytes:
    """Return a POST that a web page may send, which a ZMTP 1.0 reader takes for messages.

    The page chooses a byte of the path and the length of its own address, so that the header's end
    falls together with the end of a frame that announces no more; then comes the body.
    """
    for byte in range(0x21, 0x7F):
        for length in range(400):
            path = bytearray(b"a" * PATH_BYTES)
            path[ord("P") + 1 - len("POST /")] = byte
            head = POST % (bytes(path), len(body), b"r" * length)
            if byte not in b"#?%" and _ends_a_message(head):
                return head + body
    raise AssertionError("no such request was found")


def _ends_a_message(head: bytes) -> bool:
    at = last = 0
    while at < len(head) and head[at] not in (0, 0xFF):
        last, at = at, at + 1 + head[at]
    return at == len(head) and last + 1 < at and not head[last + 1] & MORE
