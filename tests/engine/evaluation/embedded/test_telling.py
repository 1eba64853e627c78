"""What is told of a piece is what the model reads, and clips depend on their seed alone."""

from dataclasses import replace

import torch

from engine.evaluation.embedded.telling import BATCH, generate, is_understood, noise, told
from engine.models.embedded import load
from engine.training.corpus.composition import compose

MODEL = load()
KNOWN = [
    piece
    for piece, _ in (compose(seed) for seed in range(60))
    if piece.style in MODEL.denoiser.understands.styles
    and set(piece.instruments) <= set(MODEL.denoiser.understands.instruments)
]


def test_every_known_piece_is_read_without_loss() -> None:
    assert len(KNOWN) > 5
    assert all(is_understood(MODEL, piece) for piece in KNOWN)


def test_an_instrument_unknown_to_the_weights_is_a_loss() -> None:
    assert not is_understood(MODEL, replace(KNOWN[0], style="a style of its own"))


def test_a_batch_tells_each_clip_its_own() -> None:
    both = told(MODEL, KNOWN[:2], 5.9)
    for i, piece in enumerate(KNOWN[:2]):
        alone = told(MODEL, [piece], 5.9)
        assert all(torch.equal(both.given[k][i : i + 1], v) for k, v in alone.given.items())


def test_a_clip_is_the_same_whatever_it_is_made_with() -> None:
    pieces = [KNOWN[0]] * (BATCH + 1)
    together = generate(MODEL, pieces, 5.9)
    alone = generate(MODEL, pieces[:1], 5.9, first_seed=BATCH)
    assert torch.allclose(together[-1], alone[0], atol=1e-4)
    assert not torch.equal(noise(0, (2, 2)), noise(1, (2, 2)))
