"""What a take's windows say together: one set of losses, one reason to end, one curve."""

from collections.abc import Sequence

from engine.job import Job
from engine.layout import on_timeline, scatter
from engine.matching import Levels
from engine.results import MeasuredCurve, TakeResult
from engine.task_state import Outcome, Search, Take, WindowReport
from engine.window_job import WindowJob

MOST_POINTS = 512
"""Of one curve."""
NOT_SEARCHED = Outcome({}, {}, iterations=0, stopped="iterations")
"""There was nothing to search for."""


def outcome(search: Search | None, stopped: str) -> Outcome:
    """Return how `search` went."""
    if search is None:
        return NOT_SEARCHED
    return Outcome(search.losses, search.first_losses, search.iterations, stopped)


def joined(first: Outcome, second: Outcome) -> Outcome:
    """Return how two searches in one window went, one after the other."""
    return Outcome(
        losses=first.losses | second.losses,
        first_losses=first.first_losses | second.first_losses,
        iterations=first.iterations + second.iterations,
        stopped=second.stopped if second.iterations else first.stopped,
    )


def report(window: WindowJob, levels: Levels, found: Outcome) -> WindowReport:
    """Return how `window` went, with the levels of what it followed."""
    if window.is_free:
        return WindowReport(found)
    counted = levels.counted.nonzero()[:, 0].tolist()
    begins = window.canvas.origin + window.window.start / window.canvas.sample_rate
    frame_seconds = levels.frame / window.canvas.sample_rate
    return WindowReport(
        found,
        seconds=tuple(begins + (i + 0.5) * frame_seconds for i in counted),
        wanted=tuple(float(levels.wanted[i]) for i in counted),
        reached=tuple(float(levels.reached[i]) for i in counted),
    )


def take_result(job: Job, index: int, take: Take) -> TakeResult:
    """Return the finished take: the clip with its new samples."""
    empty = on_timeline(job.clip, job.layout, (0, job.layout.samples))
    outcomes = [report.outcome for report in take.reports]
    stopped = {each.stopped for each in outcomes}
    return TakeResult(
        seed=job.request.seed + index,
        audio=scatter(empty, job.layout.new, take.new),
        losses=_means([each.losses for each in outcomes]),
        first_losses=_means([each.first_losses for each in outcomes]),
        iterations=sum(each.iterations for each in outcomes),
        noise=tuple(x_T.float().cpu() for x_T in take.noise),
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
