"""Cases of bytes that are no message: garbage, bombs, and what MessagePack allows and we do not."""

from collections.abc import Iterator

from wire import SHA, Case, accepted, malformed, packed, preamble, refused, times

HEADER = 64 * 1024
PING = {"t": "ping", "i": 7}
P = preamble()
TYPED = b"\xa1t\xa4ping"
"""The type of a ping, as it is in a map."""


def cases() -> Iterator[Case]:
    yield from of_frames()
    yield from of_headers()
    yield from of_bombs()
    yield from of_spellings()
    yield from of_types()


def of_frames() -> Iterator[Case]:
    ping = packed(PING)
    yield malformed("an empty frame", [b""])
    yield malformed("a preamble alone", [P])
    yield malformed("four frames", [preamble(flags=1), ping, b"audio", b"more"])
    yield malformed("two hundred empty frames", [b""] * 200)
    yield malformed("a preamble of 7 bytes", [P[:7], ping])
    yield malformed("a preamble of 9 bytes", [P + b"\0", ping])
    yield malformed("an empty preamble", [b"", ping])
    yield malformed("another magic", [b"DITX" + P[4:], ping])
    yield malformed("a magic in lower case", [b"dito" + P[4:], ping])
    yield malformed("header and preamble exchanged", [ping, P])
    yield malformed("a line of HTTP", [b"POST / HTTP/1.1\r\n", b"Host: localhost\r\n"])


def of_headers() -> Iterator[Case]:
    yield malformed("an empty header", [P, b""])
    for name, value in {
        "a list": [],
        "a text": "ping",
        "nil": None,
        "a number": 7,
        "a boolean": True,
        "a digest": SHA,
    }.items():
        yield refused(f"a header that is {name}", value)
    yield malformed("JSON", [P, b'{"t": "ping"}'])
    yield malformed("the byte that MessagePack never uses", [P, b"\xc1"])
    yield malformed("bytes behind the header", [P, packed(PING) + b"\0"])
    yield malformed("a header that is cut short", [P, packed(PING)[:-1]])
    yield malformed("two headers", [P, packed(PING) * 2])
    yield malformed("a key that is a number", [P, b"\x82" + TYPED + b"\x01\x02"])
    yield malformed("a key that is nil", [P, b"\x82" + TYPED + b"\xc0\x02"])
    yield malformed("a key that is binary", [P, b"\x82" + TYPED + b"\xc4\x01i\x07"])
    yield malformed("a key that is a list", [P, b"\x82" + TYPED + b"\x90\x07"])
    yield malformed("a timestamp", [P, b"\x82" + TYPED + b"\xa1i\xd6\xff\0\0\0\0"])
    yield malformed("an extension of no bytes", [P, b"\x82" + TYPED + b"\xa1i\xc7\0\x05"])
    yield malformed("an extension of one byte", [P, b"\x82" + TYPED + b"\xa1i\xd4\x05\0"])
    for name, text in {
        "a byte that UTF-8 never uses": b"\xff",
        "half a character": b"\xe2\x99",
        "a surrogate": b"\xed\xa0\x80",
        "an overlong slash": b"\xc0\xaf",
    }.items():
        head = b"\x82\xa1t\xa5hello\xa6client" + bytes((0xA0 + len(text),))
        yield malformed(f"text with {name}", [P, head + text])


def of_bombs() -> Iterator[Case]:
    yield malformed("60,000 lists in one another", [P, times(b"\x91", 60_000)])
    yield malformed("20,000 maps in one another", [P, times(b"\x81\xa1x", 20_000)])
    for name, head in {
        "list": b"\xdd\x7f\xff\xff\xff",
        "map": b"\xdf\x7f\xff\xff\xff",
        "binary": b"\xc6\xff\xff\xff\xff",
        "text": b"\xdb\xff\xff\xff\xff",
        "extension": b"\xc9\xff\xff\xff\xff\x01",
    }.items():
        yield malformed(f"a {name} that promises billions", [P, head])
        yield malformed(
            f"a {name} that promises billions in a field", [P, b"\x82" + TYPED + b"\xa1i" + head]
        )
    nothing = [b"\x82" + TYPED + b"\xa1i\xdc\x10\x01", times(b"\xc0", 4097)]
    yield malformed("a list of 4097 items", [P, nothing])
    keys = b"".join(b"\xa3" + b"%03d" % number + b"\xc0" for number in range(257))
    yield malformed("a map of 257 items", [P, b"\xde\x01\x01" + keys])
    yield malformed("a header that is too long", [P, times(b"\0", HEADER + 1)], "TOO_LARGE")
    data = {"t": "blob.data", "i": 4, "sha": SHA, "offset": 0}
    room = HEADER - len(packed({**data, "x": b""})) - 2
    longest = [b"\x85" + packed(data)[1:] + b"\xa1x\xc5" + room.to_bytes(2), times(b"\0", room)]
    yield accepted("the longest header", data, "BAD_OFFSET", raw=longest, chunk=(b"audio", 5))


def of_spellings() -> Iterator[Case]:
    """MessagePack has several ways to write a value; a reader knows them all."""
    for name, number in {
        "one byte": b"\xcc\x07",
        "two bytes": b"\xcd\0\x07",
        "four bytes": b"\xce\0\0\0\x07",
        "eight bytes": b"\xcf\0\0\0\0\0\0\0\x07",
        "one byte with a sign": b"\xd0\x07",
        "eight bytes with a sign": b"\xd3\0\0\0\0\0\0\0\x07",
    }.items():
        raw = b"\x82" + TYPED + b"\xa1i" + number
        yield accepted(f"a number in {name}", PING, "pong", raw=raw)
    yield accepted("a text with a long head", PING, "pong", raw=b"\x82\xa1t\xd9\x04ping\xa1i\x07")
    yield accepted(
        "a text with a longer head", PING, "pong", raw=b"\x82\xa1t\xdb\0\0\0\x04ping\xa1i\x07"
    )
    yield accepted("a map with a long head", PING, "pong", raw=b"\xde\0\x02" + TYPED + b"\xa1i\x07")
    yield accepted("keys in another order", PING, "pong", raw=b"\x82\xa1i\x07" + TYPED)
    yield accepted(
        "of equal keys the last counts", PING, "pong", raw=b"\x83\xa1i\x01" + TYPED + b"\xa1i\x07"
    )


def of_types() -> Iterator[Case]:
    yield refused("no type", {"i": 7}, "UNKNOWN_TYPE", re=7)
    yield refused("an empty map", {}, "UNKNOWN_TYPE")
    yield refused("an unknown type", {"t": "job.sing", "i": 7}, "UNKNOWN_TYPE", re=7)
    yield refused("a type in upper case", {"t": "PING", "i": 7}, "UNKNOWN_TYPE", re=7)
    yield refused("a type that is a number", {"t": 1, "i": 7}, "UNKNOWN_TYPE", re=7)
    yield refused("a type that is nil", {"t": None, "i": 7}, "UNKNOWN_TYPE", re=7)
    for tag in ("welcome", "pong", "job.state", "ok", "error"):
        yield refused(f"{tag} from a client", {"t": tag, "i": 7}, "UNKNOWN_TYPE", re=7)
