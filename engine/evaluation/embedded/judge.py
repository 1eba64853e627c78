"""One line of the table: clips as they sound, compared with what they were told.

Real clips compared with other pieces than their own show what chance is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from engine.evaluation.embedded.clips import Clips
from engine.evaluation.embedded.harmony import close_keys, in_key, key_of
from engine.evaluation.embedded.heard import Heard, features, hear, in_batches
from engine.evaluation.embedded.memorization import Memory, copies
from engine.evaluation.embedded.recognizers import Recognizers, sound_features
from engine.evaluation.embedded.rhythm import (
    BarTemplates,
    bar_seconds,
    off_the_bar,
    off_the_beat,
    same_tempo,
)
from engine.evaluation.music_metrics import FrechetSpace, slope, summary_features
from engine.models.mel_codec import MelCodec
from engine.models.tags import NOTES
from engine.training.corpus.composition import Composition

SIXTEENTH = 0.25
"""Of a beat."""
LOUDER, SOFTER = ("crescendo", "step up"), ("decrescendo", "step down")


@dataclass(frozen=True)
class Scores:
    """How well clips are what they were told; shares from 0 to 1, slopes in dB.

    `copied` is the share of clips nearer to a training clip than 99 % of held-out clips are,
    `distance` the mean distance to the nearest.
    """

    style: float
    instruments: float
    tempo: float
    librosa_tempo: float
    beat: float
    bar: float
    in_key: float
    key: float
    louder: float
    softer: float
    frechet: float
    copied: float
    distance: float


@dataclass(frozen=True)
class Judge:
    """What was learnt of real training clips, and the held-out ones that are the reference."""

    recognizers: Recognizers
    bars: BarTemplates
    space: FrechetSpace
    memory: Memory
    reference: Heard

    @classmethod
    def of(cls, codec: MelCodec, train: Clips, held_out: Clips) -> "Judge":
        """Return the judge that these real clips make."""
        mel = features(codec, train.latents)
        mid = mel[:, : codec.config.mid_bins]
        return cls(
            recognizers=Recognizers.of(in_batches(sound_features, mel), train.pieces),
            bars=BarTemplates.of(mid, train.pieces),
            space=FrechetSpace.of(in_batches(summary_features, mid)),
            memory=Memory.of(train.latents),
            reference=hear(codec, held_out.latents),
        )

    def scores(self, heard: Heard, pieces: Sequence[Composition]) -> Scores:
        """Compare clips with the pieces that they ought to be. Tempo, beat and bar: with drums."""
        drums = [i for i, piece in enumerate(pieces) if piece.drums]
        beaten = [pieces[i] for i in drums]
        lines = self.bars.bar_lines(heard.mid[drums], [bar_seconds(piece) for piece in beaten])
        placed = list(zip(lines, beaten, strict=True))
        keys = [(NOTES.index(piece.root), piece.mode) for piece in pieces]
        sung = list(zip(heard.chroma, keys, strict=False))
        change = slope(heard.mid)
        distances = self.memory.nearest(heard.latents)
        return Scores(
            style=self.recognizers.style_accuracy(heard.sound, pieces),
            instruments=self.recognizers.instruments_score(heard.sound, pieces),
            tempo=_share(same_tempo(heard.tempi[i], pieces[i].bpm) for i in drums),
            librosa_tempo=_share(same_tempo(heard.librosa_tempi[i], pieces[i].bpm) for i in drums),
            beat=_share(abs(off_the_beat(line, piece)) < SIXTEENTH for line, piece in placed),
            bar=_share(abs(off_the_bar(line, piece)) < SIXTEENTH for line, piece in placed),
            in_key=float(np.mean([in_key(notes, key) for notes, key in sung])),
            key=_share(close_keys(key_of(notes), key) for notes, key in sung),
            louder=_mean_change(change, pieces, LOUDER),
            softer=_mean_change(change, pieces, SOFTER),
            # A hair below 0 by rounding where both are the same clips.
            frechet=max(0.0, self.space.distance(heard.summary, self.reference.summary)),
            copied=copies(distances, self.memory.nearest(self.reference.latents)),
            distance=float(distances.mean()),
        )


def _share(which: Iterable[bool]) -> float:
    return float(np.mean(list(which)))


def _mean_change(change: Tensor, pieces: Sequence[Composition], dynamics: Sequence[str]) -> float:
    return float(change[[piece.dynamics in dynamics for piece in pieces]].mean())
