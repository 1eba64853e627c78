"""The words of the control options -> the controls of a spec.

Curves count in seconds of the result. Notes, forms and recordings have no place of their own: they
begin where the new music begins.
"""

from collections.abc import Callable
from pathlib import Path

from bridge.audio_files import CONTAINERS
from bridge.cli.options import Wishes
from bridge.formats.curves import curve_of, curve_of_csv, curve_of_json
from bridge.formats.forms import form_of
from bridge.formats.lengths import length_of
from bridge.formats.markers import markers_of
from bridge.formats.midi import read_midi
from bridge.formats.notes import notes_of
from bridge.formats.problems import Problems
from bridge.spec import AudioFile, Control, Intensity, Melody, Structure
from bridge.timeline import Timeline, length
from plugin_protocol.controls import Note, Repeat, TextMatch

OPTIONS = {
    "intensity": "--intensity",
    "melody": "--melody",
    "structure": "--structure",
    "repeat": "--loop-period",
    "text": "--text-match",
}
"""The option of each kind of control."""


def controls_of(
    wishes: Wishes, line: Timeline, problems: Problems, note: Callable[[str], None]
) -> tuple[Control, ...]:
    """Return the controls that could be understood; the rest is in `problems`.

    `note` is told what a person should know about how they were understood.
    """
    weights = dict(wishes.weights)
    controls: list[Control] = []
    if wishes.intensity is not None:
        with problems.collected():
            controls.append(_intensity(wishes.intensity, wishes, weights.pop("intensity", None)))
    if wishes.melody is not None:
        with problems.collected():
            weight = weights.pop("melody", None)
            controls.append(_melody(wishes.melody, wishes, weight, line, note))
    if wishes.structure is not None:
        with problems.collected():
            weight = weights.pop("structure", None)
            controls.append(_structure(wishes.structure, weight, line))
    if wishes.loop_period is not None:
        with problems.collected():
            period, unit = length_of(wishes.loop_period, "--loop-period")
            weight = weights.pop("repeat", None)
            controls.append(Repeat(period=period, unit=unit, weight=weight))
    if wishes.text_match is not None:
        weight = weights.pop("text", None)
        controls.append(TextMatch(description=wishes.text_match, weight=weight))
    _refuse_the_idle(wishes, weights, problems)
    return tuple(controls)


def _intensity(word: str, wishes: Wishes, weight: float | None) -> Intensity:
    match = wishes.intensity_match or "level"
    path = Path(word)
    if path.suffix.lower() == ".csv":
        return Intensity(points=curve_of_csv(path), match=match, weight=weight)
    if path.suffix.lower() == ".json":
        return Intensity(points=curve_of_json(path), match=match, weight=weight)
    if _is_recording(word):
        return Intensity(reference=AudioFile(path=word), match=match, weight=weight)
    return Intensity(points=curve_of(word, "--intensity"), match=match, weight=weight)


def _melody(
    word: str,
    wishes: Wishes,
    weight: float | None,
    line: Timeline,
    note: Callable[[str], None],
) -> Melody:
    path = Path(word)
    reading = wishes.melody_reading or "lead"
    if path.suffix.lower() in (".mid", ".midi"):
        voice = read_midi(path)
        if voice.chords:
            note(f"{path} has several notes at once; the top line is followed.")
        return Melody(notes=_placed(voice.notes, line, note), reading=reading, weight=weight)
    if _is_recording(word):
        return Melody(reference=AudioFile(path=word), reading=reading, weight=weight)
    notes = notes_of(word, "--melody", wishes.bpm)
    return Melody(notes=_placed(notes, line, note), reading=reading, weight=weight)


def _structure(word: str, weight: float | None, line: Timeline) -> Structure:
    if Path(word).suffix.lower() in (".txt", ".csv", ".json"):
        sections = markers_of(Path(word), line.ends - line.begins)
        return Structure(sections=sections, weight=weight)
    if _is_recording(word):
        return Structure(reference=AudioFile(path=word), weight=weight)
    sections, unit = form_of(word, "--structure")
    return Structure(sections=sections, unit=unit, weight=weight)


def _placed(
    notes: tuple[Note, ...], line: Timeline, note: Callable[[str], None]
) -> tuple[Note, ...]:
    """Return the notes from where new music begins to where it ends."""
    moved = [
        Note(
            start=line.begins + one.start,
            end=min(line.begins + one.end, line.ends),
            pitch=one.pitch,
        )
        for one in notes
        if line.begins + one.start < line.ends
    ]
    if line.begins + notes[-1].end > line.ends:
        room = line.ends - line.begins
        note(f"The melody is longer than the new music; its first {length(room)} s are followed.")
    return tuple(moved)


def _is_recording(word: str) -> bool:
    try:
        return Path(word).suffix.lower() in CONTAINERS or Path(word).is_file()
    except OSError:
        return False  # too long for the name of a file


def _refuse_the_idle(wishes: Wishes, weights: dict[str, float], problems: Problems) -> None:
    """Refuse options that belong to one that is not there."""
    asked = {
        "intensity": wishes.intensity,
        "melody": wishes.melody,
        "structure": wishes.structure,
        "repeat": wishes.loop_period,
        "text": wishes.text_match,
    }
    problems.add(
        *(
            f"--weight {name} weighs a control that is not asked for. Give {OPTIONS[name]} too."
            for name in weights
            if asked[name] is None
        )
    )
    for option, value, owner, owned in (
        ("--intensity-match", wishes.intensity_match, "--intensity", wishes.intensity),
        ("--melody-reading", wishes.melody_reading, "--melody", wishes.melody),
    ):
        if value is not None and owned is None:
            problems.add(f"{option} says how {owner} is followed. Give {owner} too.")
