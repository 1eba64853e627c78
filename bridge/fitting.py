"""Whether what is asked of the music can be had at once, and in so much new music.

Every sentence begins with where: the option of the command line, or the place in the document. The
daemon checks again what it must; here everything is found before anything is sent.
"""

import math
from collections.abc import Callable
from itertools import pairwise

from bridge.contradictions import contradictions
from bridge.spec import AudioFile, Control, Intensity, Melody, Spec, Structure
from bridge.timeline import ROUNDING_SECONDS, Stretch, Timeline, in_seconds, length, overlap, spoken
from plugin_protocol.controls import Note, Repeat, TextMatch
from plugin_protocol.values import Generate

LOWEST_DB, HIGHEST_DB = -120.0, 20.0
MOST_POINTS, MOST_NOTES, MOST_SECTIONS = 512, 1024, 128


def misfits(spec: Spec, line: Timeline, where: Callable[[int, Control], str]) -> list[str]:
    """Return all that is wrong with the spec's controls, each a sentence."""
    sentences: list[str] = []
    for number, control in enumerate(spec.controls):
        place = where(number, control)
        sentences += _region(control, line, place)
        match control:
            case Intensity():
                sentences += _either(place, bool(control.points), control.reference, "points")
                sentences += _curve(control, line, place)
            case Melody():
                sentences += _either(place, bool(control.notes), control.reference, "notes")
                sentences += _notes(control, line, place)
            case Structure():
                sentences += _either(place, bool(control.sections), control.reference, "sections")
                sentences += _form(control, line, place, spec.music.bpm)
            case Repeat():
                sentences += _period(control, spec, line, place)
            case TextMatch() if not control.description.strip():
                sentences.append(f"{place} is empty. Say in words what the music shall sound like.")
    return sentences + contradictions(spec, line, where)


def _curve(control: Intensity, line: Timeline, where: str) -> list[str]:
    """Return what is wrong with a curve's points."""
    points, sentences = control.points, []
    if len(points) == 1:
        sentences.append(f"{where} has one point; a curve needs two or more, such as 0:-30 4:-12.")
    if len(points) > MOST_POINTS:
        sentences.append(
            f"{where} has {len(points)} points; {MOST_POINTS} is the most. Thin it out."
        )
    for number, (seconds, decibels) in enumerate(points, 1):
        point = f"{where}: point {number} ({seconds:g}:{decibels:g})"
        if not (math.isfinite(seconds) and math.isfinite(decibels)):
            sentences.append(f"{point} is not a number of seconds and one of dB. Give both.")
        elif seconds < 0:
            sentences.append(f"{point} lies before 0 s. Start at 0 or later.")
        elif seconds > line.seconds + ROUNDING_SECONDS:
            sentences.append(
                f"{point} lies beyond the result, which is {length(line.seconds)} s long. "
                f"End at {length(line.seconds)} or earlier."
            )
        if math.isfinite(decibels) and not LOWEST_DB <= decibels <= HIGHEST_DB:
            sentences.append(
                f"{point} asks for {decibels:g} dB; {LOWEST_DB:g} to {HIGHEST_DB:g} is possible, "
                "and 0 is full scale."
            )
    for number, ((before, _), (after, _)) in enumerate(pairwise(points), 2):
        if after <= before:
            sentences.append(
                f"{where}: point {number} ({after:g} s) does not come after point {number - 1} "
                f"({before:g} s). Sort them by time; for a step set them 0.05 s apart."
            )
    if len(points) > 1 and not sentences:
        sentences += _elsewhere(line, where, (points[0][0], points[-1][0]))
    return sentences


def _notes(control: Melody, line: Timeline, where: str) -> list[str]:
    notes, sentences = control.notes, []
    if len(notes) > MOST_NOTES:
        sentences.append(f"{where} has {len(notes)} notes; {MOST_NOTES} is the most. Shorten it.")
    for number, note in enumerate(notes, 1):
        if note.end <= note.start:
            sentences.append(f"{where}: note {number} does not end after it starts. Lengthen it.")
        elif note.end > line.seconds + ROUNDING_SECONDS:
            sentences.append(
                f"{where}: note {number} ends at {note.end:g} s, beyond the result, which is "
                f"{length(line.seconds)} s long. End it there or earlier."
            )
    ordered: list[Note] = sorted(notes, key=lambda note: note.start)
    for before, after in pairwise(ordered):
        if after.start < before.end - ROUNDING_SECONDS:
            sentences.append(
                f"{where}: the notes at {before.start:g} s and {after.start:g} s overlap. "
                "Leave one voice; of a .mid file the top line is taken."
            )
    if notes and not sentences:
        asked = (ordered[0].start, max(note.end for note in notes))
        sentences += _elsewhere(line, where, asked)
    return sentences


def _form(control: Structure, line: Timeline, where: str, bpm: float | None) -> list[str]:
    sections, sentences = control.sections, []
    if not sections:
        return []
    if len(sections) > MOST_SECTIONS:
        sentences.append(
            f"{where} has {len(sections)} sections; {MOST_SECTIONS} is the most. Join some."
        )
    if len({section.label for section in sections if section.label}) < 2:
        sentences.append(
            f"{where} has a single label, which tells nothing apart. Use two or more, such as "
            "A:2 B:2 A:2; for music that repeats itself use --loop-period."
        )
    begins = control.region.start if control.region else line.begins
    ends = min(control.region.end, line.ends) if control.region else line.ends
    lasts = in_seconds(sum(section.length for section in sections), control.unit, bpm)
    if lasts is not None and lasts > ends - begins + ROUNDING_SECONDS:
        sentences.append(
            f"{where} lasts {length(lasts)} s, longer than the new music ({length(ends - begins)} "
            "s). Shorten its sections or ask for more --seconds."
        )
    return sentences


def _period(control: Repeat, spec: Spec, line: Timeline, where: str) -> list[str]:
    if not isinstance(spec.job, Generate):
        return [f"{where} joins only `generate`. For a clip, `ditto loop` makes a loop of it."]
    lasts = in_seconds(control.period, control.unit, spec.music.bpm)
    if lasts is not None and lasts > line.seconds + ROUNDING_SECONDS:
        return [
            f"{where} lasts {length(lasts)} s, longer than the music ({length(line.seconds)} s). "
            "Give a shorter one or ask for more --seconds."
        ]
    return []


def _region(control: Control, line: Timeline, where: str) -> list[str]:
    region = control.region
    if region is None:
        return []
    if region.end <= region.start:
        return [
            f"{where}: its region {region.start:g}-{region.end:g} s does not end after it starts. "
            "Give the earlier time first."
        ]
    return _elsewhere(line, where, (region.start, region.end))


def _elsewhere(line: Timeline, where: str, asked: Stretch) -> list[str]:
    """Refuse what asks for something only where nothing is new."""
    if any(overlap(asked, new) for new in line.new):
        return []
    return [
        f"{where} asks for {asked[0]:g} to {asked[1]:g} s of the result, where nothing is new; "
        f"new music lies at {spoken(line.new)}. Times count from the start of the result."
    ]


def _either(where: str, has_values: bool, reference: AudioFile | None, values: str) -> list[str]:
    if has_values and reference is not None:
        return [f"{where} has {values} and a reference. Leave one of them out."]
    if not has_values and reference is None:
        return [f"{where} has neither {values} nor a reference. Give one of them."]
    return []
