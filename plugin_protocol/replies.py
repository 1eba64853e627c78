"""What the daemon answers and tells. Clients skip fields and messages from the future."""

from typing import Annotated, Literal

from msgspec import Meta, field

from .reports import Duration, JobSummary, Milliseconds, ModelReport, WorkerReport
from .requests import Message
from .values import (
    AudioRef,
    Count,
    Digest,
    Failure,
    Finite,
    ModelName,
    Offset,
    Priority,
    Result,
    Retention,
    ShortText,
    State,
    Tags,
    Task,
)

# ---- the session -----------------------------------------------------------------------------


class Welcome(Message, frozen=True, kw_only=True, tag="welcome"):
    """The daemon's name, protocol and limits. `epoch` grows by one with every daemon start.

    `boot` is random at every start: unlike the epoch it differs after a store was lost, too.
    """

    epoch: Count
    server: ShortText
    minor: Count
    limits: dict[str, Count]
    models: tuple[ModelName, ...] = ()
    pid: Count = 0
    boot: ShortText = ""
    rights: tuple[ShortText, ...] = ()
    """Of this client: jobs (its own), all (everybody's), admin (the daemon itself)."""
    capabilities: tuple[ShortText, ...] = ()
    """What this daemon can do beyond the minor: text (it has an audio-text model)."""
    catalogue: tuple[ModelReport, ...] = ()
    notice: ShortText = ""
    """A sentence that the user should see once."""


class Pong(Message, frozen=True, kw_only=True, tag="pong"):
    """Alive. `worker` is busy, idle, loading, starting or restarting: the first that any one is.

    `job` is the one that is at work for longest.
    """

    epoch: Count
    worker: ShortText
    job: str = ""
    queued: Count = 0
    workers: tuple[WorkerReport, ...] = ()
    is_leaving: bool = False


class Notice(Message, frozen=True, kw_only=True, tag="notice"):
    """Something that every client should know; `text` is for people.

    `kind` "leaving": the daemon checkpoints its job and exits, and another may follow.
    """

    kind: ShortText
    text: Annotated[str, Meta(max_length=2000)] = ""


# ---- blobs -----------------------------------------------------------------------------------


class BlobData(Message, frozen=True, kw_only=True, tag="blob.data"):
    """One chunk, in both directions; its bytes are the third frame. `last` marks the blob's end.

    `size` is the whole blob's; the daemon says it, a client has said it in BlobPut.
    """

    sha: Digest
    offset: Offset
    last: bool = False
    size: Offset = 0


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


# ---- jobs ------------------------------------------------------------------------------------


class JobState(Message, frozen=True, kw_only=True, tag="job.state"):
    """The persisted state of a job. `ev` grows by one with every transition.

    `state` "unknown" answers for an id the daemon has never accepted. The same `ev` again is news
    of the queue: `ahead` or `eta_seconds` has changed.
    """

    job: str
    state: State | Literal["unknown"]
    ev: Count = 0
    attempt: Count = 0
    ahead: Count = 0
    """Jobs that will begin before this one."""
    result: Result | None = None
    failure: Failure | None = None
    eta_seconds: Annotated[float, Meta(ge=0, le=1e7)] | None = None
    """Until the job is over, waiting included; absent where nothing is known."""
    cached: bool = False
    """The result is that of an equal task."""
    cause: ShortText = ""
    """Why it waits again or was ended: preempted, worker, daemon, asked, disconnected, deadline."""


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
    losses: dict[ShortText, Finite] = field(default_factory=dict)
    eta_seconds: Annotated[float, Meta(ge=0, le=1e7)] | None = None
    note: ShortText = ""
    """A sentence worth showing once, such as the tempo and key that were found."""


class JobPreview(Message, frozen=True, kw_only=True, tag="job.preview"):
    """The best music so far, as a blob to get; only for jobs submitted with `previews`."""

    job: str
    step: Count
    audio: AudioRef
    credit: Count | None = None
    """Previews that may still be sent; absent where there is no limit."""


class JobDetails(Message, frozen=True, kw_only=True, tag="job.details"):
    """All that is known of a job but its result, which JobAttach brings. Answer to JobGet."""

    job: str
    state: State
    ev: Count
    attempt: Count = 0
    created_ms: Milliseconds
    began_ms: Milliseconds | None = None
    """When it began to run for the first time."""
    ended_ms: Milliseconds | None = None
    run_seconds: Duration = 0.0
    client: ShortText = ""
    priority: Priority = "normal"
    queue_ttl: Duration | None = None
    run_ttl: Duration | None = None
    on_deadline: ShortText = "best"
    on_disconnect: ShortText = "keep"
    retention: Retention = "24h"
    private: bool = False
    acked: bool = False
    cached: bool = False
    tags: Tags = field(default_factory=dict)
    task: Task


class Jobs(Message, frozen=True, kw_only=True, tag="jobs"):
    """Answer to JobList. `more`: there are older ones; ask for those `before` the last."""

    jobs: tuple[JobSummary, ...]
    more: bool = False


# ---- the daemon ------------------------------------------------------------------------------


class ModelState(Message, frozen=True, kw_only=True, tag="model.state"):
    """How a model is; an answer to ModelLoad, and told to everybody whenever it changes."""

    model: ModelReport


class Metrics(Message, frozen=True, kw_only=True, tag="metrics"):
    """Numbers by name; what ends in `_total`, `_sum`, `_count` only grows. Answer to MetricsGet."""

    values: dict[ShortText, Finite]


class Ok(Message, frozen=True, kw_only=True, tag="ok"):
    """The request was carried out; `changed` is False where there was nothing to do."""

    changed: bool = True


class Error(Message, frozen=True, kw_only=True, tag="error"):
    """The request was refused; it was about `job`, if about any."""

    failure: Failure
    job: str = ""
