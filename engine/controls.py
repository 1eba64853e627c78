"""What new music can be asked to have, beside its prompt: values, complete when made.

Any number of them may be combined. Each may be weighted, confined to a region and scheduled; how it
becomes a loss is the matter of `engine.objectives`.

Times are seconds of the result, whose first sample is at 0.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, sections 4 and appendices C to H.
"""

from dataclasses import dataclass
from typing import Literal

from engine.shapes import Samples

Unit = Literal["seconds", "bars"]


@dataclass(frozen=True)
class Reference:
    """Audio that shows what is wanted: (channels, samples), full scale 1, any rate."""

    audio: Samples
    sample_rate: int


@dataclass(frozen=True, kw_only=True)
class Control:
    """What all controls share.

    `weight` multiplies the loss; None: the default, which depends on what it is combined with.
    Outside `region` (start, end) it asks for nothing; None: all that is new. `schedule` are the
    factors of the weight at the first and the last iteration, linear between them.
    """

    weight: float | None = None
    region: tuple[float, float] | None = None
    schedule: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Intensity(Control):
    """Loudness over time: `points` (seconds, dB relative to full scale), linear between them.

    Instead of points a `reference` whose loudness is followed, beginning where the region begins.
    `match` "level" asks for these decibels, "shape" for the rise and fall only (appendix C).
    Before the first and after the last point nothing is asked.
    """

    points: tuple[tuple[float, float], ...] = ()
    reference: Reference | None = None
    match: Literal["level", "shape"] = "level"


@dataclass(frozen=True)
class Note:
    """One note: from `start` to `end` in seconds, MIDI `pitch` (60 is middle C)."""

    start: float
    end: float
    pitch: int


@dataclass(frozen=True, kw_only=True)
class Melody(Control):
    """Pitch classes over time: `notes`, or what a `reference` plays; rests ask for nothing.

    `reading` says what of the reference is followed: "lead" its one voice, "harmony" its chroma.
    """

    notes: tuple[Note, ...] = ()
    reference: Reference | None = None
    reading: Literal["lead", "harmony"] = "lead"


@dataclass(frozen=True)
class Section:
    """A stretch of a form: equal labels sound alike, others differ; "" asks for nothing."""

    label: str
    length: float


@dataclass(frozen=True, kw_only=True)
class Structure(Control):
    """Which parts of the music are alike: `sections` one after the other, in `unit`.

    They begin where the region begins, bars at its first downbeat. Instead, a `reference` whose
    self-similarity is copied, stretched to the region (appendix F).
    """

    sections: tuple[Section, ...] = ()
    unit: Unit = "seconds"
    reference: Reference | None = None


@dataclass(frozen=True, kw_only=True)
class Repeat(Control):
    """The music repeats itself after `period`, in `unit`: a loop without a clip (appendix E)."""

    period: float
    unit: Unit = "seconds"


@dataclass(frozen=True, kw_only=True)
class TextMatch(Control):
    """An audio-text model finds that the music sounds like `description` (DITTO-2)."""

    description: str
