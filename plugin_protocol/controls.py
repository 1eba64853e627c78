"""Controls: what new music shall have beside its prompt. Any number of them join one kind of job.

Times are seconds of the result, whose first sample is at 0.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .parts import AudioRef, Part, Region, Seconds

Weight = Annotated[float, Meta(gt=0, le=1e6)]
Factor = Annotated[float, Meta(ge=0, le=1e3)]
Decibels = Annotated[float, Meta(ge=-120, le=20)]
Label = Annotated[str, Meta(max_length=24)]
Description = Annotated[str, Meta(max_length=500)]
Unit = Literal["seconds", "bars"]


class Control(Part, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all controls.

    Without `weight` the default. Outside `region` nothing is asked; without it all that is new
    counts. `schedule`: factors of the weight at the first and the last iteration.
    """

    weight: Weight | None = None
    region: Region | None = None
    schedule: tuple[Factor, Factor] = (1.0, 1.0)


class Intensity(Control, frozen=True, kw_only=True, tag="intensity"):
    """Loudness: `points` of seconds and dB, or a `reference` to follow. Exactly one of the two.

    `match` "level" asks for the decibels, "shape" for their rise and fall only.
    """

    points: Annotated[tuple[tuple[Seconds, Decibels], ...], Meta(max_length=512)] = ()
    reference: AudioRef | None = None
    match: Literal["level", "shape"] = "level"


class Note(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[start, end, pitch]: seconds, seconds, MIDI note number."""

    start: Seconds
    end: Seconds
    pitch: Annotated[int, Meta(ge=0, le=127)]


class Melody(Control, frozen=True, kw_only=True, tag="melody"):
    """Pitch classes: `notes`, or a `reference`: its one voice (lead) or its chroma (harmony)."""

    notes: Annotated[tuple[Note, ...], Meta(max_length=1024)] = ()
    reference: AudioRef | None = None
    reading: Literal["lead", "harmony"] = "lead"


class Section(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """[label, length]: equal labels sound alike, others differ, "" asks for nothing."""

    label: Label
    length: Annotated[float, Meta(gt=0, le=3600)]


class Structure(Control, frozen=True, kw_only=True, tag="structure"):
    """A form: `sections` one after the other, or a `reference` whose self-similarity is copied."""

    sections: Annotated[tuple[Section, ...], Meta(max_length=128)] = ()
    unit: Unit = "seconds"
    reference: AudioRef | None = None


class Repeat(Control, frozen=True, kw_only=True, tag="repeat"):
    """The music repeats itself after `period`, everywhere. Only with Generate."""

    period: Annotated[float, Meta(gt=0, le=600)]
    unit: Unit = "seconds"


class TextMatch(Control, frozen=True, kw_only=True, tag="text"):
    """An audio-text model shall find that the music sounds like `description`."""

    description: Description


AnyControl = Intensity | Melody | Structure | Repeat | TextMatch
