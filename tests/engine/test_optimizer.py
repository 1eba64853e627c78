"""The DITTO loop, stated as facts about searching."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from engine.activation_memory import LiveBytes
from engine.checkpoint import from_tensors, to_tensors
from engine.errors import DivergedError
from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel
from engine.optimizer import Iteration, OptimizerState, Settings, optimize
from engine.sampler.sample import sample
from engine.weighting import Weighting, balancing

PATIENT = Settings(iterations=40, learning_rate=0.05, patience=1000)
Losses = Callable[[Tensor], dict[str, Tensor]]


def start(seed: int = 0) -> Tensor:
    return torch.randn(1, 32, 16, generator=torch.Generator().manual_seed(seed))


TARGET = start(seed=1)


def bowl(x_T: Tensor) -> dict[str, Tensor]:
    return {"near": (x_T - TARGET).square().mean(), "far": 0.5 * (x_T - TARGET).pow(4).mean()}


def loud(x_T: Tensor) -> dict[str, Tensor]:
    """A wish that only ever louder noise fulfills."""
    return {"quiet": -x_T.square().mean()}


def overlap(x_T: Tensor) -> dict[str, Tensor]:
    """The first half of the toy's music should be this other music."""
    denoise = partial(ToyModel().denoise, conditioning=Conditioning(given={}))
    x_0 = sample(denoise, x_T, ToyModel.noise_schedule, steps=4)
    wanted = sample(denoise, TARGET, ToyModel.noise_schedule, steps=4)
    return {"overlap": (x_0 - wanted)[..., :8].square().mean()}


def run(
    losses: Losses, settings: Settings, resume: OptimizerState | None = None
) -> list[Iteration]:
    return list(optimize(start(), losses, settings, resume=resume))


def test_in_a_bowl_it_reaches_the_bottom() -> None:
    iterations = run(bowl, replace(PATIENT, iterations=200, shell=None))
    assert iterations[-1].loss < 0.01 * iterations[0].loss


def test_the_overlap_of_the_toy_falls_by_more_than_six_tenths() -> None:
    iterations = run(overlap, PATIENT)
    assert iterations[-1].best_loss < 0.4 * iterations[0].loss


def test_without_the_shell_it_is_the_adam_of_torch() -> None:
    x_T = start().requires_grad_()
    adam = torch.optim.Adam([x_T], lr=0.05)
    for _ in range(10):
        adam.zero_grad()
        torch.stack(list(bowl(x_T).values())).sum().backward()
        adam.step()
    ours = run(bowl, replace(PATIENT, iterations=11, shell=None))
    assert ours[-1].x_T.allclose(x_T, atol=1e-5)


def test_losses_their_sum_and_the_noise_belong_together() -> None:
    for iteration in run(bowl, replace(PATIENT, iterations=3)):
        losses = {name: float(loss) for name, loss in bowl(iteration.x_T).items()}
        assert iteration.losses == losses
        assert iteration.loss == pytest.approx(sum(losses.values()))


def test_the_best_iterate_is_kept_when_the_search_overshoots() -> None:
    ups_and_downs = iter([5.0, 3.0, 1.0, 4.0, 2.0])

    def overshooting(x_T: Tensor) -> dict[str, Tensor]:
        return {"near": next(ups_and_downs) + 0 * x_T.sum()}

    iterations = run(overshooting, replace(PATIENT, iterations=5))
    last = iterations[-1]
    assert (last.best_loss, last.best_iteration) == (1.0, 2)
    assert torch.equal(last.best_x_T, iterations[2].x_T)


def test_on_the_shell_the_noise_stays_as_loud_as_noise() -> None:
    for iteration in run(loud, PATIENT)[1:]:
        assert float(iteration.x_T.square().mean()) == pytest.approx(1, abs=1e-5)


def test_a_shell_with_a_thickness_lets_the_noise_move_within_it() -> None:
    *_, last = run(loud, replace(PATIENT, shell=(0.9, 1.1)))
    assert float(last.x_T.square().mean().sqrt()) == pytest.approx(1.1, abs=1e-5)


def test_without_the_shell_the_noise_drifts() -> None:
    assert run(loud, replace(PATIENT, shell=None))[-1].std > 2


def test_every_item_of_a_batch_is_put_on_the_shell() -> None:
    x_T = torch.cat([start() * 0.5, start() * 1.3])

    def indifferent(noise: Tensor) -> dict[str, Tensor]:
        return {"none": 0 * noise.sum()}

    *_, last = optimize(x_T, indifferent, replace(PATIENT, iterations=2))
    assert last.x_T.square().mean((1, 2)).allclose(torch.ones(2), atol=1e-5)


@pytest.mark.parametrize("weight", [0.1, 1.0, 40.0])
def test_the_weight_of_a_single_loss_does_not_matter(weight: float) -> None:
    def far(x_T: Tensor) -> dict[str, Tensor]:
        return {"far": bowl(x_T)["far"]}

    plain = run(far, PATIENT)[-1]
    *_, weighted = optimize(start(), far, PATIENT, weighting=Weighting({"far": weight}))
    assert weighted.losses["far"] == pytest.approx(plain.losses["far"], rel=0.02)
    assert weighted.loss == pytest.approx(weight * weighted.losses["far"])


def test_a_loss_of_weight_zero_is_reported_and_not_followed() -> None:
    *_, with_it = optimize(start(), bowl, PATIENT, weighting=Weighting({"far": 0.0}))
    *_, without = optimize(start(), lambda x: {"near": bowl(x)["near"]}, PATIENT)
    assert torch.equal(with_it.x_T, without.x_T)
    assert with_it.losses["far"] > 0


def test_a_loss_scheduled_away_leaves_the_last_say_to_the_other() -> None:
    def torn(x_T: Tensor) -> dict[str, Tensor]:
        return {"one": (x_T - TARGET).square().mean(), "other": (x_T + TARGET).square().mean()}

    leaving = Weighting(schedules={"one": (1.0, 0.0)})
    staying = Weighting(schedules={"other": (1.0, 0.0)})
    ends = [
        list(optimize(start(), torn, replace(PATIENT, iterations=60), weighting=weighting))[-1]
        for weighting in (leaving, staying)
    ]
    for end, followed, left in zip(ends, ("other", "one"), ("one", "other"), strict=True):
        last = {name: float(loss) for name, loss in torn(end.x_T).items()}
        assert last[followed] < last[left]


def test_balanced_losses_pull_with_gradients_of_one_norm() -> None:
    noise = start().requires_grad_()
    losses = {"near": bowl(noise)["near"], "loud": 1000 * noise.square().mean()}
    factors = balancing(losses, noise)
    norms = [
        float(torch.autograd.grad(factors[name] * loss, noise, retain_graph=True)[0].norm())
        for name, loss in losses.items()
    ]
    assert norms[0] == pytest.approx(norms[1], rel=1e-5)


def test_balance_is_found_once_and_kept_across_a_resume(tmp_path: Path) -> None:
    balanced = Weighting(balance=True)
    undisturbed = list(optimize(start(), bowl, PATIENT, weighting=balanced))
    state = through_a_file(undisturbed[4].state(), tmp_path)
    *_, resumed = optimize(start(), bowl, PATIENT, weighting=balanced, resume=state)
    assert torch.equal(resumed.x_T, undisturbed[-1].x_T)
    assert resumed.loss == undisturbed[-1].loss


def test_it_stops_at_the_threshold() -> None:
    thresholds = {"near": 0.8, "far": 1.0}
    iterations = run(bowl, replace(PATIENT, iterations=500, thresholds=thresholds))
    assert iterations[-1].stopped == "threshold"
    assert all(iterations[-1].losses[name] <= most for name, most in thresholds.items())
    assert any(iterations[-2].losses[name] > most for name, most in thresholds.items())


def test_a_loss_without_a_threshold_is_never_close_enough() -> None:
    iterations = run(bowl, replace(PATIENT, thresholds={"near": 1e9}))
    assert iterations[-1].stopped == "iterations"


def test_it_stops_when_nothing_improves() -> None:
    def flat(x_T: Tensor) -> dict[str, Tensor]:
        return {"flat": 7 + 0 * x_T.sum()}

    iterations = run(flat, replace(PATIENT, patience=5))
    assert [iteration.stopped for iteration in iterations] == [""] * 5 + ["converged"]


def test_slow_but_steady_progress_is_no_plateau() -> None:
    iterations = run(bowl, replace(PATIENT, patience=5, min_improvement=0.02))
    assert iterations[-1].stopped == "iterations"
    assert len(iterations) == 40


def test_the_callers_noise_is_left_alone() -> None:
    x_T = start()
    list(optimize(x_T, bowl, replace(PATIENT, iterations=3)))
    assert torch.equal(x_T, start())


def test_a_loss_that_is_no_number_says_what_to_do() -> None:
    def broken(x_T: Tensor) -> dict[str, Tensor]:
        return {"near": x_T.sum() / 0}

    with pytest.raises(DivergedError, match=r"iteration 0\. Start from another seed"):
        run(broken, PATIENT)


def test_a_gradient_that_is_no_number_says_what_to_do() -> None:
    def sharp(x_T: Tensor) -> dict[str, Tensor]:
        return {"near": (0 * x_T).abs().sqrt().sum()}

    with pytest.raises(DivergedError, match=r"the gradient is not finite in iteration 0\. Start"):
        run(sharp, PATIENT)


def test_nothing_of_the_model_is_held_while_an_iteration_is_reported() -> None:
    def wide(x_T: Tensor) -> dict[str, Tensor]:
        return {"wide": torch.tanh(x_T.unsqueeze(-1) * torch.linspace(-1, 1, 1000)).mean()}

    with LiveBytes() as live:
        held = [live.now for _ in optimize(start(), wide, replace(PATIENT, iterations=3))]
    assert live.peak > 1000 * start().nbytes
    assert max(held) < 10 * start().nbytes


def through_a_file(state: OptimizerState, folder: Path) -> OptimizerState:
    tensors, text = to_tensors(state)
    path = folder / "search.safetensors"
    path.write_bytes(save({name: tensor.clone() for name, tensor in tensors.items()}, text))
    with safe_open(path, framework="pt") as file:
        read = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return from_tensors(read, file.metadata())


@pytest.mark.parametrize("losses", [bowl, overlap])
def test_a_search_resumed_from_a_file_is_the_undisturbed_one_to_the_last_bit(
    losses: Losses, tmp_path: Path
) -> None:
    settings = replace(PATIENT, iterations=20)
    undisturbed = run(losses, settings)
    state = through_a_file(undisturbed[6].state(), tmp_path)
    resumed = run(losses, settings, resume=state)
    assert len(resumed) == 13
    for ours, theirs in zip(resumed, undisturbed[7:], strict=True):
        assert torch.equal(ours.x_T, theirs.x_T)
        assert torch.equal(ours.best_x_T, theirs.best_x_T)
        assert (ours.loss, ours.best_loss, ours.best_iteration, ours.stopped) == (
            theirs.loss,
            theirs.best_loss,
            theirs.best_iteration,
            theirs.stopped,
        )


def test_a_plateau_is_noticed_across_a_resume() -> None:
    settings = replace(PATIENT, learning_rate=1.5, patience=6, shell=None)
    undisturbed = run(bowl, settings)
    resumed = run(bowl, settings, resume=undisturbed[-4].state())
    assert undisturbed[-1].stopped == "converged"
    assert [iteration.iteration for iteration in resumed] == [
        iteration.iteration for iteration in undisturbed[-3:]
    ]


def test_a_finished_search_goes_on_as_if_it_had_been_longer() -> None:
    short = run(bowl, replace(PATIENT, iterations=7))
    long = run(bowl, replace(PATIENT, iterations=20))
    resumed = run(bowl, replace(PATIENT, iterations=20), resume=short[-1].state())
    assert torch.equal(resumed[-1].x_T, long[-1].x_T)


def test_a_finished_search_resumed_repeats_its_last_iteration() -> None:
    finished = run(bowl, replace(PATIENT, iterations=7))
    (again,) = run(bowl, replace(PATIENT, iterations=7), resume=finished[-1].state())
    assert torch.equal(again.best_x_T, finished[-1].best_x_T)
    assert (again.iteration, again.stopped) == (6, "iterations")


def test_random_losses_are_resumed_with_the_same_draws(tmp_path: Path) -> None:
    def search(seed: int, resume: OptimizerState | None = None) -> list[Iteration]:
        generator = torch.Generator().manual_seed(seed)

        def noisy(x_T: Tensor) -> dict[str, Tensor]:
            jitter = 0.1 * torch.randn(x_T.shape, generator=generator)
            return {"near": (x_T + jitter - TARGET).square().mean()}

        settings = replace(PATIENT, iterations=12)
        return list(optimize(start(), noisy, settings, resume=resume, generator=generator))

    undisturbed = search(seed=3)
    resumed = search(seed=4, resume=through_a_file(undisturbed[4].state(), tmp_path))
    assert torch.equal(resumed[-1].x_T, undisturbed[-1].x_T)
