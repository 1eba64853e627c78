"""One musical job from request to audio: encode, optimize x_T per window, decode, assemble.

The whole of DITTO in the order it happens. A job is a list of takes; a take is a list of windows;
a window is one optimization (Algorithm 1 of the paper).
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from engine.analysis import Analysis
from engine.assembly import assemble
from engine.layout import gather
from engine.matching import is_silent
from engine.models.music_model import MusicModel
from engine.optimizer import Settings, optimize
from engine.preparation import prepare
from engine.quality import search_settings
from engine.reports import curves, outcome, report, take_result
from engine.requests import Clip, Request
from engine.results import MeasuredCurve, TakeResult, TaskResult
from engine.shapes import Latents, Samples
from engine.task_state import MadeWindow, Progress, Search, Take, TaskState, load, save
from engine.window_job import Job, WindowJob

__all__ = [
    "Clip",
    "MeasuredCurve",
    "Request",
    "TakeResult",
    "TaskResult",
    "TaskState",
    "Update",
    "perform",
]


@dataclass(frozen=True)
class Update:
    """Progress. `step` of `steps` counts iterations over all windows and takes.

    `phase` is analyzing, optimizing or decoding. `state` is there whenever a checkpoint may be
    written; `preview` renders the best so far, (channels, samples), when called; `result` is there
    in the last update only.
    """

    phase: str
    step: int
    steps: int
    take: int = 0
    loss: float | None = None
    losses: dict[str, float] = field(default_factory=dict)
    note: str = ""
    state: Callable[[], TaskState] | None = None
    preview: Callable[[], Samples] | None = None
    result: TaskResult | None = None


def perform(
    request: Request,
    clip: Clip | None,
    model: MusicModel,
    *,
    resume: TaskState | None = None,
    finish: Callable[[], bool] = lambda: False,
) -> Iterator[Update]:
    """Yield progress and, last, the result. Stop iterating to cancel; nothing is left behind.

    `finish` is asked after every iteration; once True, optimizing ends, the best so far is decoded
    and no further take is begun. The same seed makes the same music, interrupted and resumed or
    not. Raises EngineError with a sentence for the user.
    """
    settings = search_settings(request.quality, model, frozenset({"overlap"}))
    yield Update("analyzing", 0, 0)
    job, analysis = prepare(request, clip, model, resume=resume)
    progress = Progress(job.context, job.canvas)
    yield Update("analyzing", 0, _steps(job, settings), note=_note(job, analysis))
    if resume is not None:
        progress = yield from _restore(job, resume, settings)
    while len(progress.takes) < request.takes:
        if progress.takes and progress.is_between_takes and finish():
            break
        progress = yield from _make_window(job, progress, settings, finish)
    steps = _steps(job, settings)
    yield Update("decoding", steps, steps, result=_result(job, progress))


def _note(job: Job, analysis: Analysis) -> str:
    if job.request.task == "generate":
        return ""
    if is_silent(job.clip.audio):
        return "The clip is silent: the new material follows the prompt alone."
    return analysis.sentence


def _restore(job: Job, resume: TaskState, settings: Settings) -> Generator[Update, None, Progress]:
    """Place the windows again that were finished, and return the progress that was saved."""
    saved = load(resume, job.device)
    progress = Progress(job.context, job.canvas)
    for made in saved.made:
        step, take = _step(job, progress, settings), len(progress.takes)
        # Until all is placed again, what was saved is still the best to go on from.
        yield Update("decoding", step, _steps(job, settings), take, state=lambda: resume)
        progress = _placed(_next_window(job, progress), progress, made)
    return replace(progress, search=saved.search)


def _next_window(job: Job, progress: Progress) -> WindowJob:
    return WindowJob(job, job.windows[len(progress.reports)], progress.canvas)


def _make_window(
    job: Job, progress: Progress, settings: Settings, finish: Callable[[], bool]
) -> Generator[Update, None, Progress]:
    """Optimize the next window and return the progress with its music on the canvas."""
    window, take = _next_window(job, progress), len(progress.takes)
    x_T, stopped = job.noise(take, len(progress.reports)), "iterations"
    if not window.is_free:
        x_T, stopped, progress = yield from _search(window, x_T, progress, settings, finish)
    step, steps = _step(job, progress, settings), _steps(job, settings)
    yield Update("decoding", step, steps, take, state=partial(save, progress))
    made = MadeWindow(window.music(x_T), outcome(progress.search, stopped))
    return _placed(window, progress, made)


def _placed(window: WindowJob, progress: Progress, made: MadeWindow) -> Progress:
    """Return the progress with the window's music on the canvas; its take may end with it."""
    job, takes = window.job, progress.takes
    canvas, levels = window.place(made.x_0)
    reports = (*progress.reports, report(window, levels, made.outcome))
    if len(reports) == len(job.windows):
        new = gather(assemble(job.clip, job.layout, canvas), job.layout.new)
        takes, canvas, reports = (*takes, Take(new, reports)), job.canvas, ()
    return Progress(job.context, canvas, takes, reports, (*progress.made, made))


def _search(
    window: WindowJob,
    x_T: Latents,
    progress: Progress,
    settings: Settings,
    finish: Callable[[], bool],
) -> Generator[Update, None, tuple[Latents, str, Progress]]:
    """Return the best noise, why the search ended, and the progress with the search in it."""
    job, take = window.job, len(progress.takes)
    resumed = progress.search.state if progress.search else None
    best, stopped = x_T, ""
    for iteration in optimize(x_T, window.losses, settings, resume=resumed):
        best, stopped = iteration.best_x_T, iteration.stopped
        progress = replace(progress, search=Search.after(iteration, progress.search))
        yield Update(
            "optimizing",
            _step(job, progress, settings),
            _steps(job, settings),
            take,
            loss=iteration.loss,
            losses=iteration.losses,
            state=partial(save, progress),
            preview=partial(_preview, window, best),
        )
        if not stopped and finish():
            stopped = "finish"
            break
    return best, stopped, progress


def _preview(window: WindowJob, x_T: Latents) -> Samples:
    canvas, _ = window.place(window.music(x_T))
    return assemble(window.job.clip, window.job.layout, canvas)


def _window_steps(job: Job, settings: Settings) -> list[int]:
    return [settings.iterations if window.keep else 1 for window in job.windows]


def _steps(job: Job, settings: Settings) -> int:
    return job.request.takes * sum(_window_steps(job, settings))


def _step(job: Job, progress: Progress, settings: Settings) -> int:
    """Return the iterations behind us; a window that stopped early counts in full."""
    per_window = _window_steps(job, settings)
    done = len(progress.takes) * sum(per_window) + sum(per_window[: len(progress.reports)])
    return done + (progress.search.iterations if progress.search else 0)


def _result(job: Job, progress: Progress) -> TaskResult:
    first = WindowJob(job, job.windows[0], job.canvas)
    return TaskResult(
        takes=tuple(take_result(job, i, take) for i, take in enumerate(progress.takes)),
        new=job.layout.new,
        clip_start=job.layout.clip_start,
        sample_rate=job.clip.sample_rate,
        context=job.context,
        recognized=first.conditioning.recognized,
        curves=curves(progress.takes),
    )
