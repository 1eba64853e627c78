"""Latents and pieces -> batches: conditioning as a prompt would give it, parts of it dropped."""

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.denoiser import CLASSES, MAX_WORDS
from engine.models.grid import grid
from engine.models.music_model import MusicalContext
from engine.models.tags import DYNAMICS, INSTRUMENTS, MODES, NOTES, STYLES, words
from engine.training.corpus.captions import caption
from engine.training.corpus.composition import Composition

DROP = 0.15
"""Chance that a single tag, the words or the grid is not told."""
DROP_ALL = 0.1
"""Chance that neither tags nor words are told: the other branch of guidance."""
CAPTIONS = 4
"""Different captions per piece."""

Given = dict[str, Tensor]


@dataclass(frozen=True)
class Examples:
    """Latents (clips, channels, frames) and their full conditioning, clip by clip."""

    latents: Tensor
    given: Given
    captions: Tensor
    """Word indices (clips, CAPTIONS, MAX_WORDS)."""

    def batch(self, generator: torch.Generator, size: int) -> tuple[Tensor, Given]:
        """Return random latents and conditioning with parts dropped."""
        index = torch.randint(len(self.latents), (size,), generator=generator)
        which = torch.randint(CAPTIONS, (size,), generator=generator)
        given = {name: value[index] for name, value in self.given.items()}
        given["words"] = self.captions[index, which]
        return self.latents[index].float(), drop(given, generator)


def make_examples(
    latents: Tensor, pieces: list[Composition], vocabulary: dict[str, int], frame_seconds: float
) -> Examples:
    """Return the examples of some pieces."""
    given = stack([describe(piece, latents.shape[-1], frame_seconds) for piece in pieces])
    captions = [
        [
            word_ids(caption(p, random.Random(p.seed * CAPTIONS + i)), vocabulary)
            for i in range(CAPTIONS)
        ]
        for p in pieces
    ]
    return Examples(latents, given, torch.tensor(captions))


def describe(piece: Composition, latent_frames: int, frame_seconds: float) -> Given:
    """Return everything there is to say about a piece, as tensors with a batch of one."""
    labels = {
        "style": STYLES.index(piece.style),
        "root": NOTES.index(piece.root),
        "mode": MODES.index(piece.mode),
        "dynamics": DYNAMICS.index(piece.dynamics),
    }
    instruments = torch.tensor([[float(name in piece.instruments) for name in INSTRUMENTS]])
    context = MusicalContext(bpm=piece.bpm, beat_offset=piece.offset)
    return {
        **{name: torch.tensor([value]) for name, value in labels.items()},
        "instruments": instruments,
        "words": torch.zeros(1, MAX_WORDS, dtype=torch.long),
        "grid": grid(context, latent_frames=latent_frames, frame_seconds=frame_seconds),
    }


def stack(given: list[Given]) -> Given:
    """Join conditioning along the batch."""
    return {name: torch.cat([one[name] for one in given]) for name in given[0]}


def drop(given: Given, generator: torch.Generator) -> Given:
    """Leave parts unsaid at random, as prompts do."""
    size = len(given["style"])

    def keep(chance: float) -> Tensor:
        return torch.rand(size, generator=generator) >= chance

    anything = keep(DROP_ALL)
    out = dict(given)
    for name, count in CLASSES.items():
        out[name] = torch.where(keep(DROP) & anything, given[name], count)
    out["instruments"] = given["instruments"] * (keep(DROP) & anything)[:, None]
    out["words"] = given["words"] * (keep(2 * DROP) & anything)[:, None]
    rhythm = torch.ones_like(given["grid"])
    rhythm[:, 2:] = keep(DROP)[:, None, None].float()
    out["grid"] = given["grid"] * rhythm
    return out


def unsaid(given: Given) -> Given:
    """Return the conditioning without tags and words; the grid stays."""
    out = dict(given)
    for name, count in CLASSES.items():
        out[name] = torch.full_like(given[name], count)
    out["instruments"] = torch.zeros_like(given["instruments"])
    out["words"] = torch.zeros_like(given["words"])
    return out


def word_ids(text: str, vocabulary: dict[str, int]) -> list[int]:
    """Return the indices of the known words, padded with 0; unknown words are left out."""
    ids = [vocabulary[word] for word in words(text) if word in vocabulary][:MAX_WORDS]
    return ids + [0] * (MAX_WORDS - len(ids))


def build_vocabulary(pieces: list[Composition]) -> tuple[str, ...]:
    """Return every word that captions of these pieces use, sorted."""
    found: set[str] = set()
    for piece in pieces:
        for i in range(CAPTIONS):
            found.update(words(caption(piece, random.Random(piece.seed * CAPTIONS + i))))
    return tuple(sorted(found))
