"""References: what a recording shows, as points, notes, chroma or log-mel that objectives can ask.

    Reference -> loudness points | notes of its one voice | pitch-class shares | stretched log-mel

Measured by the same features as the music is, at the recording's own rate, without gradients. Times
are seconds from the recording's first sample.

Source: the one voice is found by pYIN (Mauch and Dixon 2014) as in librosa.
"""

from dataclasses import dataclass, replace
from math import log2

import librosa
import numpy as np
import torch
from numpy.typing import NDArray

from engine.controls import Note, Reference
from engine.errors import InvalidRequestError
from engine.features.chroma import chroma, log_chroma
from engine.features.intensity import intensity, levels_of_power
from engine.features.log_mel import log_mel
from engine.features.power import power_spectrogram
from engine.listening import WINDOW_SECONDS
from engine.matching import SILENCE_DB, is_silent
from engine.rate import resample
from engine.shapes import Chroma, Curve, Features, Power

POINT_SECONDS = 0.05
"""Between two loudness points; the curve is smoothed over a second."""
LEAST_NOTE = 0.06
"""Seconds: shorter notes are glitches of the pitch tracker, shorter gaps no rests."""
_PITCH_RATE, _PITCH_HOP = 22050, 512
_LOWEST, _HIGHEST = 65.4, 2093.0  # C2 to C7, in Hz


@dataclass(frozen=True)
class _Heard:
    """A recording's power spectrogram: frame k is at k `frame_seconds`."""

    power: Power
    n_fft: int
    frame_seconds: float


def loudness_points(reference: Reference) -> tuple[tuple[float, float], ...]:
    """Return the intensity of the recording: (seconds, dB) every 50 ms, and at its end."""
    heard = _hear(reference, "loudness")
    levels = levels_of_power(heard.power, n_fft=heard.n_fft)
    curve = intensity(levels, frame_seconds=heard.frame_seconds)[0].double().numpy()
    frame_times = np.arange(len(curve)) * heard.frame_seconds
    end = reference.audio.shape[-1] / reference.sample_rate
    times = np.append(np.arange(0.0, end, POINT_SECONDS), end)
    decibels = np.interp(times, frame_times, curve)
    return tuple(zip(times.tolist(), decibels.tolist(), strict=True))


def lead_notes(reference: Reference) -> tuple[Note, ...]:
    """Return the notes of the recording's one voice, C2 to C7; what has no pitch becomes a rest."""
    _require_sound(reference, "melody")
    mono = reference.audio.mean(dim=0, keepdim=True).double()
    samples = resample(mono, reference.sample_rate, _PITCH_RATE)[0].numpy()
    hertz, voiced, _probability = librosa.pyin(
        samples, fmin=_LOWEST, fmax=_HIGHEST, sr=_PITCH_RATE, hop_length=_PITCH_HOP
    )
    pitches = np.full(len(hertz), -1)
    pitches[voiced] = np.round(librosa.hz_to_midi(hertz[voiced])).astype(int)
    end = reference.audio.shape[-1] / reference.sample_rate
    notes = notes_of_frames(pitches, frame_seconds=_PITCH_HOP / _PITCH_RATE, end=end)
    if not notes:
        raise InvalidRequestError(
            "No pitch was found in the reference: a melody is read from one voice or instrument "
            "between C2 and C7. Give notes instead, or follow its harmony."
        )
    return notes


def notes_of_frames(
    pitches: NDArray[np.int64], *, frame_seconds: float, end: float
) -> tuple[Note, ...]:
    """Return the notes of `pitches` per frame (-1: none), the last ending by `end` seconds.

    Frame k stands for the time around k `frame_seconds`. Notes under 60 ms are dropped; equal notes
    less than 60 ms apart are one.
    """
    changes = np.flatnonzero(np.diff(pitches, prepend=-2, append=-2))
    edges = np.clip((changes - 0.5) * frame_seconds, 0.0, end).tolist()
    notes: list[Note] = []
    for change, start, stop in zip(changes[:-1], edges[:-1], edges[1:], strict=True):
        pitch = int(pitches[change])
        if pitch < 0 or stop - start < LEAST_NOTE:
            continue
        if notes and notes[-1].pitch == pitch and start - notes[-1].end < LEAST_NOTE:
            notes[-1] = replace(notes[-1], end=stop)
        else:
            notes.append(Note(start, stop, pitch))
    return tuple(notes)


def harmony(
    reference: Reference, *, frames: int, frame_seconds: float, start: float = 0.0
) -> tuple[Chroma, Curve]:
    """Return the recording's pitch-class shares (1, 12, frames), and where there are any.

    Frame k is at `start` + k `frame_seconds` of the recording. The mask (1, frames) is 0 before and
    after the recording and in its silences.
    """
    heard = _hear(reference, "harmony")
    shares = log_chroma(chroma(heard.power, sample_rate=reference.sample_rate)).exp()
    times = start + torch.arange(frames, dtype=torch.float64) * frame_seconds
    end = reference.audio.shape[-1] / reference.sample_rate
    # The nearest frame: between two chords there is no chord half way.
    nearest = (times / heard.frame_seconds).round().long().clamp(0, shares.shape[-1] - 1)
    audible = levels_of_power(heard.power, n_fft=heard.n_fft)[:, nearest] > SILENCE_DB
    mask = audible & (times >= 0) & (times < end)
    return shares[..., nearest], mask.to(shares)


def stretched_log_mel(reference: Reference, *, frames: int) -> Features:
    """Return the recording's log-mel (1, 128, frames), stretched or shrunk in time to `frames`."""
    heard = _hear(reference, "structure")
    mel = log_mel(heard.power, sample_rate=reference.sample_rate)
    if frames < mel.shape[-1]:
        return torch.nn.functional.adaptive_avg_pool1d(mel, frames)
    return torch.nn.functional.interpolate(mel, frames, mode="linear")


def _hear(reference: Reference, what: str) -> _Heard:
    _require_sound(reference, what)
    n_fft = int(2 ** round(log2(WINDOW_SECONDS * reference.sample_rate)))
    power = power_spectrogram(reference.audio[None], n_fft=n_fft, hop=n_fft // 4)
    return _Heard(power, n_fft, n_fft // 4 / reference.sample_rate)


def _require_sound(reference: Reference, what: str) -> None:
    if is_silent(reference.audio):
        raise InvalidRequestError(
            f"The reference is silent (below {SILENCE_DB:g} dB), so it shows no {what}. Choose "
            "another recording or a louder part of it."
        )
