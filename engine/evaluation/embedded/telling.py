"""What a model is told, and what it makes of it: the way a user's prompt goes.

A piece is said in full as a prompt, and its tempo and first bar line as a host says them.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from engine.models.embedded import EmbeddedModel
from engine.models.music_model import Conditioning, MusicalContext
from engine.models.tags import parse_tags
from engine.sampler.sample import sample
from engine.training.corpus.composition import Composition

BATCH = 25


def prompt_of(piece: Composition) -> str:
    """Return everything there is to say about a piece, as "rock, E minor, organ, steady"."""
    key = f"{piece.root} {piece.mode}"
    return ", ".join((piece.style, key, *piece.instruments, piece.dynamics))


def is_understood(model: EmbeddedModel, piece: Composition) -> bool:
    """Return whether the model reads out of the prompt all that is in it."""
    tags = model.denoiser.understands.known(parse_tags(prompt_of(piece)))
    said = (piece.style, piece.root, piece.mode, piece.dynamics, piece.instruments)
    return said == (tags.style, tags.root, tags.mode, tags.dynamics, tags.instruments)


def told(model: EmbeddedModel, pieces: Sequence[Composition], seconds: float) -> Conditioning:
    """Return the conditioning of several clips of `seconds` as one batch."""
    each = [
        model.encode_text(
            prompt_of(piece),
            seconds=seconds,
            context=MusicalContext(bpm=piece.bpm, beat_offset=piece.offset),
        )
        for piece in pieces
    ]
    given = {name: torch.cat([one.given[name] for one in each]) for name in each[0].given}
    without = None
    if each[0].without is not None:
        branches = [one.without for one in each if one.without is not None]
        without = {name: torch.cat([one[name] for one in branches]) for name in branches[0]}
    return replace(each[0], given=given, without=without)


@torch.no_grad()
def generate(
    model: EmbeddedModel, pieces: Sequence[Composition], seconds: float, *, first_seed: int = 0
) -> Tensor:
    """Return latents (clips, channels, frames), one clip for each piece, by the model's own steps.

    Clip i is made of the noise of seed `first_seed` + i.
    """
    shape = model.latents_shape(seconds)[1:]
    made = []
    for start in range(0, len(pieces), BATCH):
        part = pieces[start : start + BATCH]
        denoise = partial(model.denoise, conditioning=told(model, part, seconds))
        seeds = range(first_seed + start, first_seed + start + len(part))
        x_T = torch.stack([noise(seed, shape) for seed in seeds])
        made.append(sample(denoise, x_T, model.noise_schedule, steps=model.steps))
    return torch.cat(made)


def noise(seed: int, shape: tuple[int, ...]) -> Tensor:
    """Return the noise of a seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
