"""Did the music do what a control asked? Measured on audio by librosa and scipy alone.

Nothing of `engine.features` is used, so that no mistake can hide on both sides. Shared are the
definitions: frames of 46 ms every 12 ms (2048 and 512 samples at 44.1 kHz), smoothing over one
second by a Savitzky-Golay filter of order 2.

    intensity   RMS of each frame in dB, smoothed                     error in dB, correlation
    melody      high-pass at middle C, constant-Q chroma, argmax      share of frames
    structure   MFCC without the first, self-similarity, smoothed     correlation with the blocks
    loop        three repetitions, the joins between them             percentile
    mel         log-mel spectrogram                                   mean distance in dB

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, sections 4.2 and appendices C to F.
"""

from collections.abc import Sequence
from typing import Any

import librosa
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import butter, savgol_filter, sosfilt

from engine.controls import Note, Section
from engine.evaluation.seams import seam_report

SAMPLE_RATE = 44100
FRAME, HOP = 2048, 512
ORDER = 2
SMOOTHING = 87
"""One second of frames, made odd."""
FLOOR_DB = -100.0
MIDDLE_C = 261.626
COEFFICIENTS = 20
REPETITIONS = 3

Signal = NDArray[np.float32]
"""(channels, samples) at SAMPLE_RATE, full scale 1."""
Numbers = NDArray[Any]


def frame_times(frames: int) -> Numbers:
    """Return the middle of each frame in seconds."""
    return np.arange(frames) * HOP / SAMPLE_RATE


def intensity_curve(audio: Signal) -> Numbers:
    """Return the smoothed level of each frame in dB re full scale, channels averaged in power."""
    power = np.mean(
        [librosa.feature.rms(y=y, frame_length=FRAME, hop_length=HOP)[0] ** 2 for y in audio],
        axis=0,
    )
    levels = 10 * np.log10(power + 10 ** (FLOOR_DB / 10))
    return np.asarray(savgol_filter(levels, SMOOTHING, ORDER, mode="nearest"))


def asked_levels(times: Numbers, points: Sequence[tuple[float, float]]) -> Numbers:
    """Return the asked level at `times`: linear between points, NaN where nothing is asked."""
    seconds, levels = zip(*points, strict=True)
    return np.interp(times, seconds, levels, left=np.nan, right=np.nan)


def intensity_error(audio: Signal, points: Sequence[tuple[float, float]]) -> float:
    """Return the root mean square difference to the curve through `points`, in dB."""
    measured = intensity_curve(audio)
    difference = measured - asked_levels(frame_times(len(measured)), points)
    return float(np.sqrt(np.nanmean(difference**2)))


def intensity_correlation(audio: Signal, points: Sequence[tuple[float, float]]) -> float:
    """Return Pearson's correlation with the curve through `points`, -1 to 1."""
    measured = intensity_curve(audio)
    asked = asked_levels(frame_times(len(measured)), points)
    heard = ~np.isnan(asked)
    return float(np.corrcoef(measured[heard], asked[heard])[0, 1])


def pitch_classes(audio: Signal) -> Numbers:
    """Return the chroma above middle C, (12, frames): C first, each frame's loudest is 1."""
    highs = sosfilt(butter(2, MIDDLE_C, "highpass", fs=SAMPLE_RATE, output="sos"), audio.mean(0))
    return np.asarray(
        librosa.feature.chroma_cqt(y=highs, sr=SAMPLE_RATE, hop_length=HOP, tuning=0.0)
    )


def asked_pitch_classes(times: Numbers, notes: Sequence[Note]) -> Numbers:
    """Return the asked pitch class at `times`, 0 (C) to 11, -1 in rests."""
    asked = np.full(len(times), -1)
    for note in notes:
        asked[(times >= note.start) & (times < note.end)] = note.pitch % 12
    return asked


def melody_accuracy(audio: Signal, notes: Sequence[Note]) -> float:
    """Return the share of frames whose strongest pitch class is the asked one; no rests."""
    heard = pitch_classes(audio).argmax(0)
    asked = asked_pitch_classes(frame_times(len(heard)), notes)
    return float(np.mean((heard == asked)[asked >= 0]))


def self_similarity(audio: Signal) -> Numbers:
    """Return how alike the timbre of any two frames is, (frames, frames), smoothed."""
    coefficients = librosa.feature.mfcc(
        y=audio.mean(0), sr=SAMPLE_RATE, n_mfcc=COEFFICIENTS, n_fft=FRAME, hop_length=HOP
    )[1:]
    moves = coefficients - coefficients.mean(1, keepdims=True)
    moves /= moves.std(1, keepdims=True) + 1e-6
    moves /= np.linalg.norm(moves, axis=0) + 1e-6
    matrix = moves.T @ moves
    for axis in (0, 1):
        matrix = savgol_filter(matrix, SMOOTHING, ORDER, axis=axis, mode="nearest")
    return np.asarray(matrix)


def asked_similarity(times: Numbers, sections: Sequence[Section]) -> Numbers:
    """Return 1 where two moments lie in sections of the same label, else 0, (times, times).

    Section lengths are seconds; NaN where one of the moments lies in no section or has no label.
    """
    ends = np.cumsum([section.length for section in sections])
    names = [section.label for section in sections]
    labels = np.array([*(names.index(name) if name else -1 for name in names), -1])
    place = labels[np.searchsorted(ends, times, side="right")]
    blocks = (place[:, None] == place).astype(float)
    blocks[place < 0] = np.nan
    blocks[:, place < 0] = np.nan
    return blocks


def structure_correlation(audio: Signal, sections: Sequence[Section]) -> float:
    """Return Pearson's correlation of the self-similarity with the blocks of a form, -1 to 1."""
    measured = self_similarity(audio)
    asked = asked_similarity(frame_times(len(measured)), sections)
    counts = ~np.isnan(asked)
    return float(np.corrcoef(measured[counts], asked[counts])[0, 1])


def loop_percentile(audio: Signal) -> float:
    """Return how many percent of a loop's own steps and bursts are smaller than where it repeats.

    The largest over the joins of three repetitions; see `seams`. Below 99 nothing jumps there. Flux
    alone does not count: a loop that begins with a drum has it, as it has within.
    """
    once = torch.from_numpy(np.ascontiguousarray(audio))
    joins = [number * once.shape[-1] for number in range(1, REPETITIONS)]
    reports = seam_report(once.repeat(1, REPETITIONS), SAMPLE_RATE, joins, reference=once)
    return max(max(report.jump_percentile, report.burst_percentile) for report in reports)


def mel_distance(audio: Signal, other: Signal) -> float:
    """Return the mean difference of two log-mel spectrograms in dB, down to 80 below the peak."""
    samples = min(audio.shape[-1], other.shape[-1])
    powers = [
        librosa.feature.melspectrogram(
            y=y[..., :samples].mean(0), sr=SAMPLE_RATE, n_fft=FRAME, hop_length=HOP
        )
        for y in (audio, other)
    ]
    peak = max(power.max() for power in powers)
    first, second = (librosa.power_to_db(np.maximum(p, 1e-8 * peak), top_db=None) for p in powers)
    return float(np.abs(first - second).mean())
