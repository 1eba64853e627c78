"""Samplers that renew their noise: the same path, and why they cannot be steered."""

from functools import partial

import pytest
import torch
from torch import Tensor

from engine.errors import InvalidRequestError
from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel
from engine.noise_schedule import NoiseSchedule
from engine.sampler.ode import ode_step
from engine.sampler.sample import sample
from engine.sampler.stochastic import (
    Renewal,
    ancestral,
    ping_pong,
    sample_stochastic,
    stochastic_step,
)

COSINE = NoiseSchedule("cosine")
NOW, THEN = COSINE.levels(torch.tensor([0.8, 0.5]))


def tanh_model(x_t: Tensor, t: Tensor) -> Tensor:
    return torch.tanh(2 * x_t)


def three_noises() -> list[Tensor]:
    return [torch.randn(1, 2, 8) for _ in range(3)]


def test_renewing_nothing_is_the_deterministic_step() -> None:
    x_t, x_0, noise = three_noises()
    step = stochastic_step(x_t, x_0, NOW, THEN, rho=torch.tensor(0.0), noise=noise)
    assert torch.equal(step, ode_step(x_t, x_0, NOW, THEN))


def test_ping_pong_forgets_where_it_came_from() -> None:
    x_t, x_0, noise = three_noises()
    step = stochastic_step(x_t, x_0, NOW, THEN, rho=ping_pong(NOW, THEN), noise=noise)
    assert step.allclose(THEN.alpha * x_0 + THEN.sigma * noise, atol=1e-6)


def test_ancestral_steps_renew_all_the_noise_coming_from_pure_noise() -> None:
    pure, _ = COSINE.levels(torch.tensor([1.0, 0.5]))
    assert float(ancestral(pure, THEN)) == 1


def test_an_ancestral_step_to_the_same_level_renews_nothing() -> None:
    assert float(ancestral(NOW, NOW)) == 0


@pytest.mark.parametrize("renewal", [ping_pong, ancestral])
def test_a_model_that_knows_the_music_lands_on_it(renewal: Renewal) -> None:
    x_0 = torch.randn(1, 2, 8)
    landed = sample_stochastic(
        lambda x_t, t: x_0,
        torch.randn(1, 2, 8),
        COSINE,
        steps=4,
        renewal=renewal,
        noises=torch.Generator(),
    )
    assert torch.equal(landed, x_0)


def test_without_renewal_it_is_the_deterministic_sampler() -> None:
    x_T = torch.randn(1, 2, 8)
    kept = sample_stochastic(
        tanh_model,
        x_T,
        COSINE,
        steps=4,
        renewal=lambda now, then: torch.tensor(0.0),
        noises=three_noises(),
    )
    assert torch.equal(kept, sample(tanh_model, x_T, COSINE, steps=4))


def test_fresh_noise_cannot_be_optimized() -> None:
    x_T = torch.randn(1, 2, 8, requires_grad=True)
    with pytest.raises(InvalidRequestError, match=r"next to no say.* fix the 3 noises and"):
        sample_stochastic(
            tanh_model, x_T, COSINE, steps=4, renewal=ping_pong, noises=torch.Generator()
        )


def test_in_a_ping_pong_chain_the_first_noise_has_no_say() -> None:
    denoise = partial(ToyModel().denoise, conditioning=Conditioning(given={}))
    x_T = torch.randn(1, 32, 8, requires_grad=True)
    noises = [torch.randn(1, 32, 8) for _ in range(7)]
    pinged = sample_stochastic(denoise, x_T, COSINE, steps=8, renewal=ping_pong, noises=noises)
    (lost,) = torch.autograd.grad(pinged.square().sum(), x_T)
    (kept,) = torch.autograd.grad(sample(denoise, x_T, COSINE, steps=8).square().sum(), x_T)
    assert lost.norm() < 1e-6 * kept.norm()


def test_fixed_noises_can_be_optimized_together_with_the_first() -> None:
    noises = [noise.requires_grad_() for noise in three_noises()]
    x_T = torch.randn(1, 2, 8, requires_grad=True)
    x_0 = sample_stochastic(tanh_model, x_T, COSINE, steps=4, renewal=ancestral, noises=noises)
    gradients = torch.autograd.grad(x_0.square().sum(), [x_T, *noises])
    assert all(gradient.abs().max() > 0 for gradient in gradients)


def test_a_missing_noise_is_named() -> None:
    with pytest.raises(InvalidRequestError, match=r"4 steps need 3 noises.*got 2\."):
        sample_stochastic(
            tanh_model,
            torch.randn(1, 2, 8),
            COSINE,
            steps=4,
            renewal=ping_pong,
            noises=three_noises()[:2],
        )
