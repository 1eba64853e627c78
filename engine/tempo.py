"""Tempo and downbeat of a clip: how fast, and where the bar begins.

    samples -> onset strength -> tempo (autocorrelation x spectrum) -> beat phase -> downbeat

A period must repeat (autocorrelation) and be a repetition by itself, not several (spectrum): the
product of both is large at the beat alone, small at its halves and multiples.

Source: Peeters 2007, "Template-based estimation of time-varying tempo", for the product.
"""

from dataclasses import dataclass

import librosa
import numpy as np
from librosa.filters import chroma, mel
from numpy.typing import NDArray

Array = NDArray[np.float64]

SAMPLE_RATE = 22050
_FRAME, _HOP, _BANDS = 512, 128, 40
RATE = SAMPLE_RATE / _HOP
"""Onset strengths per second."""
SLOWEST_BPM, FASTEST_BPM = 50.0, 210.0
_COMMON_BPM, _OCTAVES = 110.0, 0.5
"""Where tempos lie: mean and standard deviation on a logarithmic scale, as people tap."""
_LEAST_CONFIDENCE = 0.25
_LEAST_ONSET = 0.12
"""The strongest onset of music that has a beat; pads and drones stay below."""
_START_ADVANTAGE = 0.3
"""Clips are mostly cut on a beat: how much more a beat at the clip's very start counts."""


@dataclass(frozen=True)
class Beat:
    """Tempo in beats per minute and time of a downbeat in seconds; confidences from 0 to 1."""

    bpm: float
    downbeat: float
    tempo_confidence: float
    downbeat_confidence: float


def find_beat(mono: Array, *, beats_per_bar: int = 4, bpm: float | None = None) -> Beat | None:
    """Return the beat of `mono` (samples at 22.05 kHz); None where the music gives none.

    With `bpm` the tempo is given and only the downbeat is sought. At least two beats are needed.
    """
    strength, bass = onset_strength(mono)
    if strength.max(initial=0.0) <= 0:
        return None
    found, confidence = (bpm, 1.0) if bpm else _tempo(strength + 2 * bass)
    if found is None or confidence < _LEAST_CONFIDENCE:
        return None
    period = 60 / found * RATE
    if 2 * period > strength.size:
        return None
    phase = beat_phase(strength, period)
    downbeat, clear = _downbeat(mono, bass, period, phase, beats_per_bar)
    bar = beats_per_bar * 60 / found
    # The first downbeat that is not clearly before the clip.
    start = ((downbeat + 1) / RATE + 0.03) % bar - 0.03
    return Beat(found, start, confidence, clear)


def onset_strength(mono: Array) -> tuple[Array, Array]:
    """Return how much louder the spectrum grows per frame: all of it, and below 200 Hz.

    Each has mean 0 and is in units of its own strongest onset; all 0 where there is none to speak
    of, as in silence or a drone.
    """
    level = float(np.sqrt(np.mean(mono**2))) if mono.size else 0.0
    if level < 1e-4:
        return np.zeros(1), np.zeros(1)
    leveled = mono * (0.1 / level)
    spectrum = np.abs(librosa.stft(leveled, n_fft=_FRAME, hop_length=_HOP, pad_mode="constant"))
    bank = mel(sr=SAMPLE_RATE, n_fft=_FRAME, n_mels=_BANDS)
    # Compressed, so that a soft hi-hat counts, but not so much that noise does.
    bands = np.log1p(20 * bank @ spectrum)
    growth = np.maximum(0, np.diff(bands, axis=1))
    everything, bass = growth.mean(axis=0), growth[:4].mean(axis=0)
    if everything.max(initial=0.0) < _LEAST_ONSET:
        return np.zeros(1), np.zeros(1)
    return _normalized(everything), _normalized(bass)


def _normalized(growth: Array) -> Array:
    return np.asarray((growth - growth.mean()) / max(float(growth.max()), 1e-9))


def _tempo(strength: Array) -> tuple[float | None, float]:
    """Return the tempo in bpm and how periodic the onsets are at it."""
    slowest = max(SLOWEST_BPM, 2 * 60 * RATE / strength.size)
    if slowest >= FASTEST_BPM:
        return None, 0.0
    candidates = np.geomspace(slowest, FASTEST_BPM, 600)
    *_, both = tempo_curves(strength, candidates)
    taps = np.exp(-0.5 * (np.log2(candidates / _COMMON_BPM) / _OCTAVES) ** 2)
    rough = candidates[int((both * taps).argmax())]
    bpm = refined_tempo(strength, rough)
    confidence = float(_autocorrelation(strength, np.array([60 / bpm * RATE]))[0])
    return bpm, max(0.0, min(1.0, confidence))


def tempo_curves(strength: Array, bpm: Array) -> tuple[Array, Array, Array]:
    """Return how much each tempo repeats, how much it is a repetition by itself, and both."""
    repetition = np.maximum(_autocorrelation(strength, 60 / bpm * RATE), 0)
    spectrum = _spectrum(strength, bpm)
    return repetition, spectrum, repetition * spectrum


def _autocorrelation(strength: Array, lags: Array) -> Array:
    """Return the correlation of `strength` with itself `lags` frames later, -1 to 1."""
    size = strength.size
    smooth = np.convolve(strength, np.hanning(9) / np.hanning(9).sum(), "same")
    power = np.abs(np.fft.rfft(smooth, 2 * size)) ** 2
    correlation = np.fft.irfft(power)[:size]
    # Fewer pairs at longer lags; below a quarter of the clip they are too few to trust.
    pairs = np.maximum(size - np.arange(size), size / 4)
    correlation = correlation / pairs * size / max(correlation[0], 1e-12)
    return np.asarray(np.interp(lags, np.arange(size), correlation))


def _spectrum(strength: Array, bpm: Array) -> Array:
    """Return the strength of the repetition `bpm` times a minute."""
    time = np.arange(strength.size) / RATE
    waves = np.exp(-2j * np.pi * np.outer(bpm / 60, time)) * np.hanning(strength.size)
    return np.asarray(np.abs(waves @ strength))


def refined_tempo(strength: Array, rough: float) -> float:
    """Return the tempo near `rough` that fits best, subdivisions included.

    A whole number where one is within the precision of a clip this long.
    """
    near = rough * np.linspace(0.96, 1.04, 321)
    fit = sum(_spectrum(strength, near * times) for times in (1, 2, 4))
    bpm = float(near[int(np.argmax(fit))])
    precision = 0.02 * 60 / (strength.size / RATE)
    whole = round(bpm)
    return float(whole) if abs(bpm - whole) <= max(precision, 0.05) else bpm


def beat_phase(strength: Array, period: float) -> float:
    """Return the frame of the first beat: where a comb of that period collects most."""
    offsets = np.arange(0, period, 0.25)
    beats = np.arange(int(strength.size / period) + 1) * period
    smooth = np.convolve(strength, np.hanning(7), "same")
    at = offsets[:, None] + beats
    collected = np.interp(at, np.arange(smooth.size), smooth, right=0.0).sum(axis=1)
    at_start = np.minimum(offsets, period - offsets) < 0.03 * RATE
    collected += _START_ADVANTAGE * max(collected.max(), 0.0) * at_start
    return float(offsets[int(collected.argmax())])


def _downbeat(
    mono: Array, bass: Array, period: float, phase: float, beats_per_bar: int
) -> tuple[float, float]:
    """Return the frame of a downbeat and how clearly it stands out from the other beats.

    A bar begins where the harmony changes and the bass comes in; and clips are mostly cut at a
    bar line, so a beat at the clip's start has an advantage.
    """
    bar = beats_per_bar * period
    bass = np.convolve(bass, np.hanning(7), "same")
    harmony = _harmony(mono)
    likely = np.zeros(beats_per_bar)
    for beat in range(beats_per_bar):
        frames = np.arange(phase + beat * period, bass.size, bar)
        if frames.size:
            likely[beat] = 0.5 * bass[frames.astype(int)].mean() / max(bass.max(), 1e-9)
            likely[beat] += np.mean([_change(harmony, frame, period) for frame in frames])
    likely = (likely - likely.min()) / max(np.ptp(likely), 1e-9)
    from_start = (phase + np.arange(beats_per_bar) * period + period / 2) % bar - period / 2
    likely[np.abs(from_start) < 0.12 * period] += 1.0 + _START_ADVANTAGE
    first, *others = np.argsort(likely)[::-1]
    clear = float(likely[first] - likely[others[0]]) if others else 1.0
    return phase + float(first) * period, min(1.0, clear)


def _harmony(mono: Array) -> Array:
    """Return the chroma (12, frames) of `mono`, one frame every four of the onset strength."""
    spectrum = np.abs(librosa.stft(mono, n_fft=4096, hop_length=4 * _HOP, pad_mode="constant"))
    bank = chroma(sr=SAMPLE_RATE, n_fft=4096, tuning=0.0)
    return np.asarray(bank @ spectrum**2, dtype=np.float64)


def _change(harmony: Array, frame: float, period: float) -> float:
    """Return how different the harmony of the beat after `frame` is from the one before, 0 to 1."""
    here, beat = round(frame / 4), max(1, round(period / 4))
    before = harmony[:, max(0, here - beat) : here].sum(axis=1)
    after = harmony[:, here : here + beat].sum(axis=1)
    size = float(np.linalg.norm(before) * np.linalg.norm(after))
    return 1 - float(before @ after) / size if size > 0 else 0.0
