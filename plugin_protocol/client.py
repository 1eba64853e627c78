"""A blocking client of the daemon, for scripts, hosts and the command line.

Threads: a Client belongs to one thread at a time; make one per thread. Nothing runs in the
background, no callback comes from another thread. A method blocks until the daemon has answered;
when the daemon dies in between, the client connects to its successor and asks again, which is
harmless, because every request may be repeated (jobs and blobs carry names of the client's making).
"""

import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Literal, Self, TypeVar, Unpack

from msgspec.structs import replace

from .connection import find as find_in_connection_file
from .errors import DaemonLostError, DaemonUnreachableError, RequestRefusedError
from .link import DaemonSilentError, Link, refusal
from .messages import (
    DaemonStop,
    Error,
    FromClient,
    FromDaemon,
    JobAck,
    JobAttach,
    JobCancel,
    JobList,
    JobPreview,
    JobProgress,
    Jobs,
    JobState,
    JobSubmit,
    JobSummary,
    Ok,
    Ping,
    Pong,
    Welcome,
)
from .options import JobOptions
from .rules import as_message, blobs_of, breaches
from .transfer import Download, receive_blob, send_blob
from .values import TERMINAL_STATES, State, Task

__all__ = [
    "Client",
    "DaemonLostError",
    "DaemonUnreachableError",
    "RequestRefusedError",
    "new_job_id",
]

AWAY_SECONDS = 30.0
EVENTS_KEPT = 256

JobEvent = JobState | JobProgress | JobPreview
Answer = TypeVar("Answer")


def new_job_id() -> str:
    """Return a fresh job id: a UUIDv7 (RFC 9562), so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(80)
    value = (milliseconds & (2**48 - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


class Client:
    """A conversation with the daemon; use it as a context manager.

    `name` appears in the daemon's log. `find` returns the endpoint of the daemon's successor after
    a crash (and may start one); by default it reads the connection file. Raises
    DaemonUnreachableError within about three seconds where no daemon answers.
    """

    def __init__(self, endpoint: str, *, name: str, find: Callable[[], str] | None = None) -> None:
        self._name = name
        self._find = find or find_in_connection_file
        self._events: deque[JobEvent] = deque(maxlen=EVENTS_KEPT)
        self._submitted: dict[str, JobSubmit] = {}
        self._uploaded: dict[bytes, memoryview] = {}
        self._followed: set[str] = set()
        self._link = Link(endpoint, name=name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave. Jobs go on without us."""
        self._link.close()

    @property
    def welcome(self) -> Welcome:
        """What the daemon said about itself."""
        return self._link.welcome

    # ---- audio -------------------------------------------------------------------------------

    def upload(
        self,
        data: bytes | memoryview,
        *,
        sha: bytes | None = None,
        on_bytes: Callable[[int], None] | None = None,
    ) -> bytes:
        """Store `data` with the daemon and return its SHA-256; quick if the daemon has it.

        `sha` spares the hashing where it is known. `on_bytes` is called with the number of bytes
        that have arrived. The client keeps a reference to `data`, not a copy, until it is closed:
        do not change it.
        """
        view = memoryview(data).cast("B")
        sha = sha or sha256(view).digest()
        report = on_bytes or (lambda _: None)
        self._again(lambda: send_blob(self._link, view, sha, aside=self._keep, on_bytes=report))
        self._uploaded[sha] = view
        return sha

    def download(self, sha: bytes) -> bytearray:
        """Return the blob with that SHA-256, verified. RequestRefusedError GONE: not there."""
        download = Download(sha)
        self._again(lambda: receive_blob(self._link, download, aside=self._keep))
        return download.data()

    # ---- jobs --------------------------------------------------------------------------------

    def submit(self, job: str, task: Task, **options: Unpack[JobOptions]) -> JobState:
        """Hand over a job under an id of our own making; the same id and task again attaches.

        `options` are the fields of JobSubmit. RequestRefusedError INVALID_SPEC: the task breaks
        rules, all of which are said; nothing was sent. ID_CONFLICT: the id is taken by another
        task.
        """
        if broken := breaches(task, options.get("tags", {})):
            raise RequestRefusedError("INVALID_SPEC", as_message(broken))
        request = JobSubmit(job=job, task=task, **options)
        state = self._ask(request, JobState)
        self._submitted[job] = request
        return state

    def attach(self, job: str) -> JobState:
        """Return the job's state and hear about it from now on; "unknown" if never accepted."""
        return self._ask(JobAttach(job=job), JobState)

    def follow(self, job: str) -> Iterator[JobEvent]:
        """Yield the job's state, then everything that happens, until it is over.

        Survives the daemon: the job goes on under its successor, from its last checkpoint, and a
        job which that one has never heard of is handed over again. Raises DaemonLostError if no
        daemon comes back within 30 seconds, RequestRefusedError for an unknown job.
        """
        self._followed.add(job)
        try:
            last = replace(self._take_up(job), re=0)
            yield last
            while last.state not in TERMINAL_STATES:
                event = self._next_event(job)
                if isinstance(event, JobState):
                    if event.state == "unknown":
                        event = self._take_up(job)
                    event = replace(event, re=0)
                    if event == last:
                        continue  # the state we have, sent again after a reconnection
                    last = event
                yield event
        finally:
            self._followed.discard(job)

    def cancel(self, job: str, mode: Literal["stop", "finish"] = "stop") -> bool:
        """End the job: `stop` without a result, `finish` with the best so far.

        Returns False where there was nothing to end.
        """
        return self._ask(JobCancel(job=job, mode=mode), Ok).changed

    def ack(self, job: str) -> None:
        """Tell the daemon that the result is safely ours."""
        self._ask(JobAck(job=job), Ok)
        self._submitted.pop(job, None)

    def jobs(
        self, limit: int = 20, *, state: State | None = None, before: str | None = None
    ) -> tuple[JobSummary, ...]:
        """Return the newest jobs, newest first; `limit` 1 to 100.

        Only those in `state`, and accepted before the job `before`.
        """
        return self._ask(JobList(limit=limit, state=state, before=before), Jobs).jobs

    # ---- the daemon --------------------------------------------------------------------------

    def ping(self) -> Pong:
        """Return how the daemon is."""
        return self._ask(Ping(), Pong)

    def stop_daemon(self) -> None:
        """Ask the daemon to checkpoint its work and exit; returns when it is about to."""
        number = self._link.send(DaemonStop())
        try:
            self._answer(number)
        except DaemonSilentError:
            return  # gone before its answer could leave

    # ---- inside ------------------------------------------------------------------------------

    def _ask(self, request: FromClient, kind: type[Answer]) -> Answer:
        """Return the answer; every request goes out again if the daemon dies over it."""
        answer = self._again(lambda: self._answer(self._link.send(request)))
        if not isinstance(answer, kind):
            raise RequestRefusedError(
                "BAD_MESSAGE", f"The daemon answered with {type(answer).__name__}."
            )
        return answer

    def _answer(self, number: int) -> FromDaemon:
        while True:
            message, _ = self._link.receive()
            if message.re != number:
                self._keep(message)
            elif isinstance(message, Error):
                raise refusal(message)
            else:
                return message

    def _keep(self, message: FromDaemon) -> None:
        """Put an event aside for `follow`; anything else is a late answer nobody waits for."""
        if isinstance(message, JobEvent):
            self._events.append(message)

    def _next_event(self, job: str) -> JobEvent:
        while True:
            while self._events:
                event = self._events.popleft()
                if event.job == job:
                    return event
            message, _ = self._again(lambda: self._link.receive())
            self._keep(message)

    def _take_up(self, job: str) -> JobState:
        """Attach to the job; hand it over again where the daemon has never heard of it."""
        state = self.attach(job)
        # What was put aside about this job is older than the answer.
        others = [event for event in self._events if event.job != job]
        self._events = deque(others, maxlen=EVENTS_KEPT)
        if state.state != "unknown":
            return state
        request = self._submitted.get(job)
        if request is None:
            raise RequestRefusedError(
                "UNKNOWN_JOB", f"The daemon knows no job {job}.", "`ditto status` lists its jobs."
            )
        for sha in blobs_of(request.task) & self._uploaded.keys():
            self.upload(self._uploaded[sha], sha=sha)
        return self._ask(request, JobState)

    def _again(self, operation: Callable[[], Answer]) -> Answer:
        """Run `operation`, which may be repeated, until it has run on a living connection."""
        while True:
            try:
                return operation()
            except DaemonSilentError:
                self._reconnect()

    def _reconnect(self) -> None:
        self._link.close()
        self._events.clear()
        deadline = time.monotonic() + AWAY_SECONDS
        wait = 0.1
        while True:
            try:
                resume = tuple(self._followed)
                self._link = Link(self._find(), name=self._name, resume=resume)
                return
            except DaemonUnreachableError as error:
                if time.monotonic() > deadline:
                    raise DaemonLostError(
                        f"The daemon went away and did not come back within {AWAY_SECONDS:.0f} s. "
                        "The job is safe: start the daemon with `ditto serve` and ask again."
                    ) from error
            time.sleep(wait)
            wait = min(2 * wait, 2.0)
