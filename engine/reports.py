"""What a take's windows say together: one set of losses, one reason to end, one curve."""

from collections.abc import Sequence

from engine.layout import on_timeline
from engine.matching import Levels
from engine.results import MeasuredCurve, TakeResult
from engine.task_state import Search, Take, WindowReport, scatter
from engine.window_job import Job, WindowJob

MOST_POINTS = 512
"""Of one curve."""


def report(window: WindowJob, levels: Levels, search: Search | None, stopped: str) -> WindowReport:
    """Return how `window` went; without a search it was free."""
    if search is None:
        return WindowReport({}, {}, iterations=0, stopped=stopped)
    counted = levels.counted.nonzero()[:, 0].tolist()
    begins = window.canvas.origin + window.window.start / window.canvas.sample_rate
    frame_seconds = levels.frame / window.canvas.sample_rate
    return WindowReport(
        losses=search.losses,
        first_losses=search.first_losses,
        iterations=search.iterations,
        stopped=stopped,
        seconds=tuple(begins + (i + 0.5) * frame_seconds for i in counted),
        wanted=tuple(float(levels.wanted[i]) for i in counted),
        reached=tuple(float(levels.reached[i]) for i in counted),
    )


def take_result(job: Job, index: int, take: Take) -> TakeResult:
    """Return the finished take: the clip with its new samples."""
    empty = on_timeline(job.clip, job.layout, (0, job.layout.samples))
    stopped = {report.stopped for report in take.reports}
    return TakeResult(
        seed=job.request.seed + index,
        audio=scatter(empty, job.layout.new, take.new),
        losses=_means([report.losses for report in take.reports]),
        first_losses=_means([report.first_losses for report in take.reports]),
        iterations=sum(report.iterations for report in take.reports),
        stopped=next((why for why in ("finish", "iterations") if why in stopped), "converged"),
    )


def curves(takes: Sequence[Take]) -> tuple[MeasuredCurve, ...]:
    """Return for every take how loud the model plays what it must reproduce, over time."""
    found = []
    for index, take in enumerate(takes):
        points = [
            point
            for report in take.reports
            for point in zip(report.seconds, report.wanted, report.reached, strict=True)
        ]
        if points:
            kept = sorted(points)[:: -(-len(points) // MOST_POINTS)]
            seconds, target, measured = zip(*kept, strict=True)
            found.append(MeasuredCurve("overlap", "dB", index, seconds, target, measured))
    return tuple(found)


def _means(losses: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each loss over the windows that have it."""
    names = {name for window in losses for name in window}
    values = {name: [window[name] for window in losses if name in window] for name in sorted(names)}
    return {name: sum(found) / len(found) for name, found in values.items()}
