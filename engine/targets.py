"""From what is asked of the music to what is asked of the frames of one window.

    controls on the result's timeline  ->  objectives on a window's frames, by name

A control counts in the frames that the window makes anew, inside the control's region, and where
it asks for something: between the first and the last point, inside notes, inside labelled sections.
A window in which a control asks for nothing has no objective for it.
"""

from collections import Counter
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from engine.canvas import Canvas
from engine.controls import Control, Intensity, Melody, Repeat, Structure, TextMatch
from engine.forms import asks_form, structure_objective
from engine.job import Job, kind
from engine.listening import Listening
from engine.models.music_model import HasFeatureDomain
from engine.objectives.intensity import IntensityObjective, ShapeObjective
from engine.objectives.melody import MelodyObjective, line
from engine.objectives.objective import Objective
from engine.objectives.repetition import RepetitionObjective
from engine.objectives.text import text_match
from engine.objectives.weights import default_weights
from engine.references import harmony
from engine.shapes import Chroma, Curve
from engine.spans import Spans, union, within
from engine.timeline import Frames, window_frames
from engine.windows import Window


def objectives(job: Job, window: Window, canvas: Canvas) -> dict[str, Objective]:
    """Return what the controls ask of `window`, by name; a kind asked twice gets a number.

    `canvas` is the music as the windows before have left it.
    """
    found: dict[str, Objective] = {}
    seen: Counter[str] = Counter()
    for control in job.controls:
        seen[kind(control)] += 1
        objective = _objective(job, control, window, canvas)
        if objective is not None:
            again = seen[kind(control)]
            found[f"{objective.name} {again}" if again > 1 else objective.name] = objective
    return found


def weight(job: Job, window: Window, control: Control) -> float:
    """Return what `control` counts: what the user says, else the combination's default.

    Balanced controls count alike: their weights are shares.
    """
    if control.weight is not None or job.request.balance:
        return control.weight or 1.0
    return default_weights(job.kinds(window))[kind(control)]


def dynamics(job: Job) -> str | None:
    """Return how the model is told that the level moves; None: it is told nothing.

    Left unsaid, the model would fade or swell by chance, beside a clip most of all. The level moves
    where the prompt, an intensity curve or the clip that is varied says so.
    """
    if job.request.task == "vary":
        return None
    curves = [control for control in job.controls if isinstance(control, Intensity)]
    if not curves:
        return "steady"
    return None


def steered(job: Job) -> Spans:
    """Return the stretches of the canvas, in samples, whose level is asked for in decibels."""
    rate, origin = job.model.sample_rate, job.canvas.origin
    spans = []
    for control in job.controls:
        if isinstance(control, Intensity) and control.match == "level":
            (first, _), *_, (last, _) = control.points
            start, end = control.region or (first, last)
            start, end = max(start, first), min(end, last)
            if start < end:
                spans.append((round((start - origin) * rate), round((end - origin) * rate)))
    return within(union(spans), 0, job.canvas.audio.shape[-1])


def intensity_target(control: Intensity, frames: Frames) -> tuple[Curve, Curve]:
    """Return the level in dB asked at each frame, and 1 where it is asked; both (1, frames)."""
    seconds, levels = np.array(control.points).T
    at = frames.seconds.numpy()
    target = torch.from_numpy(np.interp(at, seconds, levels)).float()
    asked = frames.asked(control) & torch.from_numpy((at >= seconds[0]) & (at <= seconds[-1]))
    return target[None], asked.float()[None]


def melody_target(job: Job, control: Melody, frames: Frames) -> tuple[Chroma, Curve]:
    """Return the shares of the pitch classes asked at each frame, and 1 where they are asked.

    On the CPU, as all targets before they become objectives.
    """
    count, start = len(frames.seconds), float(frames.seconds[0])
    if control.reference is None:
        asked = line(control.notes, frames=count, frame_seconds=frames.step, start=start)
        target, mask = asked.target, asked.mask
    else:
        start -= job.begin(control)
        heard = harmony(control.reference, Listening(job.model), frames=count, start=start)
        target, mask = (each.cpu() for each in heard)
    return target, mask * frames.asked(control).float()


def asking(job: Job, window: Window) -> frozenset[str]:
    """Return the kinds of the controls that ask for something in `window`."""
    return frozenset(kind(control) for control in job.controls if _asks(job, control, window))


def controlled_frames(job: Job, window: Window) -> Bool[Tensor, " frames"]:
    """Return where in `window` any control may ask for something; a melody only where it sounds."""
    frames = window_frames(job, window)
    asked = torch.zeros(len(frames.seconds), dtype=torch.bool)
    for control in job.controls:
        if isinstance(control, Melody):
            asked |= melody_target(job, control, frames)[1][0] > 0
        else:
            asked |= frames.asked(control)
    return asked


def _asks(job: Job, control: Control, window: Window) -> bool:
    """Return whether `control` asks for something in `window`."""
    frames = window_frames(job, window)
    match control:
        case Intensity():
            return bool(intensity_target(control, frames)[1].any())
        case Melody():
            return bool(melody_target(job, control, frames)[1].any())
        case Structure():
            return asks_form(job, control, frames)
        case TextMatch():
            return bool(frames.asked(control).any())
    return True


def _objective(job: Job, control: Control, window: Window, canvas: Canvas) -> Objective | None:
    """Return what `control` asks of `window`; None: nothing."""
    if not _asks(job, control, window):
        return None
    frames = window_frames(job, window)
    shared: Any = {"weight": weight(job, window, control), "schedule": control.schedule}
    match control:
        case Intensity():
            target, mask = intensity_target(control, frames)
            target, mask = target.to(job.device), mask.to(job.device)
            asked = IntensityObjective if control.match == "level" else ShapeObjective
            return asked(target=target, mask=mask, **shared)
        case Melody():
            target, mask = (each.to(job.device) for each in melody_target(job, control, frames))
            return MelodyObjective(target=target, mask=mask, **shared)
        case Structure():
            return structure_objective(job, control, window, canvas, **shared)
        case Repeat():
            return _repetition(job, **shared)
        case TextMatch():
            assert job.clap is not None, "a request without an audio-text model is refused"
            return text_match(job.clap, control.description, **shared)
    return None


def _repetition(job: Job, **shared: Any) -> RepetitionObjective:
    """Return the objective of music that repeats itself, in frames of the model's features."""
    model = job.model
    per_latent = model.frames_per_latent if isinstance(model, HasFeatureDomain) else 1
    frame = model.hop_length / per_latent
    period = round(job.layout.period / frame)
    frames = round(job.canvas.audio.shape[-1] / frame)
    return RepetitionObjective(period=period, overlap=frames - period, **shared)
