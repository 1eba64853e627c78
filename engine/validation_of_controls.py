"""Controls that cannot be met: every reason at once, each with where it is and what to do.

check_controls   what is asked of the music
check_start      noise that a job shall begin from
"""

import math
from collections.abc import Iterator
from itertools import combinations, pairwise

from engine.bars import first_downbeat, in_seconds
from engine.controls import (
    Control,
    Intensity,
    Melody,
    Reference,
    Repeat,
    Structure,
    TextMatch,
)
from engine.errors import InvalidRequestError
from engine.job import Job
from engine.layout import Layout, lay_out
from engine.models.music_model import MusicalContext, MusicModel
from engine.repetition import LEAST_BEYOND_SECONDS, LEAST_SECONDS
from engine.requests import Clip, Request
from engine.spans import within

LOWEST_DB, HIGHEST_DB = -120.0, 20.0
LEAST_REFERENCE_SECONDS = 0.1
NAMES: dict[type[Control], str] = {
    Intensity: "intensity curve",
    Melody: "melody",
    Structure: "structure",
    Repeat: "repetition",
    TextMatch: "text match",
}


def check_controls(
    request: Request,
    clip: Clip,
    context: MusicalContext,
    model: MusicModel,
    *,
    reads_text: bool = False,
) -> None:
    """Return if all controls can be met; else raise InvalidRequestError with every reason.

    `reads_text` says whether there is an audio-text model.
    """
    controls = request.controls
    named = [(_name(controls, i), control) for i, control in enumerate(controls)]
    wrong = [f"The {name} {why}" for name, control in named for why in _alone(control)]
    if not 0 <= request.strength <= 1:
        wrong.append(f"A strength is from 0 to 1; you gave {request.strength:g}.")
    wrong += _repetition(request, context, model)
    if not reads_text and any(isinstance(control, TextMatch) for control in controls):
        wrong.append(
            "The text match needs an audio-text model, and there is none. Download a CLAP "
            "checkpoint in safetensors format and name its folder."
        )
    if not wrong:
        layout = lay_out(request, clip, context)
        wrong += [
            f"The {name} {why}"
            for name, control in named
            for why in _placed(control, layout, clip.sample_rate, context)
        ]
    wrong += _contradictions(named)
    _refuse(wrong)


def check_start(job: Job) -> None:
    """Return if the job can begin from the noise it was given; else raise InvalidRequestError."""
    start, wrong = job.request.start, []
    if start is None:
        return
    if not start.noise:
        wrong.append("There is no noise to start from. Choose a result that keeps its noise.")
    if len(start.noise) > len(job.windows):
        wrong.append(
            f"The noise is of {len(start.noise)} windows, but this job has {len(job.windows)}. "
            "Ask for at least the length that it was made for."
        )
    for i, (noise, window) in enumerate(zip(start.noise, job.windows, strict=False)):
        shape = job.latents_shape(window)
        if tuple(noise.shape) != shape:
            wrong.append(
                f"The noise of window {i + 1} has the shape {tuple(noise.shape)}, but "
                f"{job.model.name} makes this window from {shape}. Use the model and the length "
                "that it was made with."
            )
        elif not bool(noise.isfinite().all()):
            wrong.append(f"The noise of window {i + 1} holds values that are not numbers.")
    if start.mode == "continue" and job.request.task != "vary" and job.request.takes > 1:
        wrong.append(
            f"Going on from given noise makes one take; you asked for {job.request.takes}. Ask for "
            "1, or resample to get others."
        )
    _refuse(wrong)


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise InvalidRequestError("\n".join(wrong))


def _name(controls: tuple[Control, ...], index: int) -> str:
    kind = type(controls[index])
    name = NAMES[kind]
    if sum(type(control) is kind for control in controls) == 1:
        return name
    return f"{name} {sum(type(control) is kind for control in controls[: index + 1])}"


def _alone(control: Control) -> Iterator[str]:
    """Yield what is wrong with a control whatever it is asked of."""
    weight, (first, last) = control.weight, control.schedule
    if weight is not None and not (math.isfinite(weight) and weight > 0):
        yield f"has a weight of {weight:g}. Weights are above 0; leave it out for the default."
    if not (0 <= first < math.inf and 0 <= last < math.inf) or first == last == 0:
        yield f"is scheduled from {first:g} to {last:g}. Give factors from 0 on, not both 0."
    if control.region is not None:
        start, end = control.region
        if not 0 <= start < end < math.inf:
            yield f"has the region {start:g}-{end:g} s. Give its start first, from 0 s on."
    match control:
        case Intensity():
            yield from _intensity(control)
        case Melody():
            yield from _melody(control)
        case Structure():
            yield from _structure(control)
        case Repeat() if control.region is not None:
            yield "has a region, but all of the music repeats. Leave the region out."
        case TextMatch() if not control.description.strip():
            yield "has no description. Say what the music should sound like."


def _one_of_two(what: str, given: bool, reference: Reference | None) -> Iterator[str]:
    if given == (reference is not None):
        yield f"needs either {what} or a recording to follow, and not both. Give one of the two."
    if reference is None:
        return
    seconds = reference.audio.shape[-1] / reference.sample_rate
    if seconds < LEAST_REFERENCE_SECONDS:
        yield (
            f"follows a recording of {seconds:.3f} s; at least {LEAST_REFERENCE_SECONDS:g} s are "
            "needed. Choose a longer one."
        )
    if not bool(reference.audio.isfinite().all()):
        yield "follows a recording with samples that are not numbers. Export it again."


def _intensity(control: Intensity) -> Iterator[str]:
    points = control.points
    yield from _one_of_two("points", bool(points), control.reference)
    if len(points) == 1:
        yield "has one point; a curve needs at least two. Add where it should go."
    if not all(math.isfinite(value) for point in points for value in point):
        yield "holds a value that is not a number. Give seconds and decibels, such as 0:-30 4:-12."
        return
    for (t, _), (u, _) in pairwise(points):
        if u <= t:
            yield f"goes from {t:g} s to {u:g} s. Sort its points by time, each time once."
    for t, level in points:
        if not LOWEST_DB <= level <= HIGHEST_DB:
            yield (
                f"asks for {level:g} dB at {t:g} s. Levels are relative to full scale, from "
                f"{LOWEST_DB:g} to {HIGHEST_DB:g} dB; loud music is near -12."
            )
    if control.match == "shape" and len({level for _, level in points}) == 1:
        yield "asks for the shape of a line that does not move. Let it move, or match its level."


def _melody(control: Melody) -> Iterator[str]:
    yield from _one_of_two("notes", bool(control.notes), control.reference)
    for note in control.notes:
        if not 0 <= note.start < note.end < math.inf:
            yield f"has a note from {note.start:g} s to {note.end:g} s. End it after it begins."
        if not 0 <= note.pitch <= 127:
            yield f"has the pitch {note.pitch} at {note.start:g} s. MIDI pitches are 0 to 127."


def _structure(control: Structure) -> Iterator[str]:
    sections = control.sections
    yield from _one_of_two("sections", bool(sections), control.reference)
    for section in sections:
        if not 0 < section.length < math.inf:
            yield f"has a section {section.label!r} of {section.length:g}. Give it a length."
    if sections and sum(bool(section.label) for section in sections) < 2:
        yield "needs at least two labelled sections to compare, such as A:2 B:2."


def _placed(control: Control, layout: Layout, rate: int, context: MusicalContext) -> Iterator[str]:
    """Yield where a control lies outside the result, or outside what is new in it."""
    seconds = (layout.period or layout.samples) / rate
    whole = f"the {'period' if layout.period else 'result'} of {seconds:.3f} s"
    try:
        own = _stretch(control, layout, rate, context)
    except InvalidRequestError as error:
        yield f"cannot be placed. {error}"
        return
    # The region may cut off what its own times say; it must itself lie in the result.
    first, last = control.region or own
    start, end = max(first, own[0]), min(last, own[1], seconds)
    # A sample of tolerance: lengths are rounded to samples.
    if last > seconds + 1 / rate + 1e-6 and not math.isinf(last):
        yield f"reaches to {last:g} s, beyond {whole}. Shorten it, or ask for more music."
    elif start >= end and control.region is not None:
        yield (
            f"asks for something at {own[0]:g}-{own[1]:g} s only, outside its region "
            f"{first:g}-{last:g} s. Move one of the two."
        )
    elif not within(layout.new, round(start * rate), round(end * rate)):
        stretches = ", ".join(f"{a / rate:g}-{b / rate:g} s" for a, b in layout.new)
        yield (
            f"lies at {start:g}-{end:g} s, where nothing new is made (new: {stretches}). Times are "
            "those of the result; move it there."
        )


def _stretch(
    control: Control, layout: Layout, rate: int, context: MusicalContext
) -> tuple[float, float]:
    """Return where a control asks for something, in seconds of the result, a region left aside."""
    start, end = control.region or (layout.new[0][0] / rate, math.inf)
    match control:
        case Intensity(points=[(first, _), *_, (last, _)]):
            own = (first, last)
        case Melody(notes=[_, *_]):
            own = (min(n.start for n in control.notes), max(n.end for n in control.notes))
        case Structure(sections=[_, *_]):
            clip_start = layout.clip_start / rate
            bars = control.unit == "bars"
            first = first_downbeat(context, after=start, clip_start=clip_start) if bars else start
            length = sum(section.length for section in control.sections)
            own = (first, first + in_seconds(length, control.unit, context))
        case _:
            own = (start, end)
    return (max(start, own[0]), own[1]) if control.region is None else own


def _repetition(request: Request, context: MusicalContext, model: MusicModel) -> Iterator[str]:
    """Yield why the music cannot repeat itself as asked."""
    window = model.max_latent_frames * model.hop_length / model.sample_rate
    for control in request.controls:
        if not isinstance(control, Repeat):
            continue
        if request.task != "generate":
            yield (
                "The repetition is for music made from nothing; a clip is made to repeat by the "
                "task loop. Generate, or loop the clip."
            )
        try:
            period = in_seconds(control.period, control.unit, context)
        except InvalidRequestError as error:
            yield f"The repetition cannot be placed. {error}"
            continue
        most = window - LEAST_BEYOND_SECONDS
        if not LEAST_SECONDS <= period <= most:
            bars = f" ({control.period:g} bars)" if control.unit == "bars" else ""
            yield (
                f"The repetition has a period of {period:.3f} s{bars}; {model.name} can repeat "
                f"after {LEAST_SECONDS:g} to {most:.2f} s. Choose a period in between."
            )
        elif request.seconds and request.seconds < period:
            yield (
                f"The repetition has a period of {period:.3f} s, but only {request.seconds:g} s "
                "are asked for. Ask for at least one period."
            )


def _contradictions(named: list[tuple[str, Control]]) -> Iterator[str]:
    for (one, a), (other, b) in combinations(named, 2):
        if type(a) is not type(b) or isinstance(a, TextMatch):
            continue
        (a_start, a_end), (b_start, b_end) = _asked(a), _asked(b)
        if max(a_start, b_start) < min(a_end, b_end):
            yield (
                f"The {one} and the {other} both ask for the same stretch. Leave one out, or give "
                "them regions that do not overlap."
            )


def _asked(control: Control) -> tuple[float, float]:
    """Return the stretch in which a control asks for something, as far as it says so itself."""
    start, end = control.region or (0.0, math.inf)
    match control:
        case Intensity(points=[(first, _), *_, (last, _)]):
            return max(start, first), min(end, last)
        case Melody(notes=[_, *_]):
            first, last = min(n.start for n in control.notes), max(n.end for n in control.notes)
            return max(start, first), min(end, last)
        case _:
            return start, end
