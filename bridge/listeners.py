"""Jobs that end with their client: noticed when nobody has listened to them for a while."""

import time
from collections.abc import Callable, Iterable

GRACE_SECONDS = 30.0


class Listeners:
    """When each of those jobs was last listened to. `is_heard` says whether anybody does now."""

    def __init__(
        self,
        jobs: Iterable[str],
        *,
        is_heard: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_heard = is_heard
        self._clock = clock
        # After a restart everybody gets the time to come back.
        self._heard_at = dict.fromkeys(jobs, clock())

    def add(self, job: str) -> None:
        """Watch over a job."""
        self._heard_at[job] = self._clock()

    def drop(self, job: str) -> None:
        """Stop watching over it; no matter if it was not."""
        self._heard_at.pop(job, None)

    def abandoned(self) -> list[str]:
        """Return the jobs that nobody has listened to for 30 seconds."""
        now = self._clock()
        self._heard_at = {
            job: now if self._is_heard(job) else at for job, at in self._heard_at.items()
        }
        return [job for job, at in self._heard_at.items() if now - at >= GRACE_SECONDS]

    def left(self, jobs: Iterable[str]) -> list[str]:
        """Return those of the jobs that nobody listens to any more: their client said goodbye."""
        return [job for job in jobs if job in self._heard_at and not self._is_heard(job)]
