"""How far along a job is, in iterations over all its windows and takes."""

from engine.job import Job
from engine.optimizer import Settings
from engine.quality import search_settings
from engine.surrogate import HAND_OVER
from engine.task_state import Progress
from engine.windows import Window

INVERSION = frozenset({"clip"})


def window_settings(job: Job, window: Window) -> Settings:
    """Return how to search in `window`."""
    return search_settings(job.request.quality, job.model, job.kinds(window))


def inversion_settings(job: Job) -> Settings:
    """Return how to search for the clip itself."""
    return search_settings(job.request.quality, job.model, INVERSION)


def all_steps(job: Job) -> int:
    """Return the iterations of the whole job."""
    return sum(_inversion_steps(job)) + job.request.takes * sum(_window_steps(job))


def steps_done(job: Job, progress: Progress) -> int:
    """Return the iterations behind us; a window that stopped early counts in full."""
    inverted = sum(_inversion_steps(job)[: len(progress.inversions)])
    per_window = _window_steps(job)
    done = len(progress.takes) * sum(per_window) + sum(per_window[: len(progress.reports)])
    return inverted + done + (progress.search.iterations if progress.search else 0)


def _window_steps(job: Job) -> list[int]:
    """Return the iterations of each window; 1 where there is nothing to search for."""
    return [_iterations(job, window) if job.kinds(window) else 1 for window in job.windows]


def _iterations(job: Job, window: Window) -> int:
    handed_over = HAND_OVER if job.surrogate_steps(window) else 0
    return window_settings(job, window).iterations + handed_over


def _inversion_steps(job: Job) -> list[int]:
    count = len(job.windows) if job.inverts else 0
    return [inversion_settings(job).iterations] * count
