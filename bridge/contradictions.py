"""Controls that exclude each other: the same twice at one place, change where all repeats."""

from collections.abc import Callable
from itertools import combinations

from bridge.spec import Control, Intensity, Melody, Spec, Structure
from bridge.timeline import ROUNDING_SECONDS, Stretch, Timeline, in_seconds, length, overlap, spoken
from plugin_protocol.controls import Repeat, TextMatch


def contradictions(spec: Spec, line: Timeline, where: Callable[[int, Control], str]) -> list[str]:
    """Return why the spec's controls exclude each other, each a sentence."""
    sentences = []
    for (one, first), (other, second) in combinations(enumerate(spec.controls), 2):
        if type(first) is type(second) and not isinstance(first, TextMatch):
            shared = _shared(first, second, line)
            if shared is not None:
                sentences.append(
                    f"{where(one, first)} and {where(other, second)} both ask for "
                    f"{type(first).__name__.lower()} at {spoken([shared])}. Keep one of them, or "
                    "give them regions that do not overlap."
                )
    return sentences + _against_the_period(spec, where)


def _shared(first: Control, second: Control, line: Timeline) -> Stretch | None:
    """Return where both controls ask for something, None if nowhere."""
    one, other = (
        (c.region.start, c.region.end) if c.region else (line.begins, line.ends)
        for c in (first, second)
    )
    if overlap(one, other):
        return max(one[0], other[0]), min(one[1], other[1])
    return None


def _against_the_period(spec: Spec, where: Callable[[int, Control], str]) -> list[str]:
    """Refuse controls that ask for change after music that repeats itself begins anew."""
    sentences = []
    for number, repeat in enumerate(spec.controls):
        if not isinstance(repeat, Repeat):
            continue
        period = in_seconds(repeat.period, repeat.unit, spec.music.bpm)
        if period is None:
            continue
        for other, control in enumerate(spec.controls):
            until = _asks_until(control, spec.music.bpm)
            if until is not None and until > period + ROUNDING_SECONDS:
                sentences.append(
                    f"{where(other, control)} goes on to {length(until)} s, but "
                    f"{where(number, repeat)} makes all after {length(period)} s a repetition. "
                    f"End it at {length(period)} or earlier."
                )
    return sentences


def _asks_until(control: Control, bpm: float | None) -> float | None:
    match control:
        case Intensity(points=[*_, (seconds, _)]):
            return seconds
        case Melody(notes=[_, *_]):
            return max(note.end for note in control.notes)
        case Structure(sections=[_, *_]):
            return in_seconds(sum(s.length for s in control.sections), control.unit, bpm)
    return None
