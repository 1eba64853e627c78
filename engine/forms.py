"""Forms on the timeline: which moments of the music shall sound alike.

A moment is one frame, or the mean of several where the music is long. A window is compared with
itself and with what is known elsewhere of the labelled music: the clip, and what earlier windows
made. Pairs count in which at least one moment is new.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.bars import first_downbeat, in_seconds
from engine.canvas import Canvas
from engine.controls import Structure
from engine.features.savitzky_golay import odd_frames
from engine.features.self_similarity import SMOOTHING_SECONDS, self_similarity, timbre
from engine.job import Job
from engine.listening import Listening
from engine.objectives.structure import StructureObjective, moments
from engine.references import stretched_log_mel
from engine.shapes import Features, Matrix
from engine.spans import Spans, outside, union
from engine.timeline import Frames, window_frames
from engine.windows import Window

MOST_MOMENTS = 512
"""In what a form covers: similarity is a matrix of moments by moments."""


def structure_objective(
    job: Job,
    control: Structure,
    window: Window,
    canvas: Canvas,
    *,
    weight: float,
    schedule: tuple[float, float],
) -> StructureObjective:
    """Return what `control` asks of `window`, in which it `asks_form`."""
    frames = window_frames(job, window)
    pool = moment_frames(job, control, frames.step)
    before, after = _elsewhere(job, control, window, canvas, pool)
    own = pooled(frames, pool)
    seconds = torch.cat([before.seconds, own.seconds, after.seconds])
    new = torch.cat([_none(before.seconds), own.asked(control), _none(after.seconds)])
    target, asked = similarity_target(job, control, seconds, own.step)
    counted = asked & (new[:, None] | new[None])
    device = job.device
    return StructureObjective(
        target=target[None].to(device),
        mask=counted[None].float().to(device),
        weight=weight,
        schedule=schedule,
        smoothing=smoothing(control, own.step),
        pool=pool,
        before=before.music,
        after=after.music,
    )


def asks_form(job: Job, control: Structure, frames: Frames) -> bool:
    """Return whether `control` asks for something of a moment of `frames`."""
    own = pooled(frames, moment_frames(job, control, frames.step))
    return bool((own.asked(control) & asked_moments(job, control, own.seconds)).any())


def moment_frames(job: Job, control: Structure, step: float) -> int:
    """Return how many frames of `step` seconds one moment has."""
    start, end = extent(job, control)
    return max(1, math.ceil((end - start) / step / MOST_MOMENTS))


def smoothing(control: Structure, step: float) -> int | None:
    """Return over how many moments of `step` seconds a form is smoothed; a copy is not."""
    if control.reference is not None:
        return None
    return odd_frames(SMOOTHING_SECONDS, frame_seconds=step)


def pooled(frames: Frames, pool: int) -> Frames:
    """Return the moments of `frames`: a moment counts where all of its frames do."""
    whole = len(frames.seconds) // pool * pool
    return Frames(
        frames.seconds[:whole].reshape(-1, pool).mean(1),
        frames.counts[:whole].reshape(-1, pool).all(1),
        frames.step * pool,
    )


def extent(job: Job, control: Structure) -> tuple[float, float]:
    """Return where in the result (s) a form or the reference begins and ends."""
    start = job.begin(control)
    if control.sections:
        clip_start = job.layout.clip_start / job.clip.sample_rate
        if control.unit == "bars":
            start = first_downbeat(job.context, after=start, clip_start=clip_start)
        length = sum(section.length for section in control.sections)
        return start, start + in_seconds(length, control.unit, job.context)
    if control.region is not None:
        return control.region
    return start, (job.layout.period or job.layout.new[-1][1]) / job.clip.sample_rate


def similarity_target(
    job: Job, control: Structure, seconds: Tensor, step: float
) -> tuple[Matrix, Tensor]:
    """Return how alike the moments at `seconds` shall be, and where that is asked: (n, n) both."""
    asked = asked_moments(job, control, seconds)
    asked = asked[:, None] & asked[None]
    if control.reference is not None:
        start, end = extent(job, control)
        count = max(2, round((end - start) / step))
        shown = timbre(stretched_log_mel(control.reference, Listening(job.model), frames=count))
        wanted = self_similarity(shown)[0]
        at = ((seconds - start) / step).round().long().clamp(0, count - 1)
        return wanted[at][:, at], asked
    labels = _labels(job, control, seconds)
    return (labels[:, None] == labels[None]).float(), asked


def asked_moments(job: Job, control: Structure, seconds: Tensor) -> Tensor:
    """Return (n,): whether the form or the reference says what happens at `seconds`."""
    if control.reference is None:
        return _labels(job, control, seconds) >= 0
    start, end = extent(job, control)
    return (seconds >= start) & (seconds < end)


def _labels(job: Job, control: Structure, seconds: Tensor) -> Tensor:
    """Return a number for the label at each of `seconds`; -1: nothing is asked."""
    start, _ = extent(job, control)
    names = sorted({section.label for section in control.sections if section.label})
    labels = torch.full(seconds.shape, -1)
    for section in control.sections:
        end = start + in_seconds(section.length, control.unit, job.context)
        if section.label:
            labels[(seconds >= start) & (seconds < end)] = names.index(section.label)
        start = end
    if control.region is not None:
        labels[(seconds < control.region[0]) | (seconds >= control.region[1])] = -1
    return labels


@dataclass(frozen=True)
class _Memory:
    """Music outside a window: the `seconds` of its moments, and their log-mel (None: no moment)."""

    seconds: Tensor
    music: Features | None = None


def _elsewhere(
    job: Job, control: Structure, window: Window, canvas: Canvas, pool: int
) -> tuple[_Memory, _Memory]:
    """Return the known, asked moments before and after `window`."""
    listening = Listening(job.model)
    frame = listening.hop * pool
    count = canvas.audio.shape[-1] // frame
    at = torch.arange(count) * frame + (frame - listening.hop) / 2
    seconds = canvas.origin + at.double() / job.model.sample_rate
    known = _inside(_known(job, window), at) & asked_moments(job, control, seconds)
    before, after = known & (at < window.start), known & (at >= window.start + window.samples)
    if not bool((before | after).any()):
        return _Memory(seconds[:0]), _Memory(seconds[:0])
    heard = listening.hear_recording(canvas.audio, sample_rate=canvas.sample_rate)
    music = moments(heard.log_mel, pool)[..., :count]
    first, last = (
        _Memory(seconds[part], music[..., part.to(music.device)] if bool(part.any()) else None)
        for part in (before, after)
    )
    return first, last


def _known(job: Job, window: Window) -> Spans:
    """Return what of the canvas holds music when `window` is made."""
    made = job.windows[: job.windows.index(window)]
    kept = outside(job.canvas.new, job.canvas.audio.shape[-1])
    return union((*kept, *(span for earlier in made for span in earlier.new)))


def _inside(spans: Spans, at: Tensor) -> Tensor:
    found = torch.zeros(len(at), dtype=torch.bool)
    for start, end in spans:
        found |= (at >= start) & (at < end)
    return found


def _none(seconds: Tensor) -> Tensor:
    return torch.zeros(len(seconds), dtype=torch.bool)
