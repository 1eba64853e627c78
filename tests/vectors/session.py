"""Cases about versions, sessions and the daemon itself."""

from collections.abc import Iterator

from wire import ABSENT, Case, accepted, changed, job_id, malformed, packed, preamble, refused

HELLO = {"t": "hello", "i": 1, "client": "vectors/1"}
PING = {"t": "ping", "i": 7}
LARGEST = 2**63 - 1


def cases() -> Iterator[Case]:
    yield from of_versions()
    yield from of_hello()
    yield from of_numbers()
    yield accepted("bye", {"t": "bye", "i": 3}, "ok")
    yield refused("bye with a reason", {"t": "bye", "i": 3, "reason": "late"}, re=3)
    yield accepted("metrics.get", {"t": "metrics.get", "i": 2}, "metrics")
    for name in ("Embedded", "../embedded", "embedded\n", "", "x" * 65):
        yield refused(f"model.load of {name!r}", {"t": "model.load", "i": 2, "model": name}, re=2)
    unknown = {"t": "model.load", "i": 2, "model": "no-such-model"}
    yield accepted("model.load", unknown, "UNKNOWN_MODEL")
    yield accepted("daemon.stop", {"t": "daemon.stop", "i": 2}, "ok")


def of_versions() -> Iterator[Case]:
    for minor in (0, 1, 3, 255):
        yield accepted(f"minor {minor} of a preamble", PING, "pong", first=preamble(minor=minor))
    yield accepted("reserved flags are skipped", PING, "pong", first=preamble(flags=0b10101010))
    yield accepted("the preamble's last byte is skipped", PING, "pong", first=preamble(end=255))
    for major in (0, 2, 255):
        frames = [preamble(major=major), packed(PING)]
        yield malformed(f"major {major}", frames, "UNSUPPORTED_VERSION")
    yield malformed(
        "another major with something else behind it",
        [preamble(major=2), b"whatever"],
        "UNSUPPORTED_VERSION",
    )


def of_hello() -> Iterator[Case]:
    yield accepted("hello", HELLO, "welcome")
    for name, text in {
        "no name": "",
        "a name of 200 characters": "x" * 200,
        "a name of 200 characters of three bytes": "♫" * 200,
    }.items():
        yield accepted(f"hello with {name}", {**HELLO, "client": text}, "welcome")
    for name, text in {"201 characters": "x" * 201, "a number": 5, "nil": None}.items():
        yield refused(f"hello with a name of {name}", {**HELLO, "client": text}, re=1)
    yield refused("hello without a name", changed(HELLO, "client", ABSENT), re=1)
    yield accepted("hello of minor 2 only", {**HELLO, "min_minor": 2, "max_minor": 2}, "welcome")
    yield accepted("hello of minor 0 only", {**HELLO, "min_minor": 0, "max_minor": 0}, "welcome")
    yield accepted(
        "hello of a later minor only",
        {**HELLO, "min_minor": 3, "max_minor": 4},
        "UNSUPPORTED_VERSION",
    )
    yield accepted("hello up to a later minor", {**HELLO, "max_minor": 2**31 - 1}, "welcome")
    yield refused("hello with a huge minor", {**HELLO, "max_minor": 2**31}, re=1)
    yield refused("hello with a negative minor", {**HELLO, "min_minor": -1}, re=1)
    resume = [job_id(0xFFFF_0000 + number) for number in range(257)]
    yield accepted("hello that resumes a job", {**HELLO, "resume": resume[:1]}, "welcome")
    yield accepted("hello that resumes 256 jobs", {**HELLO, "resume": resume[:256]}, "welcome")
    yield refused("hello that resumes 257 jobs", {**HELLO, "resume": resume}, re=1)
    yield refused("hello that resumes nonsense", {**HELLO, "resume": ["nonsense"]}, re=1)
    yield refused("hello that resumes a map", {**HELLO, "resume": {}}, re=1)
    yield refused("hello with a field nobody knows", {**HELLO, "colour": "red"}, re=1)


def of_numbers() -> Iterator[Case]:
    yield accepted("ping", PING, "pong")
    yield accepted("ping without a number", {"t": "ping"}, "pong")
    yield accepted("the largest number", {"t": "ping", "i": LARGEST}, "pong")
    yield accepted("a request that answers something", {"t": "ping", "i": 7, "re": 9}, "pong")
    for name, number in {
        "negative": -1,
        "2^63": 2**63,
        "2^64 - 1": 2**64 - 1,
        "real": 7.0,
        "text": "7",
        "boolean": True,
        "nil": None,
        "list": [7],
    }.items():
        yield refused(f"a number that is {name}", {"t": "ping", "i": number})
    yield refused("an answered number that is negative", {"t": "ping", "i": 7, "re": -1}, re=7)
    yield refused("ping with a field nobody knows", {**PING, "volume": 11}, re=7)
