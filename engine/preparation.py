"""From a request to a job: listen to the clip, lay out the timeline, plan the windows."""

from collections.abc import Callable
from dataclasses import replace

import torch

from engine.analysis import Analysis, analyze
from engine.canvas import open_canvas
from engine.frugality import LAVISH, Frugality
from engine.job import Job
from engine.layout import lay_out
from engine.matching import MOST_LAG_SECONDS
from engine.models.clap import Clap as AudioTextModel
from engine.models.music_model import MusicalContext, MusicModel
from engine.models.tags import parse_tags
from engine.repetition import once
from engine.requests import Clip, Request
from engine.targets import asking
from engine.task_state import TaskState, saved_context
from engine.validation import FASTEST_BPM, SLOWEST_BPM, check
from engine.validation_of_controls import check_controls, check_start
from engine.windows import Reach, plan_windows

OVERLAP_SECONDS, MOST_OVERLAP_SECONDS = 2.0, 6.0
"""Audio to reproduce beside new material unless asked otherwise: at least, and where it fits."""
OVERLAP_SHARE = 0.4
"""Of a short window that the overlap may take unless asked otherwise."""


def prepare(
    request: Request,
    clip: Clip | None,
    model: MusicModel,
    *,
    clap: AudioTextModel | None = None,
    resume: TaskState | None = None,
    frugality: Frugality = LAVISH,
    pause: Callable[[], None] = lambda: None,
) -> tuple[Job, Analysis]:
    """Return the job that a request asks for, and what was heard in the clip.

    `pause` is called now and then; what it raises ends the listening.
    Raises EngineError with a sentence where the request cannot be met.
    """
    check(request, clip, model)
    # Without a clip the timeline is the model's own, in its rate and channels.
    clip = clip or Clip(torch.zeros(model.channels, 0), model.sample_rate)
    analysis = _analysis(request, clip, model, resume, pause)
    check_controls(request, clip, analysis.context, model, reads_text=clap is not None)
    job = _job(request, clip, model, analysis)
    return replace(job, clap=clap, frugality=frugality), analysis


def _analysis(
    request: Request,
    clip: Clip,
    model: MusicModel,
    resume: TaskState | None,
    pause: Callable[[], None],
) -> Analysis:
    """Return what is known of the music; a resumed job follows what it followed before."""
    if resume is not None:
        return Analysis(saved_context(resume))
    told = _told(request)
    if request.task == "generate":
        # The first bar begins with the music.
        starts = told.beat_offset is None and told.bpm is not None
        return Analysis(replace(told, beat_offset=0.0) if starts else told)
    around = _edit_seconds(request, clip)
    return analyze(clip.audio, clip.sample_rate, host=told, around=around, model=model, pause=pause)


def _told(request: Request) -> MusicalContext:
    """Return what the host knows, with the tempo in the prompt where the host knows none."""
    context, bpm = request.context, parse_tags(request.prompt).bpm
    if context.bpm is not None or bpm is None or not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        return context
    return replace(context, bpm=bpm)


def _edit_seconds(request: Request, clip: Clip) -> float:
    """Return where in the clip the new material begins or goes."""
    if request.task == "inpaint":
        return min(request.regions)[0]
    if request.task == "outpaint" and request.side == "before":
        return 0.0
    seconds = clip.audio.shape[-1] / clip.sample_rate
    return seconds / 2 if request.task == "vary" else seconds


def _job(request: Request, clip: Clip, model: MusicModel, analysis: Analysis) -> Job:
    layout = lay_out(request, clip, analysis.context)
    rate, window = model.sample_rate, model.max_latent_frames * model.hop_length
    canvas = open_canvas(
        clip,
        once(layout, window) if layout.period else layout,
        sample_rate=rate,
        channels=model.channels,
        reach_seconds=window / rate,
    )
    overlap = request.overlap or min(OVERLAP_SECONDS, OVERLAP_SHARE * window / rate)
    reach = Reach(
        window=window,
        overlap=round(overlap * rate),
        most_overlap=round((request.overlap or MOST_OVERLAP_SECONDS) * rate),
        guard=round(MOST_LAG_SECONDS * rate),
    )
    windows = plan_windows(canvas.new, canvas.audio.shape[-1], reach)
    job = Job(request, clip, model, analysis.context, layout, canvas, windows)
    check_start(job)
    asked = tuple(asking(job, window) for window in windows)
    # With what was read of recordings: finding the notes of one takes seconds.
    return replace(job, request=replace(request, controls=job.controls), asked=asked)
