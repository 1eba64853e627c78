"""One job on the daemon, from upload to receipt, through lost daemons and Ctrl-C.

The job's id is made here. When the daemon dies, the client starts its successor (see `connection`)
and goes on with the same id, so that nothing runs twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bridge.cli import connection
from bridge.cli.failures import RefusedError, StoppedError
from bridge.cli.progress import Progress
from plugin_protocol.client import Client, new_job_id
from plugin_protocol.errors import ClientError
from plugin_protocol.messages import JobProgress, JobState
from plugin_protocol.values import Result, Task

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Made:
    """A finished job: its id, the result, and the takes' audio as it came."""

    job: str
    result: Result
    audio: tuple[bytearray, ...]


def run(task: Task, audio: bytes, progress: Progress, *, keep: Callable[[Made], Kept]) -> Kept:
    """Have the task done and return what `keep` made of it.

    `audio` is the task's clip, empty if it has none. The daemon may forget the job only after
    `keep` has returned. Raises RefusedError, StoppedError or a client's error.
    """
    job = new_job_id()
    try:
        with connection.connect() as client:
            if audio:
                client.upload(audio, on_bytes=lambda sent: progress.sent(sent, len(audio)))
            client.submit(job, task)
            result = _follow(client, job, progress)
            takes = tuple(client.download(take.audio.sha) for take in result.takes)
            kept = keep(Made(job, result, takes))
            client.ack(job)
            return kept
    except KeyboardInterrupt:
        _cancel(job)
        raise StoppedError("Stopped; the job is cancelled and nothing was written.") from None


def _follow(client: Client, job: str, progress: Progress) -> Result:
    for event in client.follow(job):
        if isinstance(event, JobProgress):
            progress.iteration(event)
        elif isinstance(event, JobState):
            progress.state(event)
            if result := _finished(event):
                return result
    raise RuntimeError("the job's events ended without a result")


def _finished(state: JobState) -> Result | None:
    """Return the result if there is one; raise if there will be none."""
    if state.state == "failed" and state.failure:
        raise RefusedError(f"{state.failure.message} {state.failure.hint}")
    if state.state == "cancelled":
        raise RefusedError("The job was cancelled by another program; nothing was written.")
    return state.result if state.state == "done" else None


def _cancel(job: str) -> None:
    try:
        client = connection.connect_running()
        if client:
            with client:
                client.cancel(job, "stop")
    except ClientError:
        # It was never accepted, or the daemon is gone: then nothing is left to cancel.
        return
