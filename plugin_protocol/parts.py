"""What all values are made of: bounded numbers and texts, audio in blobs, stretches of time.

Every number is bounded and NaN is outside every bound.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

PROTOCOL_MAJOR = 1
PROTOCOL_MINOR = 2

CHUNK_BYTES = 256 * 1024
"""Largest binary frame beside a header."""
WINDOW_CHUNKS = 16
"""Chunks in flight per client and direction."""
CREDIT_BYTES = 4 * CHUNK_BYTES
"""How often an uploading client hears how much has arrived."""
HEADER_BYTES = 64 * 1024
ENVELOPE_BYTES = 512
"""Of a header, kept free for the message around a task or a result."""
BLOB_BYTES = 512 * 2**20

# `$` alone would let a line feed pass at the end.
END = r"$(?!\n)"
RequestNumber = Annotated[int, Meta(ge=0, le=2**63 - 1)]
JobId = Annotated[
    str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}" + END)
]
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
ModelName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]{0,63}" + END)]
ShortText = Annotated[str, Meta(max_length=200)]
Prompt = Annotated[str, Meta(max_length=2000)]
Offset = Annotated[int, Meta(ge=0, le=BLOB_BYTES)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Finite = Annotated[float, Meta(ge=-1e12, le=1e12)]
Seed = Annotated[int, Meta(ge=0, le=2**53)]

SampleFormat = Literal["f32le", "f64le"]
Priority = Literal["interactive", "normal", "batch"]
Retention = Literal["ack", "24h", "7d"]
"""How long after its receipt a result is kept."""
TagName = Annotated[str, Meta(min_length=1, max_length=40)]
Tags = Annotated[dict[TagName, ShortText], Meta(max_length=16)]
"""The client's own notes about a job; the daemon only gives them back."""


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the values inside requests."""


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the values that only the daemon sends; fields from the future are skipped."""


class AudioRef(Part, frozen=True, kw_only=True):
    """Audio in a blob: planar (all of channel 0, then channel 1), little endian, full scale 1."""

    sha: Digest
    format: SampleFormat
    sample_rate: Annotated[int, Meta(ge=8000, le=192000)]
    channels: Annotated[int, Meta(ge=1, le=2)]
    frames: Annotated[int, Meta(ge=1, le=BLOB_BYTES)]


class Region(Part, frozen=True, kw_only=True):
    """A stretch of time in seconds: of the clip where it is made anew, else of the result."""

    start: Seconds
    end: Seconds
