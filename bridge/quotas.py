"""How much one owner, and all together, may ask of the daemon.

Whatever is over a limit is refused before anything of it is stored, with the limit's name and,
where waiting helps, with how long to wait. An owner is a user or a key, however many programs.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from bridge.refusals import Refusal

MIB = 2**20
CONNECTION_SECONDS = 15.0
"""After which a client that has gone without a word has made room."""
ROUNDING = 1e-6
SWEEP_OWNERS = 256
"""Owners whose pace is remembered before those who are at rest are forgotten."""


@dataclass(frozen=True)
class Limits:
    """The numbers."""

    connections: int = 128
    connections_per_client: int = 16
    """Of one paired client; the user's own programs share what there is."""
    uploads_per_connection: int = 8
    queued_per_owner: int = 64
    stored_mib_per_owner: int = 4096
    submits_per_second: float = 20.0
    submits_burst: int = 40
    queued: int = 256

    def on_the_wire(self) -> dict[str, int]:
        """Return the limits by name, as Welcome tells them."""
        return {name: int(limit) for name, limit in asdict(self).items()}


class Quotas:
    """Refuses what is too much. `clock` counts seconds and never goes back."""

    def __init__(
        self, limits: Limits | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits or Limits()
        self._clock = clock
        self._paces: dict[str, tuple[float, float]] = {}
        """By owner: submits that are allowed at once, and when that was so."""

    def check_pace(self, owner: str) -> None:
        """Count one submit of the owner. Raises Refusal."""
        limits, now = self.limits, self._clock()
        if len(self._paces) > SWEEP_OWNERS:
            self._forget_the_rested(now)
        allowed = self._allowed(owner, now)
        if allowed < 1 - ROUNDING:
            seconds = (1 - allowed) / limits.submits_per_second
            raise _refusal(
                "RATE_LIMITED",
                "submits_per_second",
                f"More than {limits.submits_per_second:g} jobs a second were handed over.",
                seconds,
            )
        self._paces[owner] = (allowed - 1, now)

    def check_queue(self, *, own: int, everybody: int, seconds_until_room: float) -> None:
        """Raise Refusal unless one more job may wait; `own` are the owner's that wait already."""
        for name, waiting, limit in (
            ("queued_per_owner", own, self.limits.queued_per_owner),
            ("queued", everybody, self.limits.queued),
        ):
            if waiting >= limit:
                raise _refusal(
                    "QUEUE_FULL",
                    name,
                    f"{waiting} jobs wait already; {limit} is the limit.",
                    seconds_until_room,
                )

    def check_stored(self, stored: int, more: int) -> None:
        """Raise Refusal unless the owner, who stores so many bytes, may store `more`."""
        limit = self.limits.stored_mib_per_owner
        if stored + more > limit * MIB:
            raise _refusal(
                "QUOTA_EXCEEDED",
                "stored_mib_per_owner",
                f"{stored / MIB:.1f} MiB are stored for you and {more / MIB:.1f} MiB were to come; "
                f"{limit} MiB is the limit.",
                None,
                hint="Forget jobs whose results you have.",
            )

    def check_connections(self, *, own: int, everybody: int) -> None:
        """Raise Refusal unless there may be one more; `own` are those of its paired client."""
        for name, there_are, limit in (
            ("connections_per_client", own, self.limits.connections_per_client),
            ("connections", everybody, self.limits.connections),
        ):
            if there_are >= limit:
                raise _refusal(
                    "QUOTA_EXCEEDED",
                    name,
                    f"There are {there_are} connections already; {limit} is the limit.",
                    CONNECTION_SECONDS,
                    hint="Close programs that you do not use, or try again later.",
                )

    def check_uploads(self, under_way: int) -> None:
        """Raise Refusal unless a connection with so many uploads may begin another."""
        limit = self.limits.uploads_per_connection
        if under_way >= limit:
            raise _refusal(
                "TOO_MANY_INFLIGHT",
                "uploads_per_connection",
                f"{under_way} uploads are under way; {limit} is the limit.",
                1.0,
                hint="Finish one first.",
            )

    def _allowed(self, owner: str, now: float) -> float:
        burst = self.limits.submits_burst
        allowed, since = self._paces.get(owner, (float(burst), now))
        return min(float(burst), allowed + (now - since) * self.limits.submits_per_second)

    def _forget_the_rested(self, now: float) -> None:
        full = self.limits.submits_burst
        self._paces = {o: p for o, p in self._paces.items() if self._allowed(o, now) < full}


def _refusal(
    code: str, limit: str, message: str, seconds: float | None, hint: str = "Try again later."
) -> Refusal:
    retry = None if seconds is None else max(1, math.ceil(1000 * seconds))
    return Refusal(code, message, hint, limit=limit, retry_after_ms=retry)
