"""What the listeners of a job are told: its states, and its place in the line when that changes."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from bridge.job_reports import state_of
from bridge.line import Line, Place
from bridge.store import Store
from plugin_protocol.messages import FromDaemon, JobPreview, JobProgress, JobState

log = logging.getLogger(__name__)

ETA_SHARE, ETA_SECONDS = 0.1, 2.0
"""How far the end of a job must move to be news: both, the share of the time until then. Time that
passes is none: clients have clocks."""


class Tell(Protocol):
    """Sends a message to everybody who listens to a job."""

    def __call__(self, job: str, message: FromDaemon, *, topic: str = "") -> None:
        """Send; a newer message on the same topic replaces one that still waits."""
        ...


class News:
    """Tells of jobs what is in the store. `busy`: seconds until each worker is free."""

    def __init__(
        self,
        store: Store,
        line: Line,
        *,
        busy: Callable[[], Sequence[float]],
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._line = line
        self._busy = busy
        self._tell = tell
        self._places: dict[str, Place] | None = None
        self._clock = clock
        self._told: dict[str, tuple[int, float]] = {}
        """By job: how many were ahead, and when it was to be over."""

    def state(self, job: str, *, left: float | None = None) -> JobState:
        """Return what is known of the job; one that runs is over in `left` seconds."""
        place = Place(0, left) if left is not None else self.place(job)
        return state_of(self._store.get(job), job, place)

    def place(self, job: str) -> Place | None:
        """Return where the job stands, None where it does not wait."""
        if job not in self._line:
            return None
        if self._places is None:
            self._places = self._line.places(busy=self._busy())
        return self._places.get(job)

    def line_has_moved(self) -> None:
        """Take note that somebody came, went or was served."""
        self._places = None

    def has_joined(self, job: str) -> None:
        """Take note that a job is new in the line: its client learns its place from the answer."""
        self.line_has_moved()
        if place := self.place(job):
            self._note(job, place)

    def tell_state(self, job: str, *, left: float | None = None) -> None:
        """Tell of a transition."""
        state = self.state(job, left=left)
        log.info("state", extra={"job": job, "state": state.state, "attempt": state.attempt})
        self._tell(job, state)
        if place := self.place(job):
            self._note(job, place)

    def tell_places(self) -> None:
        """Tell each job's listeners its place, where that is news."""
        self._places = self._line.places(busy=self._busy())
        for job, place in self._places.items():
            if self._is_news(job, place):
                self._tell(job, state_of(self._store.get(job), job, place), topic=f"place {job}")
                self._note(job, place)
        self._told = {job: told for job, told in self._told.items() if job in self._places}

    def pass_on(self, message: JobProgress | JobPreview) -> None:
        """Tell what the worker says; older news of the kind may be dropped for it."""
        self._tell(message.job, message, topic=f"{type(message).__name__} {message.job}")

    def _note(self, job: str, place: Place) -> None:
        self._told[job] = place.ahead, self._clock() + place.eta

    def _is_news(self, job: str, place: Place) -> bool:
        ahead, ends_at = self._told.get(job, (-1, 0.0))
        moved = abs(self._clock() + place.eta - ends_at)
        return place.ahead != ahead or moved > max(ETA_SECONDS, ETA_SHARE * place.eta)
