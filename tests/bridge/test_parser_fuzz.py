"""The parser, fed with anything: a checked message or a BadMessageError, and nothing else."""

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.benchmarks.mutations import Mutations
from plugin_protocol.framing import (
    CLIENT_TYPES,
    HAS_CHUNK,
    MAGIC,
    BadMessageError,
    decode_reply,
    decode_request,
    encode,
)
from plugin_protocol.values import PROTOCOL_MAJOR, PROTOCOL_MINOR

CODES = {"BAD_MESSAGE", "UNKNOWN_TYPE", "UNSUPPORTED_VERSION", "TOO_LARGE", "INVALID_SPEC"}

preambles = st.builds(
    lambda flags: MAGIC + bytes([PROTOCOL_MAJOR, PROTOCOL_MINOR, flags, 0]),
    st.sampled_from([0, HAS_CHUNK]),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text()
    | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)  # fmt: skip
fields = st.sampled_from(["i", "re", "job", "task", "sha", "size", "offset", "client", "limit"])
headers = st.builds(
    lambda tag, rest: msgpack.packb({**rest, "t": tag}),
    st.sampled_from(sorted(CLIENT_TYPES)) | st.text(),
    st.dictionaries(fields, values, max_size=5),
)
messages = st.lists(st.binary(max_size=300), max_size=5) | st.tuples(
    st.binary(max_size=9) | preambles, st.binary(max_size=300) | headers
).map(list)


def check(frames: list[bytes]) -> None:
    for decode in (decode_request, decode_reply):
        try:
            message, chunk = decode(frames)
        except BadMessageError as error:
            refused = error
        else:
            # What was accepted can be said again, and means the same.
            assert decode(encode(message, chunk)) == (message, chunk)
            continue
        assert refused.code in CODES
        assert 0 <= refused.answers < 2**63


@settings(max_examples=500, deadline=None)
@given(messages)
def test_anything_is_a_message_or_a_bad_message(frames: list[bytes]) -> None:
    check(frames)


def test_what_is_nearly_right_is_a_message_or_a_bad_message() -> None:
    mutations = Mutations(seed=3)
    for _ in range(2000):
        check(mutations.next())
