"""What a client asks. Unknown fields are refused: a misspelt control is never silently ignored."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from .values import (
    BLOB_BYTES,
    PROTOCOL_MINOR,
    WINDOW_CHUNKS,
    Count,
    Digest,
    JobId,
    ModelName,
    Offset,
    Priority,
    RequestNumber,
    Retention,
    ShortText,
    State,
    Tags,
    Task,
)

LONGEST_WAIT = 7 * 24 * 3600.0
PREVIEW_CREDIT = 16

WaitSeconds = Annotated[float, Meta(gt=0, le=LONGEST_WAIT)]


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """Base of all messages; `t` on the wire is the type."""

    i: RequestNumber = 0
    re: RequestNumber = 0


class Request(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything a client sends."""


# ---- the session -----------------------------------------------------------------------------


class Hello(Request, frozen=True, kw_only=True, tag="hello"):
    """First message of a connection; answered by Welcome, then one JobState per `resume` id."""

    client: ShortText
    min_minor: Count = 0
    max_minor: Count = PROTOCOL_MINOR
    resume: Annotated[tuple[JobId, ...], Meta(max_length=256)] = ()


class Ping(Request, frozen=True, kw_only=True, tag="ping"):
    """Answered by Pong."""


class Bye(Request, frozen=True, kw_only=True, tag="bye"):
    """The client leaves and does not come back. Answered by Ok, which it need not wait for."""


# ---- blobs -----------------------------------------------------------------------------------


class BlobPut(Request, frozen=True, kw_only=True, tag="blob.put"):
    """Offer a blob. Answered by BlobReady."""

    sha: Digest
    size: Annotated[int, Meta(ge=1, le=BLOB_BYTES)]


class BlobGet(Request, frozen=True, kw_only=True, tag="blob.get"):
    """Ask for up to `credit` chunks of a blob from `offset`. Answered by BlobData messages."""

    sha: Digest
    offset: Offset = 0
    credit: Annotated[int, Meta(ge=1, le=WINDOW_CHUNKS)] = WINDOW_CHUNKS


class BlobDrop(Request, frozen=True, kw_only=True, tag="blob.drop"):
    """Give an unfinished upload up. Answered by Ok; unchanged where none is under way."""

    sha: Digest


# ---- jobs ------------------------------------------------------------------------------------


class JobSubmit(Request, frozen=True, kw_only=True, tag="job.submit"):
    """Accept a job under the client's own id. Answered by JobState; the same id again attaches.

    `queue_ttl` and `run_ttl` are seconds that the job may wait and run. All but `task` is about
    the job, not about the music: the same id with other such fields is the same job, as it was.
    """

    job: JobId
    task: Task
    previews: bool = False
    preview_credit: Annotated[int, Meta(ge=0, le=PREVIEW_CREDIT)] | None = None
    """Previews that may be sent before the client gives more credit; without it any number."""
    priority: Priority = "normal"
    queue_ttl: WaitSeconds | None = None
    """A job that has not begun by then fails with EXPIRED."""
    run_ttl: WaitSeconds | None = None
    """Of running, over all attempts; then `on_deadline` says what becomes of the job."""
    on_deadline: Literal["best", "fail"] = "best"
    on_disconnect: Literal["keep", "cancel"] = "keep"
    """`cancel`: end the job once nobody has listened to it for 30 s."""
    retention: Retention = "24h"
    private: bool = False
    """Nothing of it is kept after the receipt, and nobody else's job is answered from it."""
    tags: Tags = field(default_factory=dict)
    allow_cached: bool = True
    """Whether the result of an equal task may be given instead of computing it again."""


class JobAttach(Request, frozen=True, kw_only=True, tag="job.attach"):
    """Hear about a job from now on. Answered by JobState."""

    job: JobId


class JobCredit(Request, frozen=True, kw_only=True, tag="job.credit"):
    """Take `previews` more previews of a job. Answered by Ok; unchanged where it is over."""

    job: JobId
    previews: Annotated[int, Meta(ge=1, le=PREVIEW_CREDIT)]


class JobCancel(Request, frozen=True, kw_only=True, tag="job.cancel"):
    """`stop`: end without a result. `finish`: stop optimizing and keep the best so far."""

    job: JobId
    mode: Literal["stop", "finish"] = "stop"


class JobAck(Request, frozen=True, kw_only=True, tag="job.ack"):
    """The result is safely received; its retention begins. Answered by Ok."""

    job: JobId


class JobForget(Request, frozen=True, kw_only=True, tag="job.forget"):
    """Remove a job that is over, with its result. Answered by Ok."""

    job: JobId


class JobGet(Request, frozen=True, kw_only=True, tag="job.get"):
    """Ask for all that is known of a job but its result. Answered by JobDetails."""

    job: JobId


class JobList(Request, frozen=True, kw_only=True, tag="job.list"):
    """Answered by Jobs, newest first: those in `state`, accepted before the job `before`."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    state: State | None = None
    before: JobId | None = None


# ---- the daemon ------------------------------------------------------------------------------


class ModelLoad(Request, frozen=True, kw_only=True, tag="model.load"):
    """Load a model before the first job needs it. Answered by ModelState, now and when it is."""

    model: ModelName = "embedded"


class MetricsGet(Request, frozen=True, kw_only=True, tag="metrics.get"):
    """Answered by Metrics."""


class DaemonStop(Request, frozen=True, kw_only=True, tag="daemon.stop"):
    """Finish the current iteration, checkpoint, answer Ok and exit."""
