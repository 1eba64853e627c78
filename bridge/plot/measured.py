"""Features of the finished sound, by librosa and scipy alone.

Nothing here comes from the engine, so the picture cannot flatter it.
"""

from typing import Any

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from bridge.sample_types import Samples

Array = NDArray[Any]

FRAME_SECONDS = 0.0464
"""2048 samples at 44.1 kHz."""
SMOOTHING_SECONDS = 1.0
ORDER = 2
FLOOR = 1e-4
"""-80 dB."""
CHROMA_RATE, CHROMA_HOP = 22_050, 512
OCTAVES = 5
SHORTEST_SAMPLES = 2**15
"""The constant-Q transform needs as much; what is shorter is followed by silence."""


def loudness(audio: Samples, sample_rate: int) -> tuple[Array, Array]:
    """Return (times in s, level in dB smoothed over one second); channels averaged in power."""
    frame = max(4, round(sample_rate * FRAME_SECONDS / 4) * 4)
    hop = frame // 4
    levels = librosa.feature.rms(y=audio.T, frame_length=frame, hop_length=hop)[:, 0]
    decibels = 20 * np.log10(np.sqrt((levels**2).mean(axis=0)) + FLOOR)
    window = 2 * round((SMOOTHING_SECONDS * sample_rate / hop - 1) / 2) + 1
    times = np.arange(len(decibels)) * hop / sample_rate
    return times, savgol_filter(decibels, window, ORDER, mode="nearest")


def pitch_classes(audio: Samples, sample_rate: int) -> tuple[float, Array]:
    """Return (seconds per frame, (12, frames) from 0 to 1, C first), from middle C upwards."""
    mono = audio.mean(axis=1).astype(np.float32)
    samples = round(len(mono) / sample_rate * CHROMA_RATE)
    mono = librosa.resample(mono, orig_sr=sample_rate, target_sr=CHROMA_RATE)
    mono = librosa.util.fix_length(mono, size=max(samples, SHORTEST_SAMPLES))
    chroma = librosa.feature.chroma_cqt(
        y=mono,
        sr=CHROMA_RATE,
        hop_length=CHROMA_HOP,
        fmin=librosa.note_to_hz("C4"),
        n_octaves=OCTAVES,
        tuning=0.0,
    )
    return CHROMA_HOP / CHROMA_RATE, np.asarray(chroma)[:, : samples // CHROMA_HOP + 1]
