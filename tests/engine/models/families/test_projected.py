"""Guidance that remembers: what it adds, and what it leaves."""

import torch
from diffusers.guiders.adaptive_projected_guidance import MomentumBuffer, normalized_guidance

from engine.models.families.projected import LONGEST, MOMENTUM, projected


def outputs(steps: int) -> torch.Tensor:
    return torch.randn(steps, 2, 1, 4, 32, generator=torch.Generator().manual_seed(0))


def test_it_agrees_with_the_published_one_step_after_step() -> None:
    carried, buffer = None, MomentumBuffer(MOMENTUM)
    for told, free in outputs(4):
        guided, carried = projected(told, free, carried, 7.0)
        wanted = normalized_guidance(
            told.transpose(1, 2),
            free.transpose(1, 2),
            6.0,
            buffer,
            eta=0.0,
            norm_threshold=LONGEST,
            use_original_formulation=True,
            norm_dim=(1,),
        )
        assert guided.allclose(wanted.transpose(1, 2), atol=1e-5)


def test_nothing_is_added_along_the_music_itself() -> None:
    told, free = outputs(1)[0]
    guided, _ = projected(told, free, None, 7.0)
    added = ((guided - told) * told).sum(-1)
    assert added.abs().max() < 1e-4


def test_strength_1_is_no_guidance() -> None:
    told, free = outputs(1)[0]
    assert torch.equal(projected(told, free, None, 1.0)[0], told)


def test_where_the_prompt_changes_nothing_the_gradient_is_finite() -> None:
    told = outputs(1)[0, 0].requires_grad_()
    guided, _ = projected(told, told * 1, None, 7.0)
    (gradient,) = torch.autograd.grad(guided.square().sum(), told)
    assert gradient.isfinite().all()
