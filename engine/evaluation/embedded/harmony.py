"""Key: are the notes those of the key that was told?

    mono audio  ->  chroma (librosa)  ->  share of energy inside the key; the key itself

Source: Krumhansl and Kessler 1982, probe-tone profiles; the key is the profile that correlates best
(Krumhansl and Schmuckler).
"""

import librosa
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SCALE = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
FAMILY = {"major": "major", "mixolydian": "major", "minor": "minor", "dorian": "minor"}
"""Modes by their third."""
ABOVE_THE_MAJOR = {"major": 0, "minor": 9, "dorian": 2, "mixolydian": 7}
"""Semitones from the root of the major scale with the same notes up to the mode's own root."""
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
FIFTH, FOURTH = 7, 5

Key = tuple[int, str]
"""Root, 0 (C) to 11, and mode."""


def chroma(audio: NDArray[np.float32], sample_rate: int) -> Numbers:
    """Return the mean chroma of each clip, (clips, 12) from C; `audio` is (clips, samples)."""
    # Cymbals have no pitch: half the rate leaves most of them out.
    halved = librosa.resample(audio, orig_sr=sample_rate, target_sr=22050, res_type="soxr_hq")
    clips = [
        librosa.feature.chroma_stft(y=clip, sr=22050, n_fft=8192, hop_length=2048, tuning=0.0)
        for clip in halved
    ]
    return np.stack([clip.mean(1) for clip in clips]).astype(np.float64)


def in_key(notes: Numbers, key: Key) -> float:
    """Return the share of the chroma (12) inside a key; dorian is minor, mixolydian major."""
    root, mode = key
    steps = SCALE[FAMILY[mode]]
    return float(notes[[(root + step) % 12 for step in steps]].sum() / notes.sum())


def key_of(notes: Numbers) -> Key:
    """Return the key whose profile is most like the chroma (12)."""
    fits = {
        (root, mode): float(np.corrcoef(notes, np.roll(profile, root))[0, 1])
        for mode, profile in PROFILES.items()
        for root in range(12)
    }
    return max(fits, key=fits.__getitem__)


def close_keys(one: Key, other: Key) -> bool:
    """Return whether two keys share at least six of their seven notes.

    Such are a key, its relative and those a fifth or a fourth away: 6 of 24 keys.
    """
    majors = [(root - ABOVE_THE_MAJOR[mode]) % 12 for root, mode in (one, other)]
    return (majors[0] - majors[1]) % 12 in (0, FIFTH, FOURTH)
