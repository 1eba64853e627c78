"""Cases about audio on its way."""

from collections.abc import Iterator

from wire import ABSENT, SHA, Case, accepted, changed, malformed, packed, preamble, refused, times

CHUNK = 256 * 1024
LARGEST = 2**29
PUT = {"t": "blob.put", "i": 2, "sha": SHA, "size": 5}
GET = {"t": "blob.get", "i": 3, "sha": SHA}
DATA = {"t": "blob.data", "i": 4, "sha": SHA[::-1], "offset": 0}
WITH_CHUNK = preamble(flags=1)


def cases() -> Iterator[Case]:
    yield from of_digests()
    yield from of_put()
    yield from of_get()
    yield from of_data()
    yield accepted("blob.drop", {"t": "blob.drop", "i": 5, "sha": SHA}, "ok")


def of_digests() -> Iterator[Case]:
    for name, sha in {
        "31 bytes": SHA[:31],
        "33 bytes": SHA + b"!",
        "no bytes": b"",
        "text": "A" * 32,
        "hex": SHA.hex(),
        "nil": None,
        "a list": list(SHA),
    }.items():
        yield refused(f"a digest of {name}", {**PUT, "sha": sha}, re=2)
    for header in (PUT, GET):
        yield refused(
            f"{header['t']} without a digest", changed(header, "sha", ABSENT), re=header["i"]
        )


def of_put() -> Iterator[Case]:
    for size in (1, 5, LARGEST):
        yield accepted(f"blob.put of {size} bytes", {**PUT, "size": size}, "blob.ready")
    for size in (0, -1, LARGEST + 1, 2**63, 5.0, "5", True):
        yield refused(f"blob.put of {size!r} bytes", {**PUT, "size": size}, re=2)
    yield refused("blob.put without a size", changed(PUT, "size", ABSENT), re=2)


def of_get() -> Iterator[Case]:
    yield accepted("blob.get", GET, "GONE")
    for offset in (0, CHUNK, LARGEST):
        yield accepted(f"blob.get from {offset}", {**GET, "offset": offset}, "GONE")
    for offset in (-1, LARGEST + 1, 0.5):
        yield refused(f"blob.get from {offset}", {**GET, "offset": offset}, re=3)
    for credit in (1, 16):
        yield accepted(f"blob.get with credit {credit}", {**GET, "credit": credit}, "GONE")
    for credit in (0, 17, -1):
        yield refused(f"blob.get with credit {credit}", {**GET, "credit": credit}, re=3)


def of_data() -> Iterator[Case]:
    """Nobody has offered the blob, so that each chunk is refused once it has been understood."""
    yield accepted("a chunk", DATA, "BAD_OFFSET", chunk=(b"audio", 5))
    yield accepted("the last chunk", {**DATA, "last": True}, "BAD_OFFSET", chunk=(b"audio", 5))
    yield accepted("an empty chunk", DATA, "BAD_OFFSET", chunk=(b"", 0))
    yield accepted("the largest chunk", DATA, "BAD_OFFSET", chunk=(times(b"\0", CHUNK), CHUNK))
    yield accepted(
        "a chunk with a field nobody knows",
        {**DATA, "codec": "flac"},
        "BAD_OFFSET",
        chunk=(b"audio", 5),
        message=DATA,
    )
    too_long = [WITH_CHUNK, packed(DATA), times(b"\0", CHUNK + 1)]
    yield malformed("a chunk that is too long", too_long, "TOO_LARGE")
    yield malformed("blob.data without a chunk", [preamble(), packed(DATA)], re=4)
    yield malformed("a chunk that no flag announces", [preamble(), packed(DATA), b"audio"])
    yield malformed("a flag that no chunk follows", [WITH_CHUNK, packed(DATA)])
    ping = packed({"t": "ping", "i": 7})
    yield malformed("ping with a chunk", [WITH_CHUNK, ping, b"audio"], re=7)
    yield malformed("ping with an empty chunk", [WITH_CHUNK, ping, b""], re=7)
    submit = packed({"t": "blob.put", "i": 2, "sha": SHA, "size": 5})
    yield malformed("blob.put with a chunk", [WITH_CHUNK, submit, b"audio"], re=2)
    for offset in (-1, LARGEST + 1):
        header = packed({**DATA, "offset": offset})
        yield malformed(f"a chunk for {offset}", [WITH_CHUNK, header, b"audio"], re=4)
