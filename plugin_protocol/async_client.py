"""A client of the daemon for asyncio: what `client` does, for many coroutines at once.

Threads: an AsyncClient belongs to one event loop and its thread. Any number of its coroutines may
use it at once: cancel a job while another follows it. No method blocks the loop; hashing and
looking for the daemon happen in threads. Each method says in brackets how long it may be awaited,
as in `client`. Cancelling a coroutine drops its request, not the job. When the daemon dies, a
background task connects to its successor, and whatever was under way is asked again, which is
harmless (see `conversation`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from hashlib import sha256
from typing import Literal, Self, Unpack

from msgspec.structs import replace

from .async_conversation import AsyncConversation
from .async_transfer import receive_blob, send_blob
from .connection import Address
from .conversation import JobEvent
from .errors import RequestRefusedError
from .link import DaemonSilentError
from .mailbox import Mailbox
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
from .transfer import Download
from .values import TERMINAL_STATES, State, Task


class AsyncClient:
    """A conversation with the daemon; use it with `async with`.

    `name` appears in the daemon's log. `find` and `start` say where the daemon is as for the
    blocking client; they run in a thread, so that they may block.
    """

    def __init__(
        self,
        endpoint: Address | None = None,
        *,
        name: str,
        find: Callable[[], Address] | None = None,
        start: Callable[[], Address] | None = None,
    ) -> None:
        self._talk = AsyncConversation(endpoint, name=name, find=find, start=start)
        self._submitted: dict[str, JobSubmit] = {}
        self._uploaded: dict[bytes, memoryview] = {}
        # The window is the client's, however many coroutines: one blob at a time each way.
        self._uploading, self._downloading = asyncio.Lock(), asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect. Raises DaemonUnreachableError within about three seconds. [answer]"""
        await self._talk.open()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Leave. Jobs go on without us; coroutines that still wait here are told. [at once]"""
        await self._talk.close()

    @property
    def welcome(self) -> Welcome:
        """What the daemon said about itself. [at once]"""
        return self._talk.link.welcome

    # ---- audio -------------------------------------------------------------------------------

    async def upload(self, data: bytes | memoryview) -> bytes:
        """Store `data` with the daemon and return its SHA-256; quick if it is there. [bytes]

        The client keeps a reference to `data`, not a copy, until it is closed: do not change it.
        """
        view = memoryview(data).cast("B")
        sha = (await asyncio.to_thread(sha256, view)).digest()
        await self._send_blob(sha, view)
        self._uploaded[sha] = view
        return sha

    async def download(self, sha: bytes) -> bytearray:
        """Return the blob with that SHA-256, verified. [bytes]

        RequestRefusedError GONE: not there.
        """
        download, talk = Download(sha), self._talk
        async with self._downloading:
            await talk.again(lambda: talk.with_box(lambda post: receive_blob(post, download)))
        return download.data()

    # ---- jobs --------------------------------------------------------------------------------

    async def submit(self, job: str, task: Task, **options: Unpack[JobOptions]) -> JobState:
        """Hand over a job under an id of our own making; the same again attaches. [answer]

        RequestRefusedError as in the blocking client.
        """
        if broken := breaches(task, options.get("tags", {})):
            raise RequestRefusedError("INVALID_SPEC", as_message(broken))
        request = JobSubmit(job=job, task=task, **options)
        state = await self._talk.ask(request, JobState)
        self._submitted[job] = request
        return state

    async def attach(self, job: str) -> JobState:
        """Return the job's state; "unknown" if it was never accepted. [answer]"""
        return await self._talk.ask(JobAttach(job=job), JobState)

    async def follow(self, job: str) -> AsyncIterator[JobEvent]:
        """Yield the job's state, then everything that happens, until it is over. [job]

        Survives the daemon as in the blocking client. Events are dropped, oldest first, where more
        than a thousand wait to be taken.
        """
        with self._talk.boxes.open(job) as box:
            last = await self._take_up(job, box)
            yield last
            while last.state not in TERMINAL_STATES:
                try:
                    event, _ = await box.get()
                except DaemonSilentError:
                    event = await self._take_up(job, box)
                if isinstance(event, JobState):
                    if event == last:
                        continue
                    last = event
                if isinstance(event, JobEvent):
                    yield event

    async def cancel(self, job: str, mode: Literal["stop", "finish"] = "stop") -> bool:
        """End the job: `stop` without a result, `finish` with the best so far. [answer]

        Returns False where there was nothing to end.
        """
        return (await self._talk.ask(JobCancel(job=job, mode=mode), Ok)).changed

    async def allow_previews(self, job: str, previews: int) -> bool:
        """Take 1 to 16 more previews of a job with `preview_credit`. [answer]"""
        return (await self._talk.ask(JobCredit(job=job, previews=previews), Ok)).changed

    async def ack(self, job: str) -> None:
        """Tell the daemon that the result is safely ours. [answer]"""
        await self._talk.ask(JobAck(job=job), Ok)
        self._submitted.pop(job, None)

    async def forget(self, job: str) -> None:
        """Have a job that is over removed, with its result. [answer]"""
        await self._talk.ask(JobForget(job=job), Ok)
        self._submitted.pop(job, None)

    async def details(self, job: str) -> JobDetails:
        """Return all that is known of a job but its result. [answer]"""
        return await self._talk.ask(JobGet(job=job), JobDetails)

    async def jobs(
        self, limit: int = 20, *, state: State | None = None, before: str | None = None
    ) -> tuple[JobSummary, ...]:
        """Return the newest jobs, newest first; `limit` 1 to 100. [answer]"""
        return (await self._talk.ask(JobList(limit=limit, state=state, before=before), Jobs)).jobs

    # ---- the daemon --------------------------------------------------------------------------

    async def ping(self) -> Pong:
        """Return how the daemon is. [answer]"""
        return await self._talk.ask(Ping(), Pong)

    async def load_model(self, model: str) -> ModelReport:
        """Have a model loaded before the first job needs it; return how it is now. [answer]"""
        return (await self._talk.ask(ModelLoad(model=model), ModelState)).model

    async def metrics(self) -> dict[str, float]:
        """Return what the daemon counts and measures. [answer]"""
        return (await self._talk.ask(MetricsGet(), Metrics)).values

    async def stop_daemon(self) -> None:
        """Ask the daemon to checkpoint its work and exit; returns when it is about to. [answer]"""
        with suppress(DaemonSilentError):  # gone before its answer could leave
            await self._talk.with_box(lambda post: post.ask(DaemonStop()))

    async def _send_blob(self, sha: bytes, data: memoryview) -> None:
        talk = self._talk
        async with self._uploading:
            await talk.again(lambda: talk.with_box(lambda post: send_blob(post, data, sha), sha))

    async def _take_up(self, job: str, box: Mailbox) -> JobState:
        """Attach to the job; hand it over again where the daemon has never heard of it."""
        # Through the follower's own box: what lies in it before the answer is older.
        state = await self._talk.again(
            lambda: self._talk.post(box).expect(JobAttach(job=job), JobState)
        )
        if state.state != "unknown":
            return replace(state, re=0)
        request = self._submitted.get(job)
        if request is None:
            raise RequestRefusedError(
                "UNKNOWN_JOB", f"The daemon knows no job {job}.", "`ditto status` lists its jobs."
            )
        for sha in blobs_of(request.task) & self._uploaded.keys():
            await self._send_blob(sha, self._uploaded[sha])
        return replace(await self._talk.ask(request, JobState), re=0)
