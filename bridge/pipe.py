"""What the front and a worker say to each other over the worker's stdin and stdout.

Each message is a length (4 bytes, little endian) and a header as on the wire; JobProgress,
JobPreview and ModelState are the wire's own. Audio never passes here: it lies in blobs.
"""

import struct
from typing import IO, Any, Literal

from msgspec import Struct

from plugin_protocol.framing import BadMessageError, message_types, pack, unpack_message
from plugin_protocol.messages import JobPreview, JobProgress, ModelState
from plugin_protocol.values import ENVELOPE_BYTES, HEADER_BYTES, Failure, Result, Task

LENGTH = struct.Struct("<I")


class PipeMessage(Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of the messages on the pipe."""


# ---- front -> worker -------------------------------------------------------------------------


class Setup(PipeMessage, frozen=True, kw_only=True, tag="setup"):
    """First message: where to work and to log, the model to load, how often to report."""

    blobs: str
    previews: str
    checkpoints: str
    clap: str
    models: str
    model: str
    log: str
    checkpoint_seconds: float
    preview_seconds: float
    keep_seconds: float
    """How long models stay in memory without a job."""
    device: str = ""
    """Where to make music, cpu or cuda; "": where it is fastest."""


class Work(PipeMessage, frozen=True, kw_only=True, tag="work"):
    """Do this job. `finish`: the user has already asked for the best so far."""

    job: str
    task: Task
    previews: bool = False
    finish: bool = False


class Load(PipeMessage, frozen=True, kw_only=True, tag="load"):
    """Load this model before the next job."""

    model: str


class Halt(PipeMessage, frozen=True, kw_only=True, tag="halt"):
    """End this job: `stop` without a result, `finish` with the best so far."""

    job: str
    mode: Literal["stop", "finish"]


class Yield(PipeMessage, frozen=True, kw_only=True, tag="yield"):
    """Give this job up for another once its checkpoint is written; it comes back."""

    job: str


class Park(PipeMessage, frozen=True, kw_only=True, tag="park"):
    """Write a checkpoint after the current iteration and exit."""


# ---- worker -> front -------------------------------------------------------------------------


class WorkerState(PipeMessage, frozen=True, kw_only=True, tag="worker"):
    """How the worker is: loading (a job may be sent, it will wait) or idle.

    `digests` are those of the models that have been loaded, `engine` is the fingerprint of the
    code: together with its task they make a result what it is.
    """

    state: Literal["loading", "idle"]
    models: tuple[str, ...] = ()
    device: str = ""
    engine: str = ""
    digests: dict[str, str] = {}


class Started(PipeMessage, frozen=True, kw_only=True, tag="started"):
    """The model is loaded and the clip is read."""

    job: str


class Finished(PipeMessage, frozen=True, kw_only=True, tag="finished"):
    """The result, its audio stored."""

    job: str
    result: Result


class Failed(PipeMessage, frozen=True, kw_only=True, tag="failed"):
    """The job cannot be done."""

    job: str
    failure: Failure


class Halted(PipeMessage, frozen=True, kw_only=True, tag="halted"):
    """Stopped as told, nothing is left behind."""

    job: str


class Yielded(PipeMessage, frozen=True, kw_only=True, tag="yielded"):
    """Given up as told; its checkpoint is written."""

    job: str


class MemoryRanOut(PipeMessage, frozen=True, kw_only=True, tag="memory"):
    """Memory ran out under this job, which is tried again with less."""

    job: str


ToWorker = Setup | Work | Load | Halt | Yield | Park
FromWorker = (
    WorkerState
    | ModelState
    | Started
    | JobProgress
    | JobPreview
    | Finished
    | Failed
    | Halted
    | Yielded
    | MemoryRanOut
)

TO_WORKER = message_types(ToWorker)
FROM_WORKER = message_types(FromWorker)


def write_message(stream: IO[bytes], message: ToWorker | FromWorker) -> None:
    """Write one message. Raises OSError where nobody reads any more."""
    body = pack(message)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes], types: dict[str, Any]) -> Any:
    """Return the next message of `types`, None at the end. Raises BadMessageError."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    if size > HEADER_BYTES:
        raise BadMessageError("TOO_LARGE", f"A message of {size} bytes on the pipe.")
    body = stream.read(size)
    return unpack_message(body, types) if len(body) == size else None


def require_sendable(message: FromWorker) -> None:
    """Raise BadMessageError if a reader would refuse the message: our bug, found at its source.

    A result also travels inside a JobState, which needs its own room.
    """
    body = pack(message)
    if len(body) > HEADER_BYTES - ENVELOPE_BYTES:
        raise BadMessageError("TOO_LARGE", f"A message of {len(body)} bytes for the pipe.")
    unpack_message(body, FROM_WORKER)
