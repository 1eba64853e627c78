"""Progress as a person wants it: often, but not too often, and with the time that is left."""

import math
import time
from collections.abc import Callable

from bridge.worker.results import finite, short
from engine.tasks import Update
from plugin_protocol.messages import JobProgress

SECONDS_BETWEEN = 0.1


class Progress:
    """Turns one job's updates into messages, at most ten a second."""

    def __init__(self, job: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._job = job
        self._clock = clock
        self._said_at = -math.inf
        self._phase = ""
        self._first: tuple[float, int] | None = None

    def message(self, update: Update) -> JobProgress | None:
        """Return what to send, None if it is too early. News is never too early."""
        now = self._clock()
        if self._first is None and update.phase == "optimizing":
            self._first = (now, update.step)
        is_news = bool(update.note) or update.phase != self._phase
        if not is_news and now - self._said_at < SECONDS_BETWEEN:
            return None
        self._said_at, self._phase = now, update.phase
        has_loss = update.loss is not None and math.isfinite(update.loss)
        return JobProgress(
            job=self._job,
            phase=short(update.phase),
            step=update.step,
            steps=update.steps,
            take=update.take,
            loss=update.loss if has_loss else None,
            losses=finite(update.losses),
            eta_seconds=self._eta(now, update),
            note=short(update.note),
        )

    def _eta(self, now: float, update: Update) -> float | None:
        """Return the seconds left at the pace so far, None before there is a pace."""
        if self._first is None:
            return None
        began, first_step = self._first
        done = update.step - first_step
        if done <= 0:
            return None
        return (now - began) / done * max(0, update.steps - update.step)
