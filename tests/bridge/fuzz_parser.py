"""The parser under libFuzzer, for as long as one likes: by hand, after `pip install atheris`.

    python tests/bridge/fuzz_parser.py CORPUS -max_total_time=3600

CORPUS is a folder for what it finds worth keeping, begun with a message of every kind; the options
are libFuzzer's. MessagePack's reader in C cannot be watched, so its twin in Python reads along and
shows the way.
"""

import sys
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["plugin_protocol", "msgpack"]):
    from msgpack import fallback
    from test_parser_fuzz import check

    from plugin_protocol.framing import LIMITS, encode
    from plugin_protocol.messages import Bye

from bridge.benchmarks.mutations import examples

ANY_FRAMES, WITH_CHUNK, HEADER_ALONE = b"\0", b"\1", b"\2"
"""What the first byte says of the rest."""
BETWEEN_FRAMES = b"\xc1\xc1"
"""Begins nothing in MessagePack."""
PREAMBLE, PREAMBLE_OF_CHUNK = (bytes(encode(Bye(), chunk)[0]) for chunk in (None, b""))


def frames_of(data: bytes) -> list[bytes]:
    kind, rest = data[:1], data[1:]
    if kind == ANY_FRAMES:
        return rest.split(BETWEEN_FRAMES)
    return [PREAMBLE_OF_CHUNK, rest, rest[-40:]] if kind == WITH_CHUNK else [PREAMBLE, rest]


def read(data: bytes) -> None:
    with suppress(Exception):
        fallback.unpackb(data[1:], raw=False, strict_map_key=True, **LIMITS)
    check(frames_of(data))


def begin(corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for i, (message, chunk) in enumerate(examples()):
        header = bytes(encode(message, chunk)[1])
        kind = HEADER_ALONE if chunk is None else WITH_CHUNK
        (corpus / f"example-{i}").write_bytes(kind + header)


if __name__ == "__main__":
    begin(Path(sys.argv[1]))
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
