"""One musical job from request to audio: encode, optimize x_T per window, decode, assemble.

The whole of DITTO in the order it happens. A job is a list of takes; a take is a list of windows;
a window is one optimization (Algorithm 1 of the paper).
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from engine.analysis import Analysis
from engine.assembly import assemble
from engine.frugality import LAVISH, Frugality
from engine.inversion_job import InversionJob, mixed
from engine.job import Job
from engine.layout import gather
from engine.matching import is_silent
from engine.measurements import measure
from engine.models.clap import Clap
from engine.models.music_model import MusicModel
from engine.player import Player
from engine.preparation import prepare
from engine.reports import NOT_SEARCHED, curves, joined, outcome, report, take_result
from engine.requests import Clip, Request
from engine.results import MeasuredCurve, TakeResult, TaskResult
from engine.shapes import Latents, Samples
from engine.steps import all_steps, steps_done
from engine.surrogate import search
from engine.task_state import Found, Progress, Search, Take, TaskState, load, save
from engine.window_job import WindowJob

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
    clap: Clap | None = None,
    resume: TaskState | None = None,
    finish: Callable[[], bool] = lambda: False,
    pause: Callable[[], None] = lambda: None,
    frugality: Frugality = LAVISH,
) -> Iterator[Update]:
    """Yield progress and, last, the result. Stop iterating to cancel; nothing is left behind.

    Listening to the clip takes seconds between two updates; `pause` is called meanwhile, and what
    it raises ends the job.

    `finish` is asked after every iteration; once True, optimizing ends, the best so far is decoded
    and no further take is begun. On the same CPU the same seed makes the same music bit by bit,
    interrupted and resumed or not. Matching a text needs `clap`. Raises EngineError with a sentence
    for the user; where memory runs out (`ran_out_of_memory`), the next `frugality` may do, from the
    last state.
    """
    yield Update("analyzing", 0, 0)
    job, analysis = prepare(
        request, clip, model, clap=clap, resume=resume, frugality=frugality, pause=pause
    )
    progress = Progress(job.context, job.canvas)
    yield Update("analyzing", 0, all_steps(job), note=_note(job, analysis))
    if resume is not None:
        progress = yield from _restore(job, resume)
    while len(progress.takes) < request.takes:
        if progress.takes and progress.is_between_takes and finish():
            break
        progress = yield from _make_window(job, progress, finish)
    yield Update("decoding", all_steps(job), all_steps(job), result=_result(job, progress))


def _note(job: Job, analysis: Analysis) -> str:
    if job.request.task == "generate":
        return ""
    if is_silent(job.clip.audio):
        return "The clip is silent: the new material follows the prompt alone."
    return analysis.sentence


def _restore(job: Job, resume: TaskState) -> Generator[Update, None, Progress]:
    """Place the windows again that were finished, and return the progress that was saved."""
    saved = load(resume, job.device)
    progress = Progress(job.context, job.canvas)
    for i, made in enumerate(saved.made):
        # Inverted with its window, so that the steps do not go back.
        inversions = saved.inversions[: i + 1]
        progress = replace(progress, inversions=inversions)
        # Until all is placed again, what was saved is still the best to go on from.
        yield _update("decoding", job, progress, lambda _: resume)
        progress = _placed(_next_window(job, progress), progress, made)
    return replace(progress, inversions=saved.inversions, search=saved.search)


def _next_window(job: Job, progress: Progress) -> WindowJob:
    return WindowJob(job, job.windows[len(progress.reports)], progress.canvas)


def _make_window(
    job: Job, progress: Progress, finish: Callable[[], bool]
) -> Generator[Update, None, Progress]:
    """Optimize the next window and return the progress with its music on the canvas."""
    window, take, index = _next_window(job, progress), len(progress.takes), len(progress.reports)
    if job.inverts and len(progress.inversions) <= index:
        progress = yield from _invert(window, progress, finish)
    x_T = job.noise(take, index)
    if job.inverts:
        fresh = job.fresh_noise(take, index)
        x_T = mixed(progress.inversions[index].x_T, fresh, job.request.strength)
    window, found = replace(window, noise=x_T), Found(x_T, NOT_SEARCHED)
    if window.objectives:
        found, progress = yield from _search(window, window, x_T, progress, finish)
    yield _update("decoding", job, progress, save)
    if job.inverts:
        found = replace(found, outcome=joined(progress.inversions[index].outcome, found.outcome))
    return _placed(window, progress, found)


def _invert(
    window: WindowJob, progress: Progress, finish: Callable[[], bool]
) -> Generator[Update, None, Progress]:
    """Return the progress with the noise in which the model hears the window's clip."""
    job, index = window.job, len(progress.inversions)
    given = job.given_noise(index)
    if given is not None:
        found = Found(given, NOT_SEARCHED)
    else:
        inversion = InversionJob(window)
        x_T = inversion.start(job.inversion_noise(index))
        found, progress = yield from _search(window, inversion, x_T, progress, finish)
    return replace(progress, inversions=(*progress.inversions, found), search=None)


def _placed(window: WindowJob, progress: Progress, found: Found) -> Progress:
    """Return the progress with the window's music on the canvas; its take may end with it."""
    job, takes, made = window.job, progress.takes, (*progress.made, found)
    renewals = job.renewals(len(takes), len(progress.reports))
    canvas, levels = window.place(window.player.music(found.x_T, renewals))
    reports = (*progress.reports, report(window, levels, found.outcome))
    if len(reports) == len(job.windows):
        new = gather(assemble(job.clip, job.layout, canvas), job.layout.new)
        noise = tuple(each.x_T for each in made[-len(reports) :])
        takes, canvas, reports = (*takes, Take(new, reports, noise)), job.canvas, ()
    return replace(progress, canvas=canvas, takes=takes, reports=reports, made=made, search=None)


def _search(
    window: WindowJob,
    goal: WindowJob | InversionJob,
    x_T: Latents,
    progress: Progress,
    finish: Callable[[], bool],
) -> Generator[Update, None, tuple[Found, Progress]]:
    """Return the best noise for `goal`, and the progress with the search in it."""
    job = window.job
    resumed = progress.search.state if progress.search else None
    best, stopped = x_T, ""
    for iteration in search(
        x_T,
        goal.losses,
        goal.settings,
        surrogate=goal.surrogate,
        weighting=goal.weighting,
        resume=resumed,
        finish=finish,
    ):
        best, stopped = iteration.best_x_T, iteration.stopped
        progress = replace(progress, search=Search.after(iteration))
        yield replace(
            _update("optimizing", job, progress, save),
            loss=iteration.loss,
            losses=iteration.losses,
            note=goal.note,
            preview=partial(_preview, window, goal.player, best),
        )
    return Found(best, outcome(progress.search, stopped or "finish")), progress


def _preview(window: WindowJob, player: Player, x_T: Latents) -> Samples:
    canvas, _ = window.place(player.music(x_T))
    return assemble(window.job.clip, window.job.layout, canvas)


def _update(
    phase: str, job: Job, progress: Progress, state: Callable[[Progress], TaskState]
) -> Update:
    step, take = steps_done(job, progress), len(progress.takes)
    return Update(phase, step, all_steps(job), take, state=partial(state, progress))


def _result(job: Job, progress: Progress) -> TaskResult:
    takes = tuple(take_result(job, i, take) for i, take in enumerate(progress.takes))
    measured = measure(job, takes)
    first = WindowJob(job, job.windows[0], job.canvas)
    return TaskResult(
        takes=takes,
        new=job.layout.new,
        clip_start=job.layout.clip_start,
        sample_rate=job.clip.sample_rate,
        context=job.context,
        recognized=first.conditioning.recognized,
        curves=(*curves(progress.takes), *measured.curves),
        matrices=measured.matrices,
    )
