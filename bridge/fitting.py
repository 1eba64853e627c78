"""Whether what is asked of the music fits into so much new music, beside the protocol's rules.

Every sentence begins with where: the option of the command line, or the place in the document. The
engine checks again what it must; here it is found before anything is sent.
"""

import math
from collections.abc import Sequence
from itertools import zip_longest

from bridge.spec import Control, Intensity, Melody, Spec, Structure
from bridge.timeline import ROUNDING_SECONDS, Stretch, Timeline, in_seconds, length, overlap, spoken
from plugin_protocol.controls import Repeat

LOWEST_DB, HIGHEST_DB = -120.0, 20.0
MOST = {"points": 512, "notes": 1024, "sections": 128}


def misfits(spec: Spec, line: Timeline, places: Sequence[str]) -> list[str]:
    """Return all that does not fit, each a sentence; `places` are where each control was asked."""
    sentences: list[str] = []
    for control, where in zip_longest(spec.controls, places):
        sentences += _too_many(control, where)
        match control:
            case Intensity():
                sentences += _curve(control, line, where)
            case Melody():
                sentences += _notes(control, line, where)
            case Structure():
                sentences += _form(control, line, where, spec.music.bpm)
            case Repeat():
                sentences += _period(control, line, where, spec.music.bpm)
        if control.region and control.region.end > control.region.start:
            sentences += _elsewhere((control.region.start, control.region.end), line, where)
    return sentences + _against_the_period(spec, places)


def _too_many(control: Control, where: str) -> list[str]:
    return [
        f"{where} has {len(values)} {name}; {most} is the most. Thin it out."
        for name, most in MOST.items()
        if len(values := getattr(control, name, ())) > most
    ]


def _curve(control: Intensity, line: Timeline, where: str) -> list[str]:
    sentences: list[str] = []
    for number, (seconds, decibels) in enumerate(control.points, 1):
        point = f"{where}: point {number} ({seconds:g}:{decibels:g})"
        if seconds < 0:
            sentences.append(f"{point} lies before 0 s. Start at 0 or later.")
        if line.seconds + ROUNDING_SECONDS < seconds < math.inf:
            sentences.append(
                f"{point} lies beyond the result, which is {length(line.seconds)} s long. "
                f"End at {length(line.seconds)} or earlier."
            )
        if math.isfinite(decibels) and not LOWEST_DB <= decibels <= HIGHEST_DB:
            sentences.append(
                f"{point} asks for {decibels:g} dB; {LOWEST_DB:g} to {HIGHEST_DB:g} is possible, "
                "and 0 is full scale."
            )
    times = [seconds for seconds, _ in control.points if math.isfinite(seconds)]
    if times and not sentences:
        sentences += _elsewhere((min(times), max(times)), line, where)
    return sentences


def _notes(control: Melody, line: Timeline, where: str) -> list[str]:
    sentences = [
        f"{where}: note {number} ends at {note.end:g} s, beyond the result, which is "
        f"{length(line.seconds)} s long. End it there or earlier."
        for number, note in enumerate(control.notes, 1)
        if note.end > line.seconds + ROUNDING_SECONDS
    ]
    if control.notes and not sentences:
        starts, ends = zip(*((note.start, note.end) for note in control.notes), strict=True)
        sentences += _elsewhere((min(starts), max(ends)), line, where)
    return sentences


def _form(control: Structure, line: Timeline, where: str, bpm: float | None) -> list[str]:
    sentences: list[str] = []
    labels = [section.label for section in control.sections if section.label]
    if len(labels) > 1 and len({*labels}) == 1:
        sentences.append(
            f"{where} has a single label, which tells nothing apart. Use two or more, such as "
            "A:2 B:2 A:2; for music that repeats itself use --loop-period."
        )
    region = control.region
    room = region.end - region.start if region else line.ends - line.begins
    lasts = in_seconds(sum(section.length for section in control.sections), control.unit, bpm)
    if lasts is not None and lasts > room + ROUNDING_SECONDS:
        sentences.append(
            f"{where} lasts {length(lasts)} s, longer than the new music ({length(room)} s). "
            "Shorten its sections or ask for more music."
        )
    return sentences


def _period(control: Repeat, line: Timeline, where: str, bpm: float | None) -> list[str]:
    lasts = in_seconds(control.period, control.unit, bpm)
    if control.unit == "bars" and lasts is not None and lasts > line.seconds + ROUNDING_SECONDS:
        return [
            f"{where} lasts {length(lasts)} s, longer than the music ({length(line.seconds)} s). "
            "Give a shorter one or ask for more music."
        ]
    return []


def _elsewhere(asked: Stretch, line: Timeline, where: str) -> list[str]:
    """Refuse what asks for something only where nothing is new."""
    # A curve of one point is refused for that alone.
    if asked[0] == asked[1] or any(overlap(asked, new) for new in line.new):
        return []
    return [
        f"{where} asks for {asked[0]:g} to {asked[1]:g} s of the result, where nothing is new; "
        f"new music lies at {spoken(line.new)}. Times count from the start of the result."
    ]


def _against_the_period(spec: Spec, places: Sequence[str]) -> list[str]:
    """Refuse controls that ask for change after music that repeats itself begins anew."""
    sentences = []
    for repeat, where in zip(spec.controls, places, strict=True):
        if not isinstance(repeat, Repeat):
            continue
        period = in_seconds(repeat.period, repeat.unit, spec.music.bpm)
        for control, other in zip(spec.controls, places, strict=True):
            until = _asks_until(control, spec.music.bpm)
            if period is not None and until > period + ROUNDING_SECONDS:
                sentences.append(
                    f"{other} goes on to {length(until)} s, but {where} makes all after "
                    f"{length(period)} s a repetition. End it at {length(period)} or earlier."
                )
    return sentences


def _asks_until(control: Control, bpm: float | None) -> float:
    """Return where a control's own target ends, in seconds; 0 if it has none or none is known."""
    match control:
        case Intensity():
            return max((seconds for seconds, _ in control.points), default=0.0)
        case Melody():
            return max((note.end for note in control.notes), default=0.0)
        case Structure():
            lasts = sum(section.length for section in control.sections)
            return in_seconds(lasts, control.unit, bpm) or 0.0
    return 0.0
