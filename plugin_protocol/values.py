"""The values inside messages: audio, tasks and results, with their limits.

Every number is bounded and NaN is outside every bound.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

PROTOCOL_MAJOR = 1
PROTOCOL_MINOR = 0

CHUNK_BYTES = 256 * 1024
"""Largest binary frame beside a header."""
WINDOW_CHUNKS = 16
"""Chunks in flight per client and direction."""
CREDIT_BYTES = 4 * CHUNK_BYTES
"""How often an uploading client hears how much has arrived."""
HEADER_BYTES = 64 * 1024
BLOB_BYTES = 512 * 2**20

RequestNumber = Annotated[int, Meta(ge=0, le=2**63 - 1)]
JobId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
ModelName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
ShortText = Annotated[str, Meta(max_length=200)]
Prompt = Annotated[str, Meta(max_length=2000)]
Offset = Annotated[int, Meta(ge=0, le=BLOB_BYTES)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Finite = Annotated[float, Meta(ge=-1e12, le=1e12)]
Seed = Annotated[int, Meta(ge=0, le=2**53)]

SampleFormat = Literal["f32le", "f64le"]
Quality = Literal["draft", "normal", "best"]
State = Literal["queued", "loading", "running", "done", "failed", "cancelled"]
TERMINAL_STATES = frozenset({"done", "failed", "cancelled"})


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the values inside requests."""


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the values that only the daemon sends; fields from the future are skipped."""


# ---- audio -----------------------------------------------------------------------------------


class AudioRef(Part, frozen=True, kw_only=True):
    """Audio in a blob: planar (all of channel 0, then channel 1), little endian, full scale 1."""

    sha: Digest
    format: SampleFormat
    sample_rate: Annotated[int, Meta(ge=8000, le=192000)]
    channels: Annotated[int, Meta(ge=1, le=2)]
    frames: Annotated[int, Meta(ge=1, le=BLOB_BYTES)]


class Region(Part, frozen=True, kw_only=True):
    """A stretch of the clip in seconds."""

    start: Seconds
    end: Seconds


# ---- what is asked ---------------------------------------------------------------------------


class Generate(Part, frozen=True, kw_only=True, tag="generate", tag_field="kind"):
    """Music from the prompt alone, `seconds` long. Takes no clip."""

    seconds: Annotated[float, Meta(gt=0, le=600)]


class Outpaint(Part, frozen=True, kw_only=True, tag="outpaint", tag_field="kind"):
    """Continue the clip by `seconds` after its end, before its start, or on each side.

    `overlap` seconds of the clip are what the model must continue; 0 lets the daemon choose.
    """

    seconds: Annotated[float, Meta(gt=0, le=600)]
    side: Literal["after", "before", "both"] = "after"
    overlap: Annotated[float, Meta(ge=0, le=30)] = 0.0


class Inpaint(Part, frozen=True, kw_only=True, tag="inpaint", tag_field="kind"):
    """Make the regions anew; everything else stays bit-identical."""

    regions: Annotated[tuple[Region, ...], Meta(min_length=1, max_length=256)]


class Loop(Part, frozen=True, kw_only=True, tag="loop", tag_field="kind"):
    """Append a bridge that leads from the clip's end back to its start.

    `seconds` is the bridge's length; 0 rounds the whole loop up to full bars. `overlap` as in
    Outpaint, at both edges.
    """

    seconds: Annotated[float, Meta(ge=0, le=600)] = 0.0
    overlap: Annotated[float, Meta(ge=0, le=30)] = 0.0


Objective = Generate | Outpaint | Inpaint | Loop


class Music(Part, frozen=True, kw_only=True):
    """What the host knows about the clip's music; whatever is absent is estimated from the clip.

    `beat_offset` is the time of a downbeat in seconds from the clip's first sample.
    """

    bpm: Annotated[float, Meta(ge=20, le=400)] | None = None
    beat_offset: Annotated[float, Meta(ge=-3600, le=3600)] | None = None
    key: ShortText | None = None


class Task(Part, frozen=True, kw_only=True):
    """One musical job. `seed` and the following `takes` - 1 seeds make one take each."""

    objectives: Annotated[tuple[Objective, ...], Meta(min_length=1, max_length=16)]
    clip: AudioRef | None = None
    model: ModelName = "embedded"
    prompt: Prompt = ""
    seed: Seed = 0
    takes: Annotated[int, Meta(ge=1, le=8)] = 1
    quality: Quality = "normal"
    music: Music = Music()


# ---- what comes back -------------------------------------------------------------------------


class Span(Report, frozen=True, kw_only=True):
    """Samples [start, end) of the result that are new; all others are the clip's, bit by bit."""

    start: Count
    end: Count


class MeasuredCurve(Report, frozen=True, kw_only=True):
    """One objective's feature over time, wanted and reached, in `unit`; for plots and people."""

    name: ShortText
    unit: ShortText
    take: Count = 0
    seconds: Annotated[tuple[Finite, ...], Meta(max_length=512)]
    target: Annotated[tuple[Finite, ...], Meta(max_length=512)]
    measured: Annotated[tuple[Finite, ...], Meta(max_length=512)]


class Take(Report, frozen=True, kw_only=True):
    """One finished version."""

    seed: Seed
    audio: AudioRef
    losses: dict[ShortText, Finite]
    first_losses: dict[ShortText, Finite] = {}
    iterations: Count = 0
    stopped: ShortText = ""
    """Why it ended: converged, iterations, finish."""


class Result(Report, frozen=True, kw_only=True):
    """What a finished job made. `music` is the tempo, downbeat and key it followed."""

    takes: Annotated[tuple[Take, ...], Meta(min_length=1, max_length=8)]
    new: tuple[Span, ...]
    clip_start: Count = 0
    """Where sample 0 of the clip lies in the result (not 0 after outpainting before)."""
    music: Music = Music()
    recognized: dict[ShortText, ShortText] = {}
    curves: tuple[MeasuredCurve, ...] = ()
    model_digest: ShortText = ""
    engine_version: ShortText = ""
    compute_seconds: Annotated[float, Meta(ge=0, le=1e9)] = 0.0


class Failure(Report, frozen=True, kw_only=True):
    """Why a job or request failed. `code` is for programs and stable; `message` is for people."""

    code: ShortText
    message: Annotated[str, Meta(max_length=2000)]
    hint: Annotated[str, Meta(max_length=2000)] = ""
