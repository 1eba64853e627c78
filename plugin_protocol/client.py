"""A blocking client of the daemon, for scripts, hosts and the command line.

Threads: a Client belongs to one thread at a time; make one per thread. Nothing runs in the
background, no callback comes from another thread. Each method says in brackets how long it blocks:

    [at once]     nothing is sent
    [answer]      until the daemon has answered: milliseconds as a rule, and up to 30 s (see
                  DaemonLostError) while a daemon that has died comes back, 5 s (see
                  DaemonStoppedError) where it was stopped
    [bytes]       as long as the audio takes
    [job]         until the job's next event, which may be minutes away

Whoever wants to cancel a job while another thread follows it does so with a Client of its own.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Literal, Self, Unpack

from msgspec.structs import replace

from .connection import Address
from .conversation import Conversation, JobEvent
from .errors import (
    DaemonLostError,
    DaemonStoppedError,
    DaemonUnreachableError,
    RequestRefusedError,
)
from .identity import new_job_id
from .link import DaemonSilentError
from .messages import (
    DaemonStop,
    JobAck,
    JobAttach,
    JobCancel,
    JobCredit,
    JobDetails,
    JobForget,
    JobGet,
    JobList,
    Jobs,
    JobState,
    JobSubmit,
    JobSummary,
    Metrics,
    MetricsGet,
    ModelLoad,
    ModelReport,
    ModelState,
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
    "DaemonStoppedError",
    "DaemonUnreachableError",
    "JobEvent",
    "RequestRefusedError",
    "new_job_id",
]


class Client:
    """A conversation with the daemon; use it as a context manager. [answer]

    `name` appears in the daemon's log. `find` returns the endpoint of the daemon, also of its
    successor, and raises DaemonUnreachableError where there is none; by default it reads the
    connection file. `start` starts one where none runs (see `starting`): it is asked first, and
    after a crash, but not where the daemon was stopped. Raises DaemonUnreachableError within about
    three seconds where no daemon answers.
    """

    def __init__(
        self,
        endpoint: Address | None = None,
        *,
        name: str,
        find: Callable[[], Address] | None = None,
        start: Callable[[], Address] | None = None,
    ) -> None:
        self._submitted: dict[str, JobSubmit] = {}
        self._uploaded: dict[bytes, memoryview] = {}
        self._talk = Conversation(endpoint, name=name, find=find, start=start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave. Jobs go on without us. [at once]"""
        self._talk.close()

    @property
    def welcome(self) -> Welcome:
        """What the daemon said about itself. [at once]"""
        return self._talk.link.welcome

    # ---- audio -------------------------------------------------------------------------------

    def upload(
        self,
        data: bytes | memoryview,
        *,
        sha: bytes | None = None,
        on_bytes: Callable[[int], None] | None = None,
    ) -> bytes:
        """Store `data` with the daemon and return its SHA-256; quick if it is there. [bytes]

        `sha` spares the hashing where it is known. `on_bytes` is called, in this thread, with the
        number of bytes that have arrived. The client keeps a reference to `data`, not a copy,
        until the last job that needs it is acknowledged or forgotten: do not change it.
        """
        view = memoryview(data).cast("B")
        sha = sha or sha256(view).digest()
        report = on_bytes or (lambda _: None)
        talk = self._talk
        talk.again(lambda: send_blob(talk.link, view, sha, aside=talk.keep, on_bytes=report))
        self._uploaded[sha] = view
        return sha

    def download(self, sha: bytes) -> bytearray:
        """Return the blob with that SHA-256, verified. [bytes]

        RequestRefusedError GONE: not there.
        """
        download, talk = Download(sha), self._talk
        talk.again(lambda: receive_blob(talk.link, download, aside=talk.keep))
        return download.data()

    # ---- jobs --------------------------------------------------------------------------------

    def submit(self, job: str, task: Task, **options: Unpack[JobOptions]) -> JobState:
        """Hand over a job under an id of our own making; the same again attaches. [answer]

        `options` are the fields of JobSubmit. RequestRefusedError INVALID_SPEC: the task breaks
        rules, all of which are said; nothing was sent. ID_CONFLICT: the id is taken by another
        task.
        """
        if broken := breaches(task, options.get("tags", {})):
            raise RequestRefusedError("INVALID_SPEC", as_message(broken))
        request = JobSubmit(job=job, task=task, **options)
        state = self._talk.ask(request, JobState)
        self._submitted[job] = request
        return state

    def attach(self, job: str) -> JobState:
        """Return the job's state and hear about it from now on. [answer]

        "unknown" if it was never accepted.
        """
        return self._talk.ask(JobAttach(job=job), JobState)

    def follow(self, job: str) -> Iterator[JobEvent]:
        """Yield the job's state, then everything that happens, until it is over. [job]

        Survives the daemon: the job goes on under its successor, from its last checkpoint, and a
        job which that one has never heard of is handed over again. Raises DaemonLostError if no
        daemon comes back within 30 seconds, DaemonStoppedError if it was stopped,
        RequestRefusedError for an unknown job.
        """
        self._talk.followed.add(job)
        try:
            last = replace(self._take_up(job), re=0)
            yield last
            while last.state not in TERMINAL_STATES:
                event = self._talk.next_event(job)
                if isinstance(event, JobState):
                    if event.state == "unknown":
                        event = self._take_up(job)
                    event = replace(event, re=0)
                    if event == last:
                        continue  # the state we have, sent again after a reconnection
                    last = event
                yield event
            if last.state != "done":
                self._let_go(job)
        finally:
            self._talk.followed.discard(job)

    def cancel(self, job: str, mode: Literal["stop", "finish"] = "stop") -> bool:
        """End the job: `stop` without a result, `finish` with the best so far. [answer]

        Returns False where there was nothing to end.
        """
        return self._talk.ask(JobCancel(job=job, mode=mode), Ok).changed

    def allow_previews(self, job: str, previews: int) -> bool:
        """Take 1 to 16 more previews of a job with `preview_credit`. [answer]"""
        return self._talk.ask(JobCredit(job=job, previews=previews), Ok).changed

    def ack(self, job: str) -> None:
        """Tell the daemon that the result is safely ours. [answer]"""
        self._talk.ask(JobAck(job=job), Ok)
        self._let_go(job)

    def forget(self, job: str) -> None:
        """Have a job that is over removed, with its result. [answer]"""
        self._talk.ask(JobForget(job=job), Ok)
        self._let_go(job)

    def details(self, job: str) -> JobDetails:
        """Return all that is known of a job but its result. [answer]"""
        return self._talk.ask(JobGet(job=job), JobDetails)

    def jobs(
        self, limit: int = 20, *, state: State | None = None, before: str | None = None
    ) -> tuple[JobSummary, ...]:
        """Return the newest jobs, newest first; `limit` 1 to 100. [answer]

        Only those in `state`, and accepted before the job `before`.
        """
        return self._talk.ask(JobList(limit=limit, state=state, before=before), Jobs).jobs

    # ---- the daemon --------------------------------------------------------------------------

    def ping(self) -> Pong:
        """Return how the daemon is. [answer]"""
        return self._talk.ask(Ping(), Pong)

    def load_model(self, model: str) -> ModelReport:
        """Have a model loaded before the first job needs it; return how it is now. [answer]"""
        return self._talk.ask(ModelLoad(model=model), ModelState).model

    def metrics(self) -> dict[str, float]:
        """Return what the daemon counts and measures. [answer]"""
        return self._talk.ask(MetricsGet(), Metrics).values

    def stop_daemon(self) -> None:
        """Ask the daemon to checkpoint its work and exit; returns when it is about to. [answer]"""
        number = self._talk.link.send(DaemonStop())
        try:
            self._talk.answer(number)
        except DaemonSilentError:
            return  # gone before its answer could leave

    def _let_go(self, job: str) -> None:
        """Drop what was kept to hand the job over again, but for what other jobs need."""
        request = self._submitted.pop(job, None)
        if request is not None:
            needed = [blobs_of(other.task) for other in self._submitted.values()]
            for sha in blobs_of(request.task).difference(*needed):
                self._uploaded.pop(sha, None)

    def _take_up(self, job: str) -> JobState:
        """Attach to the job; hand it over again where the daemon has never heard of it."""
        state = self.attach(job)
        # What was put aside about this job is older than the answer.
        self._talk.drop_events(job)
        if state.state != "unknown":
            return state
        request = self._submitted.get(job)
        if request is None:
            raise RequestRefusedError(
                "UNKNOWN_JOB", f"The daemon knows no job {job}.", "`ditto status` lists its jobs."
            )
        for sha in blobs_of(request.task) & self._uploaded.keys():
            self.upload(self._uploaded[sha], sha=sha)
        return self._talk.ask(request, JobState)
