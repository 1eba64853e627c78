"""The beat as the model hears it: told the true one, it explains the music best.

A denoiser is a classifier that nobody trained: of all that it might be told about a clip, the truth
makes its error smallest. Onsets propose beats, the model chooses; it knows from its music what
onsets do not say, such as which of two octaves is the beat and on which beat the bar begins.

Source: Li et al. 2023, "Your Diffusion Model is Secretly a Zero-Shot Classifier",
arXiv:2303.16203; the noise is the same for all candidates, as there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.beat_candidates import Candidate, beside, swept
from engine.models.music_model import Conditioning, MusicalContext, MusicModel
from engine.shapes import Audio, Latents

_FIRST_TIME, _TIMES = 0.6, (0.3, 0.5, 0.7, 0.85)
"""Times of the noise at which all candidates are tried, and then the best of them."""
_FINALISTS = 10
_BATCH = 32
_CLEAR = 0.05
"""A beat that takes away less of the error may be the best of bad ones: then all are tried."""
_LEAST_GAIN = 0.005
"""Less is chance: of hundreds of beats one always fits a drone a little."""
_SWEPT = 8


@dataclass(frozen=True)
class HeardBeat:
    """A beat, and the share of the model's error that knowing it takes away."""

    bpm: float
    downbeat: float
    gain: float


@torch.no_grad()
def hear_beat(
    model: MusicModel,
    audio: Audio,
    candidates: Sequence[Candidate],
    *,
    beats_per_bar: int = 4,
    bpm: float | None = None,
    pause: Callable[[], None] = lambda: None,
) -> HeardBeat | None:
    """Return the beat that explains `audio` best; None where none explains it better than no beat.

    `audio` (1, channels, samples) is at the model's rate and fits its window; downbeats are counted
    from its first sample. Where no candidate fits well, tempos from 60 to 180 bpm are tried too,
    unless `bpm` says that the candidates have the tempo. `pause` is called several times a second;
    what it raises ends the listening.
    """
    listener = _Listener.to(model, audio, beats_per_bar, pause)
    best = listener.best(candidates)
    if bpm is None and (best is None or best.gain < _CLEAR):
        anywhere = listener.shortlist(swept(beats_per_bar=beats_per_bar), _SWEPT)
        best = listener.best([*candidates, *beside(anywhere)])
    return best if best and best.gain >= _LEAST_GAIN else None


@dataclass(frozen=True)
class _Listener:
    model: MusicModel
    latents: Latents
    frames: int
    """How many of them are music; the rest of the window is not counted."""
    beats_per_bar: int
    pause: Callable[[], None]

    @classmethod
    def to(
        cls, model: MusicModel, audio: Audio, beats_per_bar: int, pause: Callable[[], None]
    ) -> "_Listener":
        seconds = audio.shape[-1] / model.sample_rate
        window = model.latents_shape(seconds)[-1] * model.hop_length
        padded = torch.nn.functional.pad(audio, (0, window - audio.shape[-1]))
        frames = max(1, audio.shape[-1] // model.hop_length - 1)
        return cls(model, model.encode_audio(padded), frames, beats_per_bar, pause)

    def best(self, candidates: Sequence[Candidate]) -> HeardBeat | None:
        """Return the best; None where there is none, or none that beats knowing nothing."""
        if not candidates:
            return None
        finalists = self.shortlist(candidates, _FINALISTS)
        *errors, without = self._errors([*finalists, None], _TIMES)
        least = min(errors)
        bpm, downbeat = finalists[errors.index(least)]
        return HeardBeat(bpm, downbeat, 1 - least / without) if least < without else None

    def shortlist(self, candidates: Sequence[Candidate], count: int) -> list[Candidate]:
        """Return the best `count`, judged at one level of noise."""
        errors = self._errors(candidates, (_FIRST_TIME,))
        return [candidates[i] for i in np.argsort(errors)[:count]]

    def _errors(
        self, candidates: Sequence[Candidate | None], times: Sequence[float]
    ) -> list[float]:
        told = [self._told(candidate) for candidate in candidates]
        return [
            error
            for start in range(0, len(told), _BATCH)
            for error in self._batch_errors(told[start : start + _BATCH], times)
        ]

    def _batch_errors(self, told: Sequence[Conditioning], times: Sequence[float]) -> list[float]:
        together = replace(
            told[0],
            given={name: torch.cat([each.given[name] for each in told]) for name in told[0].given},
            without=None,
            guidance=1.0,
        )
        draw = torch.Generator().manual_seed(0)
        schedule, music = self.model.noise_schedule, self.latents
        total = torch.zeros(len(told))
        for time in times:
            self.pause()
            t = torch.full((len(told),), time, device=music.device)
            noise = torch.randn(music.shape, generator=draw).to(music)
            x_t = schedule.alpha(t[:1]) * music + schedule.sigma(t[:1]) * noise
            x_0 = self.model.denoise(x_t.expand(len(told), -1, -1), t, together)
            missed = (x_0 - music)[..., : self.frames]
            total += missed.square().mean((1, 2)).cpu()
        return total.tolist()

    def _told(self, candidate: Candidate | None) -> Conditioning:
        bpm, downbeat = candidate or (None, None)
        context = MusicalContext(bpm, downbeat, self.beats_per_bar)
        seconds = self.latents.shape[-1] * self.model.hop_length / self.model.sample_rate
        return self.model.encode_text("", seconds=seconds, context=context)
