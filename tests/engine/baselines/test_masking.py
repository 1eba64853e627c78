"""Naive masking, on the model whose answers are known."""

from functools import partial

import torch

from engine.baselines.masking import sample_masked
from engine.models import load
from engine.models.music_model import Conditioning
from engine.sampler.sample import sample

TOY = load("toy")
DENOISE = partial(TOY.denoise, conditioning=Conditioning(given={}))
NOISE = torch.randn(1, 32, 64, generator=torch.Generator().manual_seed(0))
KNOWN = torch.randn(1, 32, 64, generator=torch.Generator().manual_seed(1))


def masked(keep_mask: torch.Tensor) -> torch.Tensor:
    return sample_masked(
        DENOISE, NOISE, TOY.noise_schedule, steps=6, known=KNOWN, keep_mask=keep_mask
    )


def test_the_known_part_is_exact() -> None:
    keep_mask = torch.cat([torch.ones(32), torch.zeros(32)])
    assert torch.equal(masked(keep_mask)[..., :32], KNOWN[..., :32])


def test_with_nothing_known_it_is_the_plain_sampler() -> None:
    plain = sample(DENOISE, NOISE, TOY.noise_schedule, steps=6)
    assert torch.equal(masked(torch.zeros(64)), plain)


def test_the_free_part_hears_the_known_one() -> None:
    keep_mask = torch.cat([torch.ones(32), torch.zeros(32)])
    plain = sample(DENOISE, NOISE, TOY.noise_schedule, steps=6)
    assert not masked(keep_mask)[..., 33].allclose(plain[..., 33])
