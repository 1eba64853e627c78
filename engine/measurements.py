"""How well the controls were met: what is asked and what is heard in the decoded result.

    the take's audio at the model's rate  ->  curves over time, matrices of similarity

Measured by the features that steered the search, but on the waveform the user gets.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.controls import Control, Intensity, Melody, Structure
from engine.forms import extent, moment_frames, pooled, similarity_target, smoothing
from engine.job import Job, kind
from engine.listening import Heard, Listening
from engine.objectives.intensity import smoothed_where_asked
from engine.objectives.structure import StructureObjective
from engine.reports import MOST_POINTS
from engine.results import MeasuredCurve, MeasuredMatrix, TakeResult
from engine.targets import intensity_target, melody_target
from engine.timeline import Frames, result_frames

MOST_CELLS = 64
"""Rows and columns of one matrix."""


@dataclass(frozen=True)
class Measured:
    """What was heard in all takes."""

    curves: tuple[MeasuredCurve, ...] = ()
    matrices: tuple[MeasuredMatrix, ...] = ()


def measure(job: Job, takes: tuple[TakeResult, ...]) -> Measured:
    """Return the controls' curves and matrices of every take."""
    if not job.controls:
        return Measured()
    found = [
        measured
        for index, take in enumerate(takes)
        for heard in [_heard(job, take)]
        for control in job.controls
        if (measured := _measured(job, control, index, heard)) is not None
    ]
    return Measured(
        tuple(each for each in found if isinstance(each, MeasuredCurve)),
        tuple(each for each in found if isinstance(each, MeasuredMatrix)),
    )


def _heard(job: Job, take: TakeResult) -> Heard:
    recording = take.audio.float()
    return Listening(job.model).hear_recording(recording, sample_rate=job.clip.sample_rate)


def _measured(
    job: Job, control: Control, take: int, heard: Heard
) -> MeasuredCurve | MeasuredMatrix | None:
    frames = result_frames(job)
    match control:
        case Intensity():
            target, mask = (each[:, : heard.frames] for each in intensity_target(control, frames))
            curves = (smoothed_where_asked(c, mask, heard)[0] for c in (target, heard.levels))
            return _curve(kind(control), "dB", take, frames.seconds, mask, *curves)
        case Melody():
            shares, mask = melody_target(job, control, frames)
            asked = mask[0, : heard.frames] > 0
            notes = (each[0, :, : len(asked)].argmax(0)[asked] for each in (shares, heard.chroma))
            return _curve("melody", "pitch class", take, frames.seconds, mask, *notes)
        case Structure():
            return _matrix(job, control, take, heard, frames)
    return None


def _curve(
    name: str, unit: str, take: int, seconds: Tensor, mask: Tensor, target: Tensor, measured: Tensor
) -> MeasuredCurve | None:
    """Return the curve at the asked frames, thinned; None where nothing was asked."""
    if not len(target):
        return None
    at = seconds[: mask.shape[-1]][mask[0] > 0][: len(target)]
    every = -(-len(target) // MOST_POINTS)
    points = (tuple(map(float, each[::every])) for each in (at, target, measured))
    return MeasuredCurve(name, unit, take, *points)


def _matrix(
    job: Job, control: Structure, take: int, heard: Heard, frames: Frames
) -> MeasuredMatrix | None:
    """Return the matrix of the form's moments; None where it is shorter than one."""
    pool = moment_frames(job, control, frames.step)
    moments = pooled(frames, pool)
    target, _ = similarity_target(job, control, moments.seconds, moments.step)
    measure = StructureObjective(
        target=target[None],
        mask=target[None],
        weight=1.0,
        smoothing=smoothing(control, moments.step),
        pool=pool,
    )
    start, end = extent(job, control)
    inside = (moments.seconds >= start) & (moments.seconds < end)
    if not bool(inside.any()):
        return None
    measured = measure.similarity(heard)[0][: len(inside), : len(inside)]
    cells = min(MOST_CELLS, int(inside.sum()))
    shown = (
        torch.nn.functional.adaptive_avg_pool2d(each[inside][:, inside][None], cells)[0]
        for each in (target, measured)
    )
    wanted, reached = (each.clamp(-1, 1).cpu() for each in shown)
    return MeasuredMatrix("structure", take, (start, end), wanted, reached)
