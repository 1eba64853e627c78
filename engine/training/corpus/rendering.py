"""Events -> stereo audio, through a soundfont (TinySoundFont, MIT), our own synthesizer for the
programs from 128 on, and a plain master.

The font is FluidR3Mono_GM (MIT), Debian's package fluidr3mono-gm-soundfont.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, lfilter

from engine.training.corpus.composition import DRUM_CHANNEL, Event
from engine.training.corpus.synthesis import VOICES, play

FONT = Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3")
SAMPLE_RATE = 44100
RESET_CONTROLLERS = 121

Stereo = NDArray[np.float32]
"""(2, samples), full scale 1."""


class Renderer:
    """A soundfont in memory. Loading takes seconds; make one per process."""

    def __init__(self, font: Path = FONT, sample_rate: int = SAMPLE_RATE) -> None:
        import tinysoundfont

        if not font.exists():
            raise FileNotFoundError(
                f"The soundfont {font} is missing. Install Debian's package "
                "fluidr3mono-gm-soundfont or pass another General MIDI font."
            )
        self.sample_rate = sample_rate
        self._synth = tinysoundfont.Synth(samplerate=sample_rate, gain=-8)
        self._font = self._synth.sfload(str(font))

    def render(self, events: list[Event], seconds: float) -> Stereo:
        """Return the sound of `events`; what still rings at the end is cut."""
        ours = {e.channel: e.number for e in events if e.kind == "program" and e.number in VOICES}
        audio = self._play_font([e for e in events if e.channel not in ours], seconds)
        for channel, program in ours.items():
            part = [e for e in events if e.channel == channel]
            audio += play(part, program, seconds, self.sample_rate)
        return audio

    def _play_font(self, events: list[Event], seconds: float) -> Stereo:
        synth, total = self._synth, round(seconds * self.sample_rate)
        synth.sounds_off()
        # What is switched off still fades for a millisecond; it must not leak into this piece.
        synth.generate(self.sample_rate // 10)
        for channel in range(16):
            synth.control_change(channel, RESET_CONTROLLERS, 0)
        pieces: list[bytes] = []
        position = 0
        for event in events:
            until = min(round(max(event.time, 0) * self.sample_rate), total)
            if until > position:
                pieces.append(bytes(synth.generate(until - position)))
                position = until
            self._apply(event)
        if total > position:
            pieces.append(bytes(synth.generate(total - position)))
        interleaved = np.frombuffer(b"".join(pieces), dtype=np.float32)
        return interleaved.reshape(-1, 2).T.copy()

    def _apply(self, event: Event) -> None:
        if event.kind == "on":
            self._synth.noteon(event.channel, event.number, event.value)
        elif event.kind == "off":
            self._synth.noteoff(event.channel, event.number)
        elif event.kind == "control":
            self._synth.control_change(event.channel, event.number, event.value)
        else:
            drums = event.channel == DRUM_CHANNEL
            self._synth.program_change(event.channel, event.number, is_drums=drums)


def room(audio: Stereo, share: float, seconds: float, seed: int) -> Stereo:
    """Add a room: decaying noise, other on each side, `share` of the dry level.

    The tail is 60 dB down after `seconds`.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal((2, time.size)) * 10 ** (-3 * time / seconds)
    tail = lfilter([0.35], [1, -0.65], tail)  # walls swallow the treble
    # Single precision transforms in half the time.
    tail = (tail / np.sqrt(np.sum(tail**2, axis=1, keepdims=True))).astype(np.float32)
    dry = audio.mean(axis=0, keepdims=True)
    wet = fftconvolve(np.repeat(dry, 2, axis=0), tail, axes=1)[:, : audio.shape[1]]
    return (audio + share * wet).astype(np.float32)


def master(audio: Stereo, level_db: float, sample_rate: int = SAMPLE_RATE) -> Stereo:
    """Bring the loudest fifth of a second to `level_db` RMS (full scale 1) and round off peaks.

    The level inside the clip is kept: a crescendo stays one.
    """
    window = sample_rate // 5
    energy = np.concatenate([[0.0], np.cumsum(np.mean(audio.astype(np.float64) ** 2, axis=0))])
    loudest = np.sqrt((energy[window:] - energy[:-window]).max() / window + 1e-12)
    return np.tanh(audio * (10 ** (level_db / 20) / loudest)).astype(np.float32)
