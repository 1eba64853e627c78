"""Latents and pieces -> batches: conditioning as a prompt would give it, parts of it dropped."""

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.denoiser import known_context
from engine.models.grid import grid
from engine.models.music_model import MusicalContext
from engine.models.tags import Tags, words
from engine.models.vocabulary import CLASSES, MAX_WORDS, UNSAID, Vocabulary
from engine.training.corpus.captions import caption
from engine.training.corpus.composition import Composition
from engine.training.draws import integers, uniform
from engine.training.known_frames import random_keep_mask

DROP = 0.15
"""Chance that a single tag, the words or the grid is not told."""
DROP_ALL = 0.1
"""Chance that neither tags nor words are told: the other branch of guidance."""
KNOWN = 0.3
"""Chance that part of the window is known beforehand."""
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

    def batch(self, draw: torch.Generator, size: int) -> tuple[Tensor, Given]:
        """Return random latents and conditioning, parts dropped and parts of the music known."""
        index = integers(draw, len(self.latents), size)
        which = integers(draw, CAPTIONS, size)
        given = {name: value[index] for name, value in self.given.items()}
        given["words"] = self.captions[index, which]
        latents = self.latents[index].float()
        return latents, {
            **drop(given, draw),
            "context": sometimes_known(latents, draw),
        }

    def to(self, device: torch.device) -> "Examples":
        """Return the same examples on `device`, where `draw` must be then."""
        given = {name: value.to(device) for name, value in self.given.items()}
        return Examples(self.latents.to(device), given, self.captions.to(device))


def make_examples(
    latents: Tensor, pieces: list[Composition], vocabulary: Vocabulary, frame_seconds: float
) -> Examples:
    """Return the examples of some pieces."""
    frames = latents.shape[-1]
    given = stack([describe(p, frames, frame_seconds, vocabulary) for p in pieces])
    captions = [[vocabulary.word_ids(text) for text in captions_of(piece)] for piece in pieces]
    return Examples(latents, given, torch.tensor(captions))


def describe(
    piece: Composition, latent_frames: int, frame_seconds: float, vocabulary: Vocabulary
) -> Given:
    """Return everything there is to say about a piece, as tensors with a batch of one.

    `vocabulary` is that of the model which will read it.
    """
    tags = Tags(piece.style, piece.root, piece.mode, piece.dynamics, piece.instruments)
    context = MusicalContext(bpm=piece.bpm, beat_offset=piece.offset)
    return {
        **vocabulary.tag_tensors(tags),
        "words": torch.zeros(1, MAX_WORDS, dtype=torch.long),
        "grid": grid(context, latent_frames=latent_frames, frame_seconds=frame_seconds),
    }


def stack(given: list[Given]) -> Given:
    """Join conditioning along the batch."""
    return {name: torch.cat([one[name] for one in given]) for name in given[0]}


def drop(given: Given, draw: torch.Generator) -> Given:
    """Leave parts unsaid at random, as prompts do."""
    size = len(given["style"])

    def keep(chance: float) -> Tensor:
        return uniform(draw, size) >= chance

    anything = keep(DROP_ALL)
    out = dict(given)
    for name in CLASSES:
        out[name] = torch.where(keep(DROP) & anything, given[name], UNSAID)
    out["instruments"] = given["instruments"] * (keep(DROP) & anything)[:, None]
    out["words"] = given["words"] * (keep(2 * DROP) & anything)[:, None]
    rhythm = torch.ones_like(given["grid"])
    rhythm[:, 2:] = keep(DROP)[:, None, None].float()
    out["grid"] = given["grid"] * rhythm
    return out


def sometimes_known(latents: Tensor, draw: torch.Generator) -> Tensor:
    """Return the network's context (batch, channels + 1, frames): mostly that nothing is known."""
    size, _, frames = latents.shape
    told = uniform(draw, size, 1) < KNOWN
    return known_context(latents, random_keep_mask(size, frames, draw) * told)


def unsaid(given: Given) -> Given:
    """Return the conditioning without tags and words; the grid and what is known stay."""
    out = dict(given)
    for name in CLASSES:
        out[name] = torch.full_like(given[name], UNSAID)
    out["instruments"] = torch.zeros_like(given["instruments"])
    out["words"] = torch.zeros_like(given["words"])
    return out


def captions_of(piece: Composition) -> list[str]:
    """Return CAPTIONS prompts that a person might have typed for the piece; always the same."""
    return [caption(piece, random.Random(piece.seed * CAPTIONS + i)) for i in range(CAPTIONS)]


def words_of(pieces: list[Composition]) -> tuple[str, ...]:
    """Return every word that captions of these pieces use, sorted."""
    found = {word for piece in pieces for text in captions_of(piece) for word in words(text)}
    return tuple(sorted(found))
