"""Every message on the wire, and nothing else.

Written and read by `framing`; told in words in PROTOCOL.md. `i` numbers a sender's requests from 1,
`re` names the request answered (0: an event nobody asked for). Requests refuse unknown fields, so
that a misspelt control is never silently ignored; clients ignore unknown fields of the daemon.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .values import (
    BLOB_BYTES,
    PROTOCOL_MINOR,
    WINDOW_CHUNKS,
    AudioRef,
    Count,
    Digest,
    Failure,
    Finite,
    JobId,
    ModelName,
    Offset,
    Report,
    RequestNumber,
    Result,
    ShortText,
    State,
    Task,
)


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all messages; `t` on the wire is the type."""

    i: RequestNumber = 0
    re: RequestNumber = 0


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
    """One chunk; its bytes are the third frame. `last` marks the end of the blob.

    `size` is the whole blob's; the daemon says it, a client has said it in BlobPut.
    """

    sha: Digest
    offset: Offset
    last: bool = False
    size: Offset = 0


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
    """`have`: nothing to send. Otherwise send from `offset`, at most `credit` full chunks ahead."""

    have: bool = False
    offset: Offset = 0
    credit: Count = 0


class BlobCredit(Message, frozen=True, kw_only=True, tag="blob.credit"):
    """`offset` bytes are here, so that more may be sent. `done`: they are the blob, and safe."""

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
