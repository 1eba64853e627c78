"""Every message on the wire, and nothing else.

Written and read by `framing`; told in words in PROTOCOL.md. `i` numbers a sender's requests from 1,
`re` names the request answered (0: an event nobody asked for). Requests refuse unknown fields, so
that a misspelt control is never silently ignored; clients ignore unknown fields of the daemon.

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


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all messages; `t` on the wire is the type."""

    i: RequestNumber = 0
    re: RequestNumber = 0


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


# ---- client -> daemon ------------------------------------------------------------------------


class Request(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything a client sends."""


class Hello(Request, frozen=True, kw_only=True, tag="hello"):
    """First message of a connection; answered by Welcome, then one JobState per `resume` id."""

    client: ShortText
    min_minor: Count = 0
    max_minor: Count = PROTOCOL_MINOR
    resume: Annotated[tuple[JobId, ...], Meta(max_length=256)] = ()


class Ping(Request, frozen=True, kw_only=True, tag="ping"):
    """Answered by Pong."""


class BlobPut(Request, frozen=True, kw_only=True, tag="blob.put"):
    """Offer a blob. Answered by BlobReady."""

    sha: Digest
    size: Annotated[int, Meta(ge=1, le=BLOB_BYTES)]


class BlobGet(Request, frozen=True, kw_only=True, tag="blob.get"):
    """Ask for up to `credit` chunks of a blob from `offset`. Answered by BlobData messages."""

    sha: Digest
    offset: Offset = 0
    credit: Annotated[int, Meta(ge=1, le=WINDOW_CHUNKS)] = WINDOW_CHUNKS


class JobSubmit(Request, frozen=True, kw_only=True, tag="job.submit"):
    """Accept a job under the client's own id. Answered by JobState; the same id again attaches."""

    job: JobId
    task: Task
    previews: bool = False


class JobAttach(Request, frozen=True, kw_only=True, tag="job.attach"):
    """Hear about a job from now on. Answered by JobState."""

    job: JobId


class JobCancel(Request, frozen=True, kw_only=True, tag="job.cancel"):
    """`stop`: end without a result. `finish`: stop optimizing and keep the best so far."""

    job: JobId
    mode: Literal["stop", "finish"] = "stop"


class JobAck(Request, frozen=True, kw_only=True, tag="job.ack"):
    """The result is safely received. Answered by Ok."""

    job: JobId


class JobList(Request, frozen=True, kw_only=True, tag="job.list"):
    """Answered by Jobs, newest first."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class DaemonStop(Request, frozen=True, kw_only=True, tag="daemon.stop"):
    """Finish the current iteration, checkpoint, answer Ok and exit."""


# ---- both directions -------------------------------------------------------------------------


class BlobData(Message, frozen=True, kw_only=True, tag="blob.data"):
    """One chunk; its bytes are the third frame. `last` marks the end of the blob."""

    sha: Digest
    offset: Offset
    last: bool = False


# ---- daemon -> client ------------------------------------------------------------------------


class Welcome(Message, frozen=True, kw_only=True, tag="welcome"):
    """The daemon's name, protocol and limits. `epoch` grows by one with every daemon start."""

    epoch: Count
    server: ShortText
    minor: Count
    limits: dict[str, Count]
    models: tuple[ModelName, ...] = ()
    pid: Count = 0


class Pong(Message, frozen=True, kw_only=True, tag="pong"):
    """Alive. `worker` is starting, loading, idle, busy or restarting."""

    epoch: Count
    worker: ShortText
    job: str = ""
    queued: Count = 0


class BlobReady(Message, frozen=True, kw_only=True, tag="blob.ready"):
    """`have`: nothing to send. Otherwise send from `offset`, at most `credit` chunks at first."""

    have: bool = False
    offset: Offset = 0
    credit: Count = 0


class BlobCredit(Message, frozen=True, kw_only=True, tag="blob.credit"):
    """One more chunk may be sent; `offset` bytes are safe. `done`: the digest matched."""

    sha: Digest
    offset: Offset
    done: bool = False


class JobState(Message, frozen=True, kw_only=True, tag="job.state"):
    """The persisted state of a job. `ev` grows by one with every transition.

    `state` "unknown" answers for an id the daemon has never accepted.
    """

    job: str
    state: State | Literal["unknown"]
    ev: Count = 0
    attempt: Count = 0
    ahead: Count = 0
    """Jobs queued before this one."""
    result: Result | None = None
    failure: Failure | None = None


class JobProgress(Message, frozen=True, kw_only=True, tag="job.progress"):
    """At most ten a second; older ones are dropped for newer ones.

    `phase` is loading, analyzing, optimizing, decoding or resuming. `step` of `steps` counts
    optimizer iterations over all windows and takes; `eta_seconds` is absent until measured.
    """

    job: str
    phase: ShortText
    step: Count = 0
    steps: Count = 0
    take: Count = 0
    loss: Finite | None = None
    losses: dict[ShortText, Finite] = {}
    eta_seconds: Annotated[float, Meta(ge=0, le=1e7)] | None = None
    note: ShortText = ""
    """A sentence worth showing once, such as the tempo and key that were found."""


class JobPreview(Message, frozen=True, kw_only=True, tag="job.preview"):
    """The best music so far, as a blob to get; only for jobs submitted with `previews`."""

    job: str
    step: Count
    audio: AudioRef


class JobSummary(Report, frozen=True, kw_only=True):
    """One line of a job list."""

    job: str
    state: State
    kind: ShortText
    created_ms: Annotated[int, Meta(ge=0, le=2**53)]


class Jobs(Message, frozen=True, kw_only=True, tag="jobs"):
    """Answer to JobList."""

    jobs: tuple[JobSummary, ...]


class Ok(Message, frozen=True, kw_only=True, tag="ok"):
    """The request was carried out; `changed` is False where there was nothing to do."""

    changed: bool = True


class Error(Message, frozen=True, kw_only=True, tag="error"):
    """The request was refused."""

    failure: Failure
    job: str = ""


FromClient = (
    Hello | Ping | BlobPut | BlobGet | BlobData | JobSubmit | JobAttach | JobCancel | JobAck
    | JobList | DaemonStop
)  # fmt: skip
FromDaemon = (
    Welcome | Pong | BlobReady | BlobData | BlobCredit | JobState | JobProgress | JobPreview
    | Jobs | Ok | Error
)  # fmt: skip
