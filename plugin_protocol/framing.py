"""Messages <-> frames: the only place where bytes from outside become values.

::

    frame 0   preamble   "DITO", major, minor, flags (bit 0: a chunk follows), 0     8 bytes
    frame 1   header     one MessagePack map, `t` names the message          <= 64 KiB
    frame 2   chunk      raw bytes, only and always beside blob.data         <= 256 KiB

Read in one order: count, preamble, sizes, MessagePack under limits, typed struct. No untyped value
leaves this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

import msgpack
import msgspec

from .messages import FromClient, FromDaemon
from .values import CHUNK_BYTES, HEADER_BYTES, PROTOCOL_MAJOR, PROTOCOL_MINOR

MAGIC = b"DITO"
HAS_CHUNK = 1

Buffer = bytes | bytearray | memoryview
Value = TypeVar("Value")

# Passed explicitly: by default msgpack lets a 5-byte header promise 2**32 items.
LIMITS = {
    "max_array_len": 4096,
    "max_map_len": 256,
    "max_str_len": HEADER_BYTES,
    "max_bin_len": HEADER_BYTES,
    "max_ext_len": 0,
}


class BadMessageError(ValueError):
    """A message that is not ours, not well formed, or outside its bounds.

    `code` is the wire's word for it; `answers` is the request number where it could be read.
    """

    def __init__(self, code: str, reason: str, *, answers: int = 0) -> None:
        super().__init__(reason)
        self.code = code
        self.answers = answers


def message_types(union: Any) -> dict[str, Any]:
    """Return {tag: struct} of a union of messages."""
    return {kind.__struct_config__.tag: kind for kind in get_args(union)}


CLIENT_TYPES = message_types(FromClient)
DAEMON_TYPES = message_types(FromDaemon)


# ---- values <-> MessagePack ------------------------------------------------------------------


def pack(value: msgspec.Struct) -> bytes:
    """Return `value` as MessagePack; equal values give equal bytes."""
    packed: bytes = msgpack.packb(msgspec.to_builtins(value, builtin_types=(bytes,)))
    return packed


def unpack(data: Buffer, kind: type[Value]) -> Value:
    """Return the `kind` in `data`, checked against every bound. Raises BadMessageError."""
    return _typed(_untyped(data), kind)


def unpack_message(data: Buffer, types: Mapping[str, Any]) -> Any:
    """Return the message in `data`, one of `types` by its tag. Raises BadMessageError."""
    fields = _untyped(data)
    if not isinstance(fields, dict):
        raise BadMessageError("BAD_MESSAGE", "The header is not a map.")
    tag = fields.get("t")
    if not isinstance(tag, str) or tag not in types:
        raise BadMessageError(
            "UNKNOWN_TYPE",
            f"There is no message type {str(tag)[:40]!r} in protocol {PROTOCOL_MAJOR}.",
            answers=_request_number(fields),
        )
    return _typed(fields, types[tag])


def _untyped(data: Buffer) -> Any:
    if len(data) > HEADER_BYTES:
        raise BadMessageError(
            "TOO_LARGE", f"The header has {len(data)} bytes; {HEADER_BYTES} is the limit."
        )
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=True, **LIMITS)
    except ValueError as error:
        reason = str(error)[:100] or type(error).__name__
        raise BadMessageError(
            "BAD_MESSAGE", f"The header is not MessagePack within the limits: {reason}."
        ) from error


def _typed(fields: Any, kind: type[Value]) -> Value:
    try:
        # builtin_types: digests are bin; without it msgspec would read base64 text.
        return msgspec.convert(fields, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        reason = str(error)[:200]
        is_task = "`$.task" in reason
        raise BadMessageError(
            "INVALID_SPEC" if is_task else "BAD_MESSAGE",
            f"{reason}.",
            answers=_request_number(fields),
        ) from error


def _request_number(fields: Any) -> int:
    number = fields.get("i", 0) if isinstance(fields, dict) else 0
    return number if type(number) is int and 0 <= number < 2**63 else 0


# ---- messages <-> frames ---------------------------------------------------------------------


def encode(message: FromClient | FromDaemon, chunk: Buffer | None = None) -> list[Buffer]:
    """Return the frames of a message, `chunk` uncopied."""
    flags = 0 if chunk is None else HAS_CHUNK
    preamble = MAGIC + bytes((PROTOCOL_MAJOR, PROTOCOL_MINOR, flags, 0))
    frames: list[Buffer] = [preamble, pack(message)]
    return frames if chunk is None else [*frames, chunk]


def decode_request(frames: Sequence[Buffer]) -> tuple[FromClient, Buffer | None]:
    """Return what a client sent and its chunk. Raises BadMessageError."""
    return _decode(frames, CLIENT_TYPES)


def decode_reply(frames: Sequence[Buffer]) -> tuple[FromDaemon, Buffer | None]:
    """Return what the daemon sent and its chunk. Raises BadMessageError."""
    return _decode(frames, DAEMON_TYPES)


def _decode(frames: Sequence[Buffer], types: Mapping[str, Any]) -> tuple[Any, Buffer | None]:
    if not 2 <= len(frames) <= 3:
        raise BadMessageError("BAD_MESSAGE", f"A message has 2 or 3 frames; got {len(frames)}.")
    has_chunk = _read_preamble(bytes(frames[0]))
    if has_chunk != (len(frames) == 3):
        raise BadMessageError("BAD_MESSAGE", "The chunk flag and the number of frames disagree.")
    chunk = frames[2] if has_chunk else None
    if chunk is not None and len(chunk) > CHUNK_BYTES:
        raise BadMessageError(
            "TOO_LARGE", f"The chunk has {len(chunk)} bytes; {CHUNK_BYTES} is the limit."
        )
    message = unpack_message(frames[1], types)
    if (message.__struct_config__.tag == "blob.data") != has_chunk:
        raise BadMessageError(
            "BAD_MESSAGE", "A chunk comes with blob.data and nothing else.", answers=message.i
        )
    return message, chunk


def _read_preamble(preamble: bytes) -> bool:
    """Return whether a chunk follows."""
    if len(preamble) != 8 or preamble[:4] != MAGIC:
        raise BadMessageError("BAD_MESSAGE", "The first frame is not a DITO preamble.")
    if preamble[4] != PROTOCOL_MAJOR:
        raise BadMessageError(
            "UNSUPPORTED_VERSION",
            f"This side speaks protocol {PROTOCOL_MAJOR}.{PROTOCOL_MINOR}; "
            f"got {preamble[4]}.{preamble[5]}. Update the older of the two.",
        )
    return bool(preamble[6] & HAS_CHUNK)
