"""The whole chain, checked against a model whose answer is known in closed form."""

from dataclasses import dataclass
from functools import partial

import pytest
import torch
from diffusers import DPMSolverMultistepScheduler
from torch import Tensor

from engine.errors import InvalidRequestError
from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel, cosine_transform, prior_variance
from engine.noise_schedule import NoiseSchedule
from engine.sampler.sample import Solver, sample, sample_carrying

COSINE = NoiseSchedule("cosine")
SOLVERS: list[Solver] = ["ddim", "dpmpp_2m"]
TOY = partial(ToyModel().denoise, conditioning=Conditioning(given={}))


@dataclass(frozen=True)
class FixedTimes(NoiseSchedule):
    """A path at given times."""

    times: tuple[float, ...] = ()

    def timesteps(self, steps: int) -> Tensor:
        return torch.tensor(self.times)


def tanh_model(x_t: Tensor, t: Tensor) -> Tensor:
    return torch.tanh(x_t * (1 + t.view(-1, 1, 1)))


def double_noise(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def exact_music(x_T: Tensor) -> Tensor:
    """Where the toy's noise ends when the steps are infinitely small."""
    frames = x_T.shape[-1]
    cosines, deviation = cosine_transform(frames), prior_variance(frames).sqrt()
    return (x_T @ cosines.T * deviation) @ cosines


def error(steps: int, solver: Solver) -> float:
    x_T = double_noise(1, 32, 16)
    return float((sample(TOY, x_T, COSINE, steps=steps, solver=solver) - exact_music(x_T)).norm())


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("path", ["cosine", "linear"])
def test_a_model_that_knows_the_music_lands_on_it(solver: Solver, path: str) -> None:
    x_0, x_T = torch.randn(2, 4, 16), torch.randn(2, 4, 16)
    assert torch.equal(
        sample(lambda x_t, t: x_0, x_T, NoiseSchedule(path), steps=5, solver=solver), x_0
    )


@pytest.mark.parametrize("solver", SOLVERS)
def test_with_small_steps_white_noise_becomes_the_prior(solver: Solver) -> None:
    x_T = double_noise(1, 32, 16)
    x_0 = sample(TOY, x_T, COSINE, steps=1000, solver=solver)
    assert x_0.allclose(exact_music(x_T), atol=0.02)


@pytest.mark.parametrize(("solver", "ratio"), [("ddim", 2), ("dpmpp_2m", 4)])
def test_halving_the_steps_length_divides_the_error_by_2_or_by_4(
    solver: Solver, ratio: int
) -> None:
    # Away from the ends of the path, where log(alpha / sigma) is finite.
    def times(steps: int) -> tuple[float, ...]:
        return tuple(torch.linspace(0.8, 0.2, steps + 1).tolist())

    x_t = double_noise(1, 32, 16)
    schedules = [FixedTimes("cosine", times=times(n)) for n in (64, 128)]
    first, last = COSINE.levels(torch.tensor([0.8, 0.2], dtype=torch.float64))
    cosines, variance = cosine_transform(16), prior_variance(16)
    spread = [level.alpha**2 * variance + level.sigma**2 for level in (first, last)]
    exact = (x_t @ cosines.T * (spread[1] / spread[0]).sqrt()) @ cosines
    coarse, fine = (
        (sample(TOY, x_t, schedule, steps=len(schedule.times) - 1, solver=solver) - exact).norm()
        for schedule in schedules
    )
    assert float(coarse / fine) == pytest.approx(ratio, rel=0.08)


def test_dpmpp_2m_with_16_steps_beats_ddim_with_64() -> None:
    assert error(16, "dpmpp_2m") < error(64, "ddim")


def test_dpmpp_2m_agrees_with_diffusers() -> None:
    theirs = DPMSolverMultistepScheduler(
        use_flow_sigmas=True,
        prediction_type="flow_prediction",
        algorithm_type="dpmsolver++",
        final_sigmas_type="zero",
    )
    theirs.set_timesteps(10)
    times = theirs.sigmas.tolist()
    x_T = torch.randn(1, 4, 16)
    x_t = x_T
    for t, now in zip(theirs.timesteps, times[:-1], strict=True):
        velocity = (x_t - tanh_model(x_t, torch.tensor([now]))) / now
        x_t = theirs.step(velocity, t, x_t).prev_sample
    schedule = FixedTimes("linear", times=tuple(times))
    ours = sample(tanh_model, x_T, schedule, steps=10, solver="dpmpp_2m")
    assert ours.allclose(x_t, atol=1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_gradient_reaches_the_initial_noise(solver: Solver) -> None:
    x_T = double_noise(1, 2, 4).requires_grad_()
    run = partial(sample, tanh_model, schedule=COSINE, steps=5, solver=solver)
    assert torch.autograd.gradcheck(run, (x_T,))


def test_every_item_of_the_batch_is_told_the_time() -> None:
    seen: list[tuple[int, ...]] = []

    def listen(x_t: Tensor, t: Tensor) -> Tensor:
        seen.append(tuple(t.shape))
        return x_t

    sample(listen, torch.randn(3, 2, 4), COSINE, steps=2)
    assert seen == [(3,), (3,)]


def test_one_model_call_per_step_and_none_at_the_clean_end() -> None:
    times: list[float] = []

    def listen(x_t: Tensor, t: Tensor) -> Tensor:
        times.append(float(t[0]))
        return x_t

    sample(listen, torch.randn(1, 2, 4), COSINE, steps=4, solver="dpmpp_2m")
    assert times == [1, 0.75, 0.5, 0.25]


def test_no_steps_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"at least 1 step: got 0\. Use 4 to 50\."):
        sample(tanh_model, torch.randn(1, 2, 4), COSINE, steps=0)


def test_what_a_step_remembers_is_handed_to_the_next() -> None:
    given = []

    def counting(x_t: Tensor, t: Tensor, carried: Tensor | None) -> tuple[Tensor, Tensor]:
        given.append(None if carried is None else float(carried.mean()))
        return x_t * 0, torch.zeros_like(x_t) if carried is None else carried + 1

    sample_carrying(counting, torch.ones(1, 2, 3), NoiseSchedule(), steps=4)
    assert given == [None, 0.0, 1.0, 2.0]
