"""References: what a recording shows, as points, notes, chroma or log-mel that objectives can ask.

    Reference -> loudness points | notes of its one voice | pitch-class shares | stretched log-mel

Heard as the music that is made is heard. Times are seconds from the recording's first sample.

Source: the one voice is found by pYIN (Mauch and Dixon 2014) as in librosa.
"""

from dataclasses import replace

import librosa
import numpy as np
import torch
from numpy.typing import NDArray

from engine.controls import Note, Reference
from engine.errors import InvalidRequestError
from engine.features.chroma import log_chroma
from engine.listening import Heard, Listening
from engine.matching import SILENCE_DB, is_silent
from engine.rate import resample
from engine.shapes import Chroma, Curve, Features

POINT_SECONDS = 0.05
"""Between two loudness points; the curve is smoothed over a second."""
LEAST_NOTE = 0.06
"""Seconds: shorter notes are glitches of the pitch tracker, shorter gaps no rests."""
_PITCH_RATE, _PITCH_HOP = 22050, 512
_LOWEST, _HIGHEST = 65.4, 2093.0  # C2 to C7, in Hz


def loudness_points(reference: Reference, listening: Listening) -> tuple[tuple[float, float], ...]:
    """Return the intensity of the recording: (seconds, dB) every 50 ms, and at its end."""
    heard = _hear(reference, listening, "loudness")
    curve = heard.intensity[0].double().cpu().numpy()
    frame_times = np.arange(len(curve)) * heard.frame_seconds
    end = _seconds(reference)
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
    notes = notes_of_frames(
        pitches, frame_seconds=_PITCH_HOP / _PITCH_RATE, end=_seconds(reference)
    )
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
    reference: Reference, listening: Listening, *, frames: int, start: float = 0.0
) -> tuple[Chroma, Curve]:
    """Return the recording's pitch-class shares (1, 12, frames), and where there are any.

    Frame k is k frames after the time `start` of the recording. The mask (1, frames) is 0 before
    and after the recording and in its silences.
    """
    heard = _hear(reference, listening, "harmony")
    times = start + torch.arange(frames, dtype=torch.float64) * heard.frame_seconds
    # The nearest frame: between two chords there is no chord half way.
    nearest = (times / heard.frame_seconds).round().long().clamp(0, heard.frames - 1)
    nearest = nearest.to(heard.levels.device)
    sounds = (heard.levels > SILENCE_DB)[:, nearest]
    inside = ((times >= 0) & (times < _seconds(reference))).to(sounds.device)
    return log_chroma(heard.chroma).exp()[..., nearest], (sounds & inside).to(heard.levels)


def stretched_log_mel(reference: Reference, listening: Listening, *, frames: int) -> Features:
    """Return the recording's log-mel (1, 128, frames), stretched or shrunk in time to `frames`."""
    mel = _hear(reference, listening, "structure").log_mel
    if frames < mel.shape[-1]:
        return torch.nn.functional.adaptive_avg_pool1d(mel, frames)
    return torch.nn.functional.interpolate(mel, frames, mode="linear")


def _hear(reference: Reference, listening: Listening, what: str) -> Heard:
    _require_sound(reference, what)
    return listening.hear_recording(reference.audio, sample_rate=reference.sample_rate)


def _seconds(reference: Reference) -> float:
    return reference.audio.shape[-1] / reference.sample_rate


def _require_sound(reference: Reference, what: str) -> None:
    if is_silent(reference.audio):
        raise InvalidRequestError(
            f"The reference is silent (below {SILENCE_DB:g} dB), so it shows no {what}. Choose "
            "another recording or a louder part of it."
        )
