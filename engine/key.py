"""The key of a clip: which twelve-tone profile its notes are most like.

Source: Krumhansl and Kessler 1982, probe-tone profiles; the correlation is Krumhansl and
Schmuckler's.
"""

from dataclasses import dataclass

import librosa
import numpy as np
from librosa.decompose import hpss
from librosa.filters import chroma as chroma_bank
from numpy.typing import NDArray

from engine.models.tags import NOTES

Array = NDArray[np.float64]

SAMPLE_RATE = 22050
_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_LEAST_CONFIDENCE = 0.6
_LEAST_CONTRAST = 0.25
"""Standard deviation of the chroma over its mean; noise and drums stay below."""
_LEAST_NOTES = 3
"""Notes at least a fifth as strong as the strongest: fewer make a drone, not a key."""


@dataclass(frozen=True)
class Key:
    """A key such as "A minor"; `confidence` is its correlation with the profile, up to 1."""

    name: str
    confidence: float


def find_key(mono: Array) -> Key | None:
    """Return the key of `mono` (samples at 22.05 kHz); None for silence, noise or a drone."""
    notes = chroma(mono)
    if notes.max() <= 0 or notes.std() < _LEAST_CONTRAST * notes.mean():
        return None
    if (notes > 0.2 * notes.max()).sum() < _LEAST_NOTES:
        return None
    fits = {
        f"{root} {mode}": float(np.corrcoef(notes, np.roll(profile, i))[0, 1])
        for mode, profile in _PROFILES.items()
        for i, root in enumerate(NOTES)
    }
    best = max(fits, key=fits.__getitem__)
    return Key(best, fits[best]) if fits[best] >= _LEAST_CONFIDENCE else None


def chroma(mono: Array) -> Array:
    """Return the strength of the twelve pitch classes from C, (12,), from 55 Hz to 2 kHz."""
    if not mono.size or np.sqrt(np.mean(mono**2)) < 1e-4:
        return np.zeros(12)
    size = 8192
    frequencies = librosa.fft_frequencies(sr=SAMPLE_RATE, n_fft=size)
    sung = (frequencies >= 55) & (frequencies <= 2000)
    spectrum = librosa.stft(mono, n_fft=size, hop_length=2048, pad_mode="constant")
    # Median over time and frequency (Fitzgerald 2010): what rings stays, what hits goes.
    ringing, _ = hpss(np.abs(spectrum[sung]), kernel_size=(7, 31))
    bank = chroma_bank(sr=SAMPLE_RATE, n_fft=size, tuning=0.0, ctroct=4.0, octwidth=2.0)
    return np.asarray((bank[:, sung] @ ringing).mean(axis=1), dtype=np.float64)
