"""Between a recording and the wire: planar bytes out, and only the new material back in."""

import hashlib

import numpy as np

from bridge.audio_files import Recording
from bridge.sample_types import Samples, from_float
from plugin_protocol.values import AudioRef, SampleFormat, Span

FADE_SECONDS = 0.01
_WIRE_TYPES: dict[SampleFormat, str] = {"f32le": "<f4", "f64le": "<f8"}


def to_wire(recording: Recording) -> tuple[bytes, AudioRef]:
    """Return the recording as planar floats at full scale 1, and the words that describe it."""
    samples = recording.as_float()
    form: SampleFormat = "f64le" if samples.dtype == np.float64 else "f32le"
    data = np.ascontiguousarray(samples.T, dtype=_WIRE_TYPES[form]).tobytes()
    return data, AudioRef(
        sha=hashlib.sha256(data).digest(),
        format=form,
        sample_rate=recording.sample_rate,
        channels=recording.channels,
        frames=len(samples),
    )


def from_wire(data: bytes | bytearray, audio: AudioRef) -> Samples:
    """Return the samples (samples, channels) at full scale 1."""
    planar = np.frombuffer(data, dtype=_WIRE_TYPES[audio.format])
    return planar.reshape(audio.channels, audio.frames).T


def splice(clip: Recording, made: Samples, *, new: tuple[Span, ...], clip_start: int) -> Recording:
    """Return the clip with the new spans of `made` put in; all else is the clip's, bit by bit.

    `made` is the whole result (samples, channels) at full scale 1; sample 0 of the clip lies at
    `clip_start` in it.
    """
    samples = np.zeros(made.shape, dtype=clip.samples.dtype)
    known = np.zeros(len(made), dtype=bool)
    kept = slice(clip_start, clip_start + len(clip.samples))
    samples[kept] = clip.samples
    known[kept] = True
    for span in new:
        samples[span.start : span.end] = from_float(made[span.start : span.end], clip.sample_type)
        known[span.start : span.end] = True
    # The daemon's contract, not the user's input: outside the new spans lies the clip.
    assert known.all(), "the result has samples that are neither new nor the clip's"
    return Recording(samples, clip.sample_rate, clip.sample_type)


def faded_into(clip: Recording, made: Samples, within: Span) -> Samples:
    """Return `made` within the span and the clip around it, both (samples, channels).

    At either end of the span, for `FADE_SECONDS` inside it, one fades into the other at equal
    power: the sample before the span is followed by one of the clip's own.
    """
    length = within.end - within.start
    fade = min(round(FADE_SECONDS * clip.sample_rate), length // 2)
    angle = np.full(length, np.pi / 2)
    angle[:fade] = np.linspace(0, np.pi / 2, fade, endpoint=False)
    angle[length - fade :] = angle[:fade][::-1]
    whole = clip.as_float().astype(made.dtype)
    there = slice(within.start, within.end)
    of_clip, of_made = np.cos(angle)[:, None], np.sin(angle)[:, None]
    of_clip[fade : length - fade] = 0.0  # the cosine of pi/2 is not quite
    whole[there] = of_clip * whole[there] + of_made * made[there]
    return whole


def wholly_new(made: Samples, sample_rate: int, sample_type: str) -> Recording:
    """Return music that contains no clip as a recording."""
    return Recording(from_float(made, sample_type), sample_rate, sample_type)
