"""From arrays to arrays in one call, for scripts. Needs NumPy; starts a daemon where none runs.

::

    with connect("my-script") as client:
        longer = make(client, Outpaint(seconds=4), clip=samples, sample_rate=44100)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from .arrays import as_array, as_blob, reference
from .client import Client, JobEvent, new_job_id
from .errors import JobEndedError
from .messages import JobProgress, JobState
from .options import TaskOptions
from .starting import find_or_start
from .values import Objective, Result, Task

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Made:
    """What was made: each take as (channels, frames) at full scale 1, and all that is known of it.

    What is not in `result.new` is the clip, bit by bit.
    """

    takes: "list[NDArray[numpy.floating[Any]]]"
    sample_rate: int
    result: Result


def connect(name: str) -> Client:
    """Return a client of this user's daemon, which is started if none runs. [answer]

    `name` appears in the daemon's log. Raises DaemonUnreachableError.
    """
    return Client(name=name, start=find_or_start)


def make(
    client: Client,
    *objectives: Objective,
    clip: "NDArray[numpy.floating[Any]] | None" = None,
    sample_rate: int = 44_100,
    on_event: Callable[[JobEvent], object] = lambda _: None,
    enough: Callable[[JobProgress], bool] = lambda _: False,
    **options: Unpack[TaskOptions],
) -> Made:
    """Have one job done and return its music. [job]

    `objectives` are a kind and any controls; `clip` is (channels, frames) or (frames,), floats at
    full scale 1, `sample_rate` its rate. `on_event` hears how it goes; once `enough` is true, the
    search ends and the best so far is taken. Ctrl-C ends the job. Raises JobEndedError where it
    ends without music, RequestRefusedError where it is not accepted.
    """
    audio = None
    if clip is not None:
        audio = reference(clip, client.upload(as_blob(clip)), sample_rate=sample_rate)
    job = new_job_id()
    client.submit(job, Task(objectives=objectives, clip=audio, **options))
    try:
        result = _followed(client, job, on_event, enough)
    except KeyboardInterrupt:
        client.cancel(job)
        raise
    takes = [as_array(client.download(take.audio.sha), take.audio) for take in result.takes]
    client.ack(job)
    return Made(takes, result.takes[0].audio.sample_rate, result)


def tell(event: JobEvent) -> None:
    """Print how a job goes, for people; an `on_event`. [at once]"""
    if isinstance(event, JobProgress):
        count = f" {event.step}/{event.steps}" if event.steps else ""
        left = f", {event.eta_seconds:.0f} s left" if event.eta_seconds is not None else ""
        print(f"{event.phase}{count}{left}{f': {event.note}' if event.note else ''}", flush=True)
    elif isinstance(event, JobState):
        ahead = f", {event.ahead} ahead" if event.ahead else ""
        print(f"{event.state}{ahead}", flush=True)


def _followed(
    client: Client,
    job: str,
    on_event: Callable[[JobEvent], object],
    enough: Callable[[JobProgress], bool],
) -> Result:
    is_enough = False
    for event in client.follow(job):
        on_event(event)
        if isinstance(event, JobProgress) and not is_enough and enough(event):
            is_enough = True
            client.cancel(job, "finish")
        if isinstance(event, JobState) and event.result:
            return event.result
        if isinstance(event, JobState) and event.failure:
            raise JobEndedError(event.failure.code, event.failure.message, event.failure.hint)
    raise JobEndedError("CANCELLED", "The job was cancelled; nothing was made.")
