"""One job on the daemon, from upload to receipt, through lost daemons and Ctrl-C.

The job's id is made here. When the daemon dies, the client starts its successor (see `connection`)
and goes on with the same id, so that nothing runs twice. When it is stopped, the command ends.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bridge.cli import connection
from bridge.cli.failures import RefusedError, StoppedError
from bridge.cli.inputs import Input
from bridge.errors import BridgeError
from plugin_protocol.client import Client, new_job_id
from plugin_protocol.errors import ClientError, DaemonStoppedError, RequestRefusedError
from plugin_protocol.messages import JobProgress, JobState
from plugin_protocol.values import Priority, Result, Retention, Task

Kept = TypeVar("Kept")


class JobFailedError(RefusedError):
    """The daemon tried and could not."""


class JobCancelledError(RefusedError):
    """Somebody else has ended the job without a result."""


class JobPutAsideError(RefusedError):
    """The daemon was stopped on purpose; the job goes on when it runs again."""


class Listener(Protocol):
    """Who is told how it goes."""

    def note(self, sentence: str) -> None:
        """Hear what a person should know; "" is nothing."""

    def sent(self, sent: int, size: int) -> None:
        """Hear how many bytes of a recording the daemon has."""

    def state(self, state: JobState) -> None:
        """Hear of a job that waits, loads or is over."""

    def iteration(self, event: JobProgress) -> None:
        """Hear where the search is."""


@dataclass(frozen=True)
class Made:
    """A finished job: its id, the result, and the takes' audio as it came."""

    job: str
    result: Result
    audio: tuple[bytearray, ...]


def run(
    task: Task,
    audio: Sequence[Input],
    progress: Listener,
    *,
    keep: Callable[[Made], Kept],
    job: str = "",
) -> Kept:
    """Have the task done and return what `keep` made of it.

    `audio` is the task's clip and references. The daemon may forget the job only after
    `keep` has returned. `job` is the id of one that may have been accepted before, by default a
    new one. Raises RefusedError, StoppedError or a client's error.
    """
    job, is_accepted, is_made = job or new_job_id(), False, False
    try:
        with connection.connect(progress.note) as client:
            progress.note(connection.version_note(client))
            hand_over(client, job, task, audio, progress)
            is_accepted = True
            made = receive(client, job, progress)
            is_made = True
            kept = keep(made)
            # What counts is done; without a receipt the daemon keeps the job longer.
            with suppress(ClientError, BridgeError):
                client.ack(job)
            return kept
    except RequestRefusedError as error:
        if error.code == "BLOB_MISSING" and task.start is not None:
            raise RefusedError(
                "The daemon has forgotten the noise of the earlier result. `ditto run` on its "
                "manifest makes it once more; then go on from that."
            ) from error
        raise
    except DaemonStoppedError as error:
        if not is_accepted:
            raise
        raise stopped(job) from error
    except KeyboardInterrupt:
        raise StoppedError(_last_words(job, is_made=is_made)) from None


def hand_over(
    client: Client,
    job: str,
    task: Task,
    audio: Sequence[Input],
    progress: Listener,
    *,
    priority: Priority = "normal",
    retention: Retention = "7d",
) -> None:
    """Have the daemon accept the task under that id, with all that it hears.

    `--from` goes on from the noise of the result as long as its `retention` lasts.
    """
    for item in audio:
        _send(client, item, progress)
    client.submit(job, task, retention=retention, priority=priority)


def receive(client: Client, job: str, progress: Listener) -> Made:
    """Follow a job to its end and return what was made. Raises RefusedError."""
    result = _follow(client, job, progress)
    return Made(job, result, tuple(client.download(take.audio.sha) for take in result.takes))


def stopped(job: str) -> JobPutAsideError:
    """Return what to say of a job whose daemon was stopped while it was waited for."""
    return JobPutAsideError(
        "The daemon was stopped. The job is kept and goes on when it runs again (`ditto serve`); "
        f"`ditto watch {job}` then shows it."
    )


def _send(client: Client, item: Input, progress: Listener) -> None:
    size = len(item.data)
    client.upload(item.data, sha=item.ref.sha, on_bytes=lambda sent: progress.sent(sent, size))


def _follow(client: Client, job: str, progress: Listener) -> Result:
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
        raise JobFailedError(f"{state.failure.message} {state.failure.hint}")
    if state.state == "cancelled":
        raise JobCancelledError("The job was cancelled by another program; nothing was written.")
    return state.result if state.state == "done" else None


def _last_words(job: str, *, is_made: bool) -> str:
    """Cancel the job and return what became of it and of the files."""
    if is_made:
        return "Stopped while writing: each file is there as a whole or not at all."
    if call_off(job):
        return "Stopped; the job is cancelled and nothing was written."
    return (
        "Stopped; nothing was written. No daemon answered, so the job, if it was accepted, goes "
        "on when the daemon is started again."
    )


def call_off(job: str) -> bool:
    """Cancel the job; return whether it is surely over."""
    try:
        client = connection.connect_running()
        if client is None:
            return False
        with client:
            client.cancel(job, "stop")
    except RequestRefusedError:
        return True  # it was never accepted
    except (ClientError, BridgeError):
        return False
    return True
