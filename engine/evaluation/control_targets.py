"""What the controls are tried on: eight settings, and for every control one target in each.

A setting is what a producer would type: a style, its instruments, tempo and key. The same eight
serve all controls, so one piece without a control is the "before" of them all, and two controls
that are combined are each known alone.

Sources: ramps, tanh steps and swells of up to 15 dB as in the created controls of Music ControlNet,
Wu et al. 2023, arXiv:2311.07069; hard steps and forms as on the pages of DITTO and DITTO-2.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import librosa
import numpy as np

from engine.controls import Control, Intensity, Melody, Note, Repeat, Section, Structure
from engine.models.music_model import MusicalContext

SECONDS = 5.94
"""The embedded model's shorter window, which is 5.944 s."""
POINTS_PER_SECOND = 10
HARD = 0.05
"""Length of a hard step in seconds."""
LOWEST_DB = -40.0


@dataclass(frozen=True)
class Setting:
    """The music around a target.

    `level`, in dB, is where its curves move around: somewhat below what the embedded model plays
    here by itself, so that their peaks are not clipped.
    """

    style: str
    instruments: str
    bpm: float
    key: str
    level: float

    @property
    def prompt(self) -> str:
        """Return what the model is told in words."""
        return f"{self.style}, {self.instruments}, {self.bpm:g} bpm, {self.key}"

    @property
    def context(self) -> MusicalContext:
        """Return what a host would know: tempo, key, and that bar one begins the music."""
        return MusicalContext(bpm=self.bpm, beat_offset=0.0, key=self.key)


@dataclass(frozen=True)
class Target:
    """A control in a setting; `seconds` is the length of the music that is to have it."""

    name: str
    setting: Setting
    control: Control
    seconds: float = SECONDS


SETTINGS = (
    Setting("ambient", "bell and pad", 72, "C major", -23),
    Setting("chiptune", "square lead", 132, "G major", -28),
    Setting("folk", "flute and acoustic guitar", 100, "D major", -26),
    Setting("funk", "saxophone, clavinet, slap bass", 104, "A dorian", -33),
    Setting("hip hop", "flute, electric piano, drums", 88, "A minor", -34),
    Setting("house", "synth lead, electric piano, drums", 124, "E minor", -28),
    Setting("jazz", "saxophone, piano, upright bass", 112, "F major", -24),
    Setting("orchestral", "violin and strings", 88, "D minor", -23),
)


def _linear(u: float) -> float:
    return u


def _tanh(u: float) -> float:
    return (1 + math.tanh(8 * (u - 0.5))) / 2


def _cosine(u: float) -> float:
    """A whole swell: from 0 to 1 and back."""
    return (1 - math.cos(2 * math.pi * u)) / 2


def intensity_target(
    name: str, setting: Setting, shape: Callable[[float], float], change: float
) -> Target:
    """Return a curve that moves by `change` dB around the setting's level, in tenths of seconds."""
    count = round(SECONDS * POINTS_PER_SECOND) + 1
    points = tuple(
        (float(time), round(setting.level + change * (shape(time / SECONDS) - 0.5), 3))
        for time in np.linspace(0, SECONDS, count)
    )
    return Target(f"{name} {change:+g} dB", setting, Intensity(points=points))


def steps_target(name: str, setting: Setting, levels: tuple[float, ...]) -> Target:
    """Return hard steps: each of `levels`, in dB around the setting's, for an equal time."""
    points = [(0.0, setting.level + levels[0])]
    for number, (before, after) in enumerate(pairwise(levels), start=1):
        edge = number * SECONDS / len(levels)
        points += [
            (edge - HARD / 2, setting.level + before),
            (edge + HARD / 2, setting.level + after),
        ]
    points.append((SECONDS, setting.level + levels[-1]))
    return Target(name, setting, Intensity(points=tuple(points)))


def melody_target(name: str, setting: Setting, text: str) -> Target:
    """Return a line written as notes and beats: "C5 1 D5 0.5 rest 1"; what is too long is cut."""
    notes, time = [], 0.0
    words = text.split()
    for pitch, beats in zip(words[::2], words[1::2], strict=True):
        end = min(time + float(beats) * 60 / setting.bpm, SECONDS)
        if pitch != "rest" and end > time:
            notes.append(Note(time, end, int(librosa.note_to_midi(pitch))))
        time = end
    return Target(name, setting, Melody(notes=tuple(notes)))


def structure_target(form: str, setting: Setting) -> Target:
    """Return a form of letters that share the time equally."""
    length = SECONDS / len(form)
    return Target(form, setting, Structure(sections=tuple(Section(part, length) for part in form)))


def repeat_target(period: float, unit: str, setting: Setting) -> Target:
    """Return one period of a loop, in "seconds" or "bars"."""
    if unit == "bars":
        control = Repeat(period=period, unit="bars")
        bar = setting.context.beats_per_bar * 60 / setting.bpm
        return Target(f"{period:g} bars of {setting.style}", setting, control, period * bar)
    return Target(f"{period:g} s of {setting.style}", setting, Repeat(period=period), period)


def _intensity() -> tuple[Target, ...]:
    ambient, chiptune, folk, funk, hip_hop, house, jazz, orchestral = SETTINGS
    return (
        intensity_target("ramp", ambient, _linear, 15),
        intensity_target("ramp", chiptune, _linear, -15),
        intensity_target("swell", folk, _cosine, 12),
        intensity_target("tanh step", funk, _tanh, 12),
        steps_target("steps down, up by 9 dB", hip_hop, (4.5, -4.5, 4.5)),
        intensity_target("tanh step", house, _tanh, -12),
        intensity_target("swell", jazz, _cosine, -12),
        steps_target("step up by 15 dB", orchestral, (-7.5, 7.5)),
    )


def _shape() -> tuple[Target, ...]:
    return tuple(
        Target(t.name, t.setting, Intensity(points=t.control.points, match="shape"))
        for t in _intensity()
        if isinstance(t.control, Intensity)
    )


_MELODIES = (
    ("slow scale up", "C4 1 D4 1 E4 1 F4 1 G4 1 A4 1 B4 1 C5 1"),
    ("arpeggios", "G4 1 B4 1 D5 1 G5 1 E5 1 C5 1 A4 1 C5 1 D5 1 C5 1 B4 1 G4 2"),
    ("scale down", "D5 1 C#5 1 B4 1 A4 1 G4 1 F#4 1 E4 1 D4 3"),
    ("riff with rests", "A4 1 rest 0.5 C5 0.5 D5 1 E5 1 rest 1 E5 1 D5 1 C5 1 rest 1 A4 2"),
    ("long lead line", "A4 2 C5 1 B4 1 E5 2 D5 1 C5 2"),
    ("scale up", "E4 1 F#4 1 G4 1 A4 1 B4 1 C5 1 D5 1 E5 2 D5 1 B4 1 E5 2"),
    ("lead line", "F4 1 A4 1 C5 2 D5 1 C5 1 A4 2 G4 1 F4 3"),
    ("broad theme", "D5 2 E5 1 F5 2 E5 1 D5 1 A4 2"),
)
_FORMS = ("AB", "ABA", "AAB", "ABB", "ABBA", "ABAB", "AABB", "ABAC")
_PERIODS = (
    (1, "bars"), (3, "bars"), (2, "bars"), (1, "bars"),
    (2, "bars"), (1.5, "seconds"), (3, "seconds"), (5.8, "seconds"),
)  # fmt: skip

TARGETS = {
    "intensity": _intensity(),
    "shape": _shape(),
    "melody": tuple(
        melody_target(name, setting, text)
        for setting, (name, text) in zip(SETTINGS, _MELODIES, strict=True)
    ),
    "structure": tuple(structure_target(f, s) for f, s in zip(_FORMS, SETTINGS, strict=True)),
    "repeat": tuple(repeat_target(*p, s) for p, s in zip(_PERIODS, SETTINGS, strict=True)),
}
"""Eight targets by control; target i of each lies in setting i."""
