"""Our own synthesizer for electronic layers: 808, saw bass, supersaw, pulse and saw leads.

Oscillators are band-limited wavetables (saws built from their harmonics), so nothing aliases.
Velocity, volume and expression are squared into gain, as General MIDI synthesizers do.

    events of one channel  ->  (2, samples) of audio
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus.arrangement import EXPRESSION, PAN, VOLUME
from engine.training.corpus.composition import Event
from engine.training.corpus.styles import (
    PULSE_LEAD,
    SAW_BASS,
    SAW_LEAD,
    SUB_BASS,
    SUPERSAW,
)

TABLE = 2048
HIGHEST_HARMONIC_HZ = 18_000.0
BRIGHT, DARK = 1.0, 0.12
"""Share of the harmonics that an open and a closed filter let through."""

Samples = NDArray[np.float32]
Voice = Callable[[float, int, int], Samples]
"""(Hz, samples until release, sample rate) -> (2, samples), with a release of its own."""


@dataclass(frozen=True)
class _Note:
    key: int
    velocity: int
    start: float
    end: float


def play(events: list[Event], program: int, seconds: float, sample_rate: int) -> Samples:
    """Return what one channel's events sound like on our program, (2, samples)."""
    total = round(seconds * sample_rate)
    dry = np.zeros((2, total), np.float32)
    voice = VOICES[program]
    for note in _notes(events, seconds):
        hertz = 440 * 2 ** ((note.key - 69) / 12)
        held = max(1, round((note.end - note.start) * sample_rate))
        sound = voice(hertz, held, sample_rate) * (note.velocity / 127) ** 2
        begin = round(note.start * sample_rate)
        length = min(sound.shape[1], total - begin)
        dry[:, begin : begin + length] += sound[:, :length]
    controls = {e.number: e.value for e in events if e.kind == "control" and e.number != EXPRESSION}
    pan = controls.get(PAN, 64) / 127 * np.pi / 2
    sides = np.array([[np.cos(pan)], [np.sin(pan)]], np.float32) * np.sqrt(2)
    volume = (controls.get(VOLUME, 100) / 127) ** 2
    out: Samples = dry * sides * _expression(events, total, sample_rate) * (volume * GAINS[program])
    return out.astype(np.float32)


def _notes(events: list[Event], seconds: float) -> list[_Note]:
    sounding: dict[int, Event] = {}
    notes = []
    for event in events:
        if event.kind == "on":
            sounding[event.number] = event
        elif event.kind == "off" and event.number in sounding:
            start = sounding.pop(event.number)
            notes.append(_Note(event.number, start.value, start.time, event.time))
    return notes + [_Note(e.number, e.value, e.time, seconds) for e in sounding.values()]


def _expression(events: list[Event], total: int, sample_rate: int) -> Samples:
    points = [(e.time, e.value) for e in events if e.kind == "control" and e.number == EXPRESSION]
    times, values = zip(*points, strict=True) if points else ((0.0,), (127,))
    gain = np.interp(np.arange(total) / sample_rate, times, (np.array(values) / 127) ** 2)
    return gain.astype(np.float32)


@lru_cache(maxsize=512)
def _saw(hertz: float, brightness: float) -> Samples:
    """Return one period of a saw whose harmonics end at a share of the audible ones, RMS ~0.6."""
    count = max(1, int(HIGHEST_HARMONIC_HZ * brightness / hertz))
    spectrum = np.zeros(TABLE // 2 + 1, np.complex128)
    k = np.arange(1, min(count, TABLE // 2 - 1) + 1)
    spectrum[k] = -1j / k
    # Cut harmonics off gently: a sharp edge rings.
    spectrum[k] *= np.cos(np.pi / 2 * k / (k[-1] + 1))
    period = np.fft.irfft(spectrum) * TABLE / np.pi
    return np.append(period, period[0]).astype(np.float32)


def _read(table: Samples, phase: NDArray[np.float64]) -> Samples:
    """Return the table at a phase in periods, linearly interpolated."""
    place = (phase % 1.0) * TABLE
    index = place.astype(np.int64)
    share = (place - index).astype(np.float32)
    return table[index] * (1 - share) + table[index + 1] * share


def _envelope(held: int, rate: int, attack: float, release: float, decay: float = 1e9) -> Samples:
    """Return attack, exponential decay while held, and a linear release (seconds)."""
    tail = int(release * rate)
    time = np.arange(held + tail) / rate
    level = np.minimum(1.0, time / attack) * np.exp(-time / decay)
    level[held:] *= np.linspace(1, 0, tail, endpoint=False) if tail else 1.0
    return level.astype(np.float32)


def _phase(hertz: float, samples: int, rate: int, vibrato: float = 0.0) -> NDArray[np.float64]:
    """Return the phase in periods; `vibrato` in semitones sets in after a quarter second."""
    time = np.arange(samples) / rate
    depth = vibrato * np.clip((time - 0.25) * 4, 0, 1)
    bend = 2 ** (depth * np.sin(2 * np.pi * 5.5 * time) / 12) if vibrato else 1.0
    return np.cumsum(np.full(samples, hertz / rate) * bend)


def _sub_bass(hertz: float, held: int, rate: int) -> Samples:
    """An 808: a sine that falls into its pitch and dies away slowly, driven a little."""
    level = _envelope(held, rate, 0.002, 0.04, decay=0.7)
    time = np.arange(level.size) / rate
    phase = np.cumsum(hertz * (1 + 2.5 * np.exp(-time / 0.018)) / rate)
    mono = np.tanh(1.8 * np.sin(2 * np.pi * phase) * level)
    return np.stack([mono, mono]).astype(np.float32)


def _saw_bass(hertz: float, held: int, rate: int) -> Samples:
    """Two saws a few cents apart through a filter that closes."""
    level = _envelope(held, rate, 0.004, 0.03)
    opened = np.exp(-np.arange(level.size) / rate / 0.14).astype(np.float32)
    mono = np.zeros(level.size, np.float32)
    for cents in (-5, 5):
        phase = _phase(hertz * 2 ** (cents / 1200), level.size, rate)
        bright, dark = (_read(_saw(hertz, share), phase) for share in (BRIGHT / 3, DARK / 4))
        mono += opened * bright + (1 - opened) * dark
    return np.stack([mono, mono]) * level


def _supersaw(hertz: float, held: int, rate: int) -> Samples:
    """Five saws, the outer ones to the sides."""
    level = _envelope(held, rate, 0.03, 0.18)
    sides = np.zeros((2, level.size), np.float32)
    table = _saw(hertz, BRIGHT / 3)
    for number, cents in enumerate((-13, -6, 0, 7, 12)):
        phase = _phase(hertz * 2 ** (cents / 1200), level.size, rate) + 0.37 * number
        wave = _read(table, phase)
        right = number / 4
        sides += np.array([[1 - right], [right]], np.float32) * wave
    return sides * level * 0.6


def _pulse_lead(hertz: float, held: int, rate: int) -> Samples:
    """A quarter pulse: the difference of two saws."""
    level = _envelope(held, rate, 0.003, 0.02)
    phase = _phase(hertz, level.size, rate, vibrato=0.15)
    table = _saw(hertz, BRIGHT)
    mono = (_read(table, phase) - _read(table, phase + 0.25)) * level
    return np.stack([mono, mono])


def _saw_lead(hertz: float, held: int, rate: int) -> Samples:
    """Two saws with vibrato, one to each side."""
    level = _envelope(held, rate, 0.01, 0.08)
    table = _saw(hertz, BRIGHT / 2)
    sides = [
        _read(table, _phase(hertz * 2 ** (cents / 1200), level.size, rate, vibrato=0.2))
        for cents in (-6, 6)
    ]
    return np.stack(sides) * level


VOICES: dict[int, Voice] = {
    SUB_BASS: _sub_bass,
    SAW_BASS: _saw_bass,
    SUPERSAW: _supersaw,
    PULSE_LEAD: _pulse_lead,
    SAW_LEAD: _saw_lead,
}
GAINS = {SUB_BASS: 0.12, SAW_BASS: 0.06, SUPERSAW: 0.09, PULSE_LEAD: 0.045, SAW_LEAD: 0.065}
"""Levels beside the soundfont's, so that a mix of both is balanced."""
