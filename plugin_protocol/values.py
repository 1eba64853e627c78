"""What is asked and what comes back: tasks and results.

A task has exactly one kind (Generate to Vary) and any number of controls. What its type cannot say,
`rules` does.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from .controls import (
    AnyControl,
    Control,
    Intensity,
    Melody,
    Note,
    Repeat,
    Section,
    Structure,
    TextMatch,
)
from .parts import (
    BLOB_BYTES,
    CHUNK_BYTES,
    CREDIT_BYTES,
    ENVELOPE_BYTES,
    HEADER_BYTES,
    PROTOCOL_MAJOR,
    PROTOCOL_MINOR,
    WINDOW_CHUNKS,
    AudioRef,
    Count,
    Digest,
    Finite,
    JobId,
    ModelName,
    Offset,
    Part,
    Priority,
    Prompt,
    Region,
    Report,
    RequestNumber,
    Retention,
    SampleFormat,
    Seconds,
    Seed,
    ShortText,
    Tags,
)

__all__ = [
    "BLOB_BYTES",
    "CHUNK_BYTES",
    "CREDIT_BYTES",
    "ENVELOPE_BYTES",
    "HEADER_BYTES",
    "MATRIX_SIZE",
    "NOISE_BYTES",
    "PROTOCOL_MAJOR",
    "PROTOCOL_MINOR",
    "TERMINAL_STATES",
    "WINDOW_CHUNKS",
    "AnyControl",
    "AudioRef",
    "Control",
    "Count",
    "Digest",
    "Failure",
    "Finite",
    "Generate",
    "Inpaint",
    "Intensity",
    "JobId",
    "Kind",
    "Loop",
    "MeasuredCurve",
    "MeasuredMatrix",
    "Melody",
    "ModelName",
    "Music",
    "Note",
    "Objective",
    "Offset",
    "Outpaint",
    "Part",
    "Priority",
    "Prompt",
    "Quality",
    "Region",
    "Repeat",
    "Report",
    "RequestNumber",
    "Result",
    "Retention",
    "SampleFormat",
    "Seconds",
    "Section",
    "Seed",
    "ShortText",
    "Span",
    "Start",
    "State",
    "Structure",
    "Tags",
    "Take",
    "Task",
    "TextMatch",
    "Vary",
]

MATRIX_SIZE = 64
NOISE_BYTES = 64 * 2**20
"""Of a noise blob."""

Quality = Literal["draft", "normal", "best", "paper"]
State = Literal["queued", "loading", "running", "done", "failed", "cancelled"]
TERMINAL_STATES = frozenset({"done", "failed", "cancelled"})


# ---- what is asked ---------------------------------------------------------------------------


class Generate(Part, frozen=True, kw_only=True, tag="generate", tag_field="kind"):
    """Music from the prompt alone, `seconds` long. Takes no clip.

    0: one period of its `repeat`.
    """

    seconds: Annotated[float, Meta(ge=0, le=600)] = 0.0


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


class Vary(Part, frozen=True, kw_only=True, tag="vary", tag_field="kind"):
    """The clip made anew. `strength` 0: the clip through the model, 1: fresh music of its length.

    In between more or less of the clip shines through.
    """

    strength: Annotated[float, Meta(ge=0, le=1)] = 0.5


Kind = Generate | Outpaint | Inpaint | Loop | Vary
Objective = Kind | AnyControl


class Music(Part, frozen=True, kw_only=True):
    """What the host knows about the clip's music; whatever is absent is estimated from the clip.

    `beat_offset` is the time of a downbeat in seconds from the clip's first sample.
    """

    bpm: Annotated[float, Meta(ge=20, le=400)] | None = None
    beat_offset: Annotated[float, Meta(ge=-3600, le=3600)] | None = None
    key: ShortText | None = None


class Start(Part, frozen=True, kw_only=True):
    """Go on from a take's `noise`: "continue" optimizes it further, "resample" uses it as it is."""

    noise: Digest
    mode: Literal["continue", "resample"] = "continue"


class Task(Part, frozen=True, kw_only=True):
    """One musical job. `seed` and the following `takes` - 1 seeds make one take each.

    `objectives` are one kind and the controls. `balance` weighs the controls by how far each is
    from what was asked.
    """

    objectives: Annotated[tuple[Objective, ...], Meta(min_length=1, max_length=16)]
    clip: AudioRef | None = None
    model: ModelName = "embedded"
    prompt: Prompt = ""
    seed: Seed = 0
    takes: Annotated[int, Meta(ge=1, le=8)] = 1
    quality: Quality = "normal"
    music: Music = Music()
    balance: bool = False
    start: Start | None = None


# ---- what comes back -------------------------------------------------------------------------


class Span(Report, frozen=True, kw_only=True):
    """Samples [start, end) of the result that are new; all others are the clip's, bit by bit."""

    start: Count
    end: Count


class MeasuredCurve(Report, frozen=True, kw_only=True):
    """One objective's feature over time, wanted and reached, in `unit`; for plots and people.

    `name` is overlap, intensity, shape or melody.
    """

    name: ShortText
    unit: ShortText
    take: Count = 0
    seconds: Annotated[tuple[Finite, ...], Meta(max_length=512)]
    target: Annotated[tuple[Finite, ...], Meta(max_length=512)]
    measured: Annotated[tuple[Finite, ...], Meta(max_length=512)]


class MeasuredMatrix(Report, frozen=True, kw_only=True):
    """How alike any two moments are, wanted and reached; for plots.

    `size` moments from the first to the last of `seconds`, row by row; a byte b means
    b / 127.5 - 1.
    """

    name: ShortText
    take: Count = 0
    size: Annotated[int, Meta(ge=1, le=MATRIX_SIZE)]
    seconds: tuple[Finite, Finite]
    target: Annotated[bytes, Meta(max_length=MATRIX_SIZE**2)]
    measured: Annotated[bytes, Meta(max_length=MATRIX_SIZE**2)]

    def __post_init__(self) -> None:
        """Raise ValueError unless both are square; msgspec reports it like any other bound."""
        if not len(self.target) == len(self.measured) == self.size**2:
            raise ValueError(f"A matrix of size {self.size} has {self.size**2} bytes")


class Take(Report, frozen=True, kw_only=True):
    """One finished version. `noise` is the blob to start from again: its x_T, window by window."""

    seed: Seed
    audio: AudioRef
    losses: dict[ShortText, Finite]
    first_losses: dict[ShortText, Finite] = field(default_factory=dict)
    iterations: Count = 0
    stopped: ShortText = ""
    """Why it ended: converged, iterations, finish, deadline."""
    noise: Digest | None = None


class Result(Report, frozen=True, kw_only=True):
    """What a finished job made. `music` is the tempo, downbeat and key it followed."""

    takes: Annotated[tuple[Take, ...], Meta(min_length=1, max_length=8)]
    new: tuple[Span, ...]
    clip_start: Count = 0
    """Where sample 0 of the clip lies in the result (not 0 after outpainting before)."""
    music: Music = Music()
    recognized: dict[ShortText, ShortText] = field(default_factory=dict)
    curves: tuple[MeasuredCurve, ...] = ()
    matrices: tuple[MeasuredMatrix, ...] = ()
    model_digest: ShortText = ""
    engine_version: ShortText = ""
    compute_seconds: Annotated[float, Meta(ge=0, le=1e9)] = 0.0


class Failure(Report, frozen=True, kw_only=True):
    """Why a job or request failed. `code` is for programs and stable; `message` is for people.

    `limit` names the one that was met. `trace` finds the matter in the daemon's log.
    """

    code: ShortText
    message: Annotated[str, Meta(max_length=2000)]
    hint: Annotated[str, Meta(max_length=2000)] = ""
    limit: ShortText = ""
    retry_after_ms: Count | None = None
    """The same request may succeed after so long; absent where waiting does not help."""
    trace: ShortText = ""
