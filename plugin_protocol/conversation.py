"""Questions and answers with a daemon that may die in between.

Every request may be repeated without harm (jobs and blobs carry names of the client's making), so
whatever was under way when the connection was lost is simply asked again of the successor. One that
has died may be started anew; one that has left was stopped by somebody, and is only looked for.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from .backoff import waits
from .connection import Address
from .connection import find as find_in_connection_file
from .errors import (
    DaemonLostError,
    DaemonStoppedError,
    DaemonUnreachableError,
    RequestRefusedError,
)
from .link import DaemonSilentError, Link, refusal
from .messages import Error, FromClient, FromDaemon, JobPreview, JobProgress, JobState

AWAY_SECONDS = 30.0
"""How long a daemon that has died may take to come back."""
STOPPED_SECONDS = 5.0
"""How long one that was stopped may: whoever restarts it does so at once."""
EVENTS_KEPT = 256

JobEvent = JobState | JobProgress | JobPreview
Answer = TypeVar("Answer")


class Conversation:
    """A link, its successors, and the job events that came in between. One thread at a time.

    `find` returns the endpoint of the daemon, also of a successor; it raises DaemonUnreachableError
    where there is none, because it has left or was never started. `start` starts one then.
    """

    def __init__(
        self,
        endpoint: Address | None,
        *,
        name: str,
        find: Callable[[], Address] | None = None,
        start: Callable[[], Address] | None = None,
    ) -> None:
        self._name = name
        self._find = find or find_in_connection_file
        self._start = start or self._find
        self._events: deque[JobEvent] = deque(maxlen=EVENTS_KEPT)
        self.followed: set[str] = set()
        """Jobs to listen to after a reconnection, too."""
        self.link = Link(endpoint or self._start(), name=name)

    def close(self) -> None:
        """Say goodbye and leave."""
        self.link.leave()

    def ask(self, request: FromClient, kind: type[Answer]) -> Answer:
        """Return the answer; the request goes out again if the daemon dies over it."""
        answer = self.again(lambda: self.answer(self.link.send(request)))
        if not isinstance(answer, kind):
            raise RequestRefusedError(
                "BAD_MESSAGE", f"The daemon answered with {type(answer).__name__}."
            )
        return answer

    def answer(self, number: int) -> FromDaemon:
        """Wait for the answer to that request. Raises RequestRefusedError, DaemonSilentError."""
        while True:
            message, _ = self.link.receive()
            if message.re != number:
                self.keep(message)
            elif isinstance(message, Error):
                raise refusal(message)
            else:
                return message

    def keep(self, message: FromDaemon) -> None:
        """Put an event aside for `next_event`; all else is a late answer nobody waits for."""
        if isinstance(message, JobEvent):
            self._events.append(message)

    def next_event(self, job: str) -> JobEvent:
        """Wait for the job's next event; those of other jobs are dropped."""
        while True:
            while self._events:
                event = self._events.popleft()
                if event.job == job:
                    return event
            message, _ = self.again(lambda: self.link.receive())
            self.keep(message)

    def drop_events(self, job: str) -> None:
        """Forget what was put aside about the job."""
        others = [event for event in self._events if event.job != job]
        self._events = deque(others, maxlen=EVENTS_KEPT)

    def again(self, operation: Callable[[], Answer]) -> Answer:
        """Run `operation`, which may be repeated, until it has run on a living connection.

        Raises DaemonLostError if no daemon comes back within 30 seconds, DaemonStoppedError if the
        daemon was stopped and is not back within 5.
        """
        while True:
            try:
                return operation()
            except DaemonSilentError:
                self._reconnect()

    def _reconnect(self) -> None:
        is_stopped = self.link.was_told_goodbye or has_left(self._find)
        self.link.close()
        self._events.clear()
        look = self._find if is_stopped else self._start
        deadline = time.monotonic() + patience(is_stopped=is_stopped)
        for wait in waits():
            try:
                resume = tuple(self.followed)
                self.link = Link(look(), name=self._name, resume=resume)
                return
            except DaemonUnreachableError as error:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise lost(is_stopped=is_stopped) from error
            time.sleep(min(wait, left))


def has_left(find: Callable[[], Address]) -> bool:
    """Return whether the daemon has taken its address away, which one that dies does not.

    Its notice may have gone unread: what a client has not received is lost with the connection.
    """
    try:
        find()
    except DaemonUnreachableError:
        return True
    return False


def patience(*, is_stopped: bool) -> float:
    """Return how many seconds a daemon may stay away."""
    return STOPPED_SECONDS if is_stopped else AWAY_SECONDS


def lost(*, is_stopped: bool) -> DaemonLostError:
    """Return the exception for a daemon that does not come back."""
    if is_stopped:
        return DaemonStoppedError(
            "The daemon was stopped. Its jobs are kept and go on when it runs again; `ditto serve` "
            "starts it."
        )
    return DaemonLostError(
        f"The daemon went away and did not come back within {AWAY_SECONDS:.0f} s. "
        "The job is safe: start the daemon with `ditto serve` and ask again."
    )
