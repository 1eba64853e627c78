"""Recomputing instead of storing changes memory and time, never the gradient."""

from functools import partial

import pytest
import torch
from torch import Tensor

from engine.activation_memory import LiveBytes
from engine.errors import DeviceMemoryError
from engine.evaluation.untrained_model import UntrainedModel
from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel
from engine.sampler.checkpointing import (
    BlockCheckpointed,
    Checkpointing,
    choose_checkpointing,
    recompute_blocks,
)
from engine.sampler.sample import Solver, sample

MEGABYTE = 10**6


def gradient(
    model: ToyModel,
    checkpointing: Checkpointing,
    *,
    steps: int = 4,
    solver: Solver = "ddim",
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """The gradient of the loudness of the music in the noise."""
    able, used = recompute_blocks(model, checkpointing)
    x_T = torch.randn(1, 32, 16, generator=torch.Generator().manual_seed(2), dtype=dtype)
    x_T.requires_grad_()
    denoise = partial(able.denoise, conditioning=Conditioning(given={}))
    x_0 = sample(denoise, x_T, model.noise_schedule, steps=steps, solver=solver, checkpointing=used)
    return torch.autograd.grad(x_0.square().mean(), x_T)[0]


@pytest.mark.parametrize("checkpointing", ["block", "step"])
@pytest.mark.parametrize("solver", ["ddim", "dpmpp_2m"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_way_gives_the_gradient_of_plain_backpropagation_to_the_last_bit(
    checkpointing: Checkpointing, solver: Solver, dtype: torch.dtype
) -> None:
    model = UntrainedModel(width=16, blocks=2, dtype=dtype)
    plain = gradient(model, "none", solver=solver, dtype=dtype)
    assert plain.abs().max() > 0
    assert torch.equal(gradient(model, checkpointing, solver=solver, dtype=dtype), plain)


@pytest.mark.parametrize("solver", ["ddim", "dpmpp_2m"])
def test_steps_of_the_toy_are_recomputed_to_the_last_bit(solver: Solver) -> None:
    plain, recomputed = (gradient(ToyModel(), way, solver=solver) for way in ("none", "step"))
    assert torch.equal(recomputed, plain)


def test_the_gradient_agrees_with_finite_differences() -> None:
    model = UntrainedModel(width=16, blocks=2, dtype=torch.float64)
    denoise = partial(model.denoise, conditioning=Conditioning(given={}))
    x_T = torch.randn(1, 32, 3, dtype=torch.float64, requires_grad=True)
    run = partial(sample, denoise, schedule=model.noise_schedule, steps=4, checkpointing="step")
    assert torch.autograd.gradcheck(run, (x_T,), fast_mode=True)


class WideModel(ToyModel):
    """A denoiser whose activations are 2000 times as large as the latents."""

    def denoise(self, x_t: Tensor, t: Tensor, conditioning: Conditioning) -> Tensor:
        wide = torch.tanh(x_t.unsqueeze(-1) * torch.linspace(-1, 1, 1000))
        return wide.square().mean(-1) * t.view(-1, 1, 1)


def peak(checkpointing: Checkpointing, steps: int, model: ToyModel | None = None) -> int:
    with LiveBytes() as live:
        gradient(model or WideModel(), checkpointing, steps=steps)
    return live.peak


def test_with_step_checkpointing_50_steps_take_hardly_more_memory_than_4() -> None:
    assert peak("step", 50) <= 1.1 * peak("step", 4)


def test_plain_backpropagation_takes_memory_for_every_step() -> None:
    assert peak("none", 50) > 5 * peak("none", 4)


def test_over_few_steps_blocks_take_the_least_memory() -> None:
    model = UntrainedModel(width=16, blocks=8)
    assert peak("block", 4, model) < peak("step", 4, model) < peak("none", 4, model)


def test_a_model_without_blocks_is_sampled_with_recomputed_steps() -> None:
    toy = ToyModel()
    assert not isinstance(toy, BlockCheckpointed)
    assert recompute_blocks(toy, "block") == (toy, "step")


def test_asking_a_model_to_recompute_leaves_it_as_it_was() -> None:
    model = UntrainedModel(width=16, blocks=2)
    able, used = recompute_blocks(model, "block")
    assert used == "block"
    assert able is not model
    assert recompute_blocks(model, "none") == (model, "none")


@pytest.mark.parametrize(
    ("steps", "free_megabytes", "chosen"),
    [
        (4, 1000, "none"),
        (50, 1000, "none"),
        (4, 40, "block"),
        (8, 60, "block"),
        (50, 100, "step"),
    ],
)
def test_the_fastest_way_that_fits_is_chosen(
    steps: int, free_megabytes: int, chosen: Checkpointing
) -> None:
    assert chosen == choose_checkpointing(
        activation_bytes_per_step=10 * MEGABYTE, steps=steps, free_bytes=free_megabytes * MEGABYTE
    )


def test_a_job_that_fits_in_no_way_says_what_to_do() -> None:
    with pytest.raises(DeviceMemoryError, match=r"2\.2 GiB .* 0\.8 GiB .* shorter section"):
        choose_checkpointing(activation_bytes_per_step=5 * 2**30, steps=4, free_bytes=2**30)
