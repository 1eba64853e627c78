"""The DITTO loop: change the initial noise until the music has what is wanted.

    x_T <- x_T - Adam( grad of  sum of losses(x_T) + drift_penalty (mean(x_T^2) - 1)^2 )

The penalty keeps the noise as loud as noise: without it Adam inflates x_T until the model is asked
to denoise what it has never seen. It also allows ten times the paper's learning rate (0.05 for
0.005) in half the iterations (40 for 70); drift_penalty = 0 is the paper's own loop.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, algorithm 1; Adam is Kingma and Ba 2015,
arXiv:1412.6980, algorithm 1. The penalty is ours.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import torch
from torch import Tensor

from engine.errors import DivergedError
from engine.shapes import Latents, Scalar

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Settings:
    """How long and how boldly to search.

    `iterations` counts from the very first one, also after a resume. `learning_rate` is the change
    of x_T per iteration, in standard deviations of the noise. `drift_penalty` is in the unit of the
    losses: 100 suits losses of some 100 dB^2. The search ends early when the loss falls to
    `threshold` (None: never) or when the best loss has not fallen by `min_improvement` (a fraction
    of itself) within `patience` iterations.
    """

    iterations: int
    learning_rate: float
    drift_penalty: float = 100.0
    threshold: float | None = None
    patience: int = 15
    min_improvement: float = 0.01


@dataclass(frozen=True)
class OptimizerState:
    """Everything needed to go on bit-exactly with iteration number `iteration`.

    `reference_loss` is the last best loss that was a real improvement, `reference_iteration` when
    that was. `generator_state` is there if the losses draw from a generator.
    """

    x_T: Latents
    mean: Latents
    """Adam's running mean of the gradient."""
    square: Latents
    """Adam's running mean of the squared gradient."""
    best_x_T: Latents
    iteration: int = 0
    best_loss: float = math.inf
    best_iteration: int = 0
    reference_loss: float = math.inf
    reference_iteration: int = 0
    generator_state: Tensor | None = None


@dataclass(frozen=True)
class Iteration:
    """One finished iteration, counted from 0. Its tensors are never changed afterwards.

    `losses` (already weighted), their sum `loss` and `x_T` belong together; `loss` has no penalty
    in it. `std` is the standard deviation of `x_T`, 1 for real noise. `seconds` is wall time.
    `stopped` is "" or why this was the last one: converged, threshold or iterations. `state`
    returns what to resume from; resuming a search that has stopped repeats its last iteration.
    """

    iteration: int
    losses: dict[str, float]
    loss: float
    best_loss: float
    best_iteration: int
    x_T: Latents
    best_x_T: Latents
    std: float
    seconds: float
    stopped: str
    state: Callable[[], OptimizerState]


def optimize(
    x_T: Latents,
    losses_of_noise: Callable[[Latents], dict[str, Scalar]],
    settings: Settings,
    *,
    weights: Mapping[str, float] = MappingProxyType({}),
    schedules: Mapping[str, tuple[float, float]] = MappingProxyType({}),
    balance: bool = False,
    resume: OptimizerState | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Iteration]:
    """Yield after every iteration. Stop iterating to cancel; nothing else to clean up.

    `losses_of_noise` samples, measures and returns the weighted losses by name. If it draws random
    numbers, from `generator` only, which is then rewound on `resume`; `x_T` is ignored on `resume`.
    Raises DivergedError when a loss or a gradient is no longer a finite number.
    """
    state = resume or _begin(x_T)
    if generator is not None and state.generator_state is not None:
        generator.set_state(state.generator_state)
    state = _with_draws(state, generator)
    stopped = ""
    while not stopped:
        began = time.perf_counter()
        noise = state.x_T.detach().requires_grad_()
        tensors = losses_of_noise(noise)
        share = state.iteration / max(1, settings.iterations - 1)
        factors = {
            name: weights.get(name, 1.0) * (a + (b - a) * share)
            for name in tensors
            for a, b in [schedules.get(name, (1.0, 1.0))]
        }
        total = torch.stack([factors[name] * value for name, value in tensors.items()]).sum()
        losses = {name: float(value.detach()) for name, value in tensors.items()}
        loss = sum(factors[name] * value for name, value in losses.items())
        del tensors
        if not math.isfinite(loss):
            raise _diverged(f"the loss is {loss}", state.iteration, settings)
        judged = _judge(state, loss, settings)
        stopped = _why_stop(judged, loss, settings)
        # The last gradient would go unused; not taking it also leaves the state before it, from
        # which a longer search can go on.
        if not stopped:
            gradient = _gradient(total, noise, settings.drift_penalty)
            if not bool(gradient.isfinite().all()):
                raise _diverged("the gradient is not finite", state.iteration, settings)
            state = _with_draws(_adam(judged, gradient, settings.learning_rate), generator)
        # A graph held here would stay in memory while the caller decodes what it got.
        del total, noise
        yield Iteration(
            iteration=judged.iteration,
            losses=losses,
            loss=loss,
            best_loss=judged.best_loss,
            best_iteration=judged.best_iteration,
            x_T=judged.x_T,
            best_x_T=judged.best_x_T,
            std=float(judged.x_T.std()),
            seconds=time.perf_counter() - began,
            stopped=stopped,
            state=_returns(state),
        )


def _returns(state: OptimizerState) -> Callable[[], OptimizerState]:
    # A function of its own, so that the state is bound now and not when it is asked for.
    return lambda: state


def _begin(x_T: Latents) -> OptimizerState:
    x_T = x_T.detach().clone()
    zeros = torch.zeros_like(x_T)
    return OptimizerState(x_T=x_T, mean=zeros, square=zeros, best_x_T=x_T)


def _with_draws(state: OptimizerState, generator: torch.Generator | None) -> OptimizerState:
    """Return `state` with what `generator` will draw next."""
    return state if generator is None else replace(state, generator_state=generator.get_state())


def _evaluate(
    losses_of_noise: Callable[[Latents], dict[str, Scalar]], noise: Latents
) -> tuple[dict[str, float], Scalar]:
    """Return the losses as numbers, and their sum with the graph still attached."""
    tensors = losses_of_noise(noise)
    stacked = torch.stack(list(tensors.values()))
    # One transfer from the device for all of them.
    return dict(zip(tensors, stacked.detach().tolist(), strict=True)), stacked.sum()


def _diverged(what: str, iteration: int, settings: Settings) -> DivergedError:
    return DivergedError(
        f"The search diverged: {what} in iteration {iteration}. Start from another seed, or lower "
        f"the learning rate ({settings.learning_rate:g})."
    )


def _judge(state: OptimizerState, loss: float, settings: Settings) -> OptimizerState:
    """Return `state` with this iteration's loss taken into account."""
    if loss < state.best_loss:
        state = replace(state, best_x_T=state.x_T, best_loss=loss, best_iteration=state.iteration)
    reference = state.reference_loss
    if math.isinf(reference) or loss < reference - settings.min_improvement * abs(reference):
        state = replace(state, reference_loss=loss, reference_iteration=state.iteration)
    return state


def _why_stop(state: OptimizerState, loss: float, settings: Settings) -> str:
    if settings.threshold is not None and loss <= settings.threshold:
        return "threshold"
    if state.iteration - state.reference_iteration >= settings.patience:
        return "converged"
    return "iterations" if state.iteration + 1 >= settings.iterations else ""


def _gradient(total: Scalar, noise: Latents, drift_penalty: float) -> Latents:
    drift = (noise.square().mean(dim=(1, 2)) - 1).square().mean()  # each item's own, then one
    (gradient,) = torch.autograd.grad(total + drift_penalty * drift, noise)
    # Whatever order the model leaves it in: a checkpoint does not keep that, and the order of
    # summing may change a last bit.
    return gradient.contiguous()


def _adam(state: OptimizerState, gradient: Latents, learning_rate: float) -> OptimizerState:
    """Return the state of the next iteration. Nothing is changed in place."""
    count = state.iteration + 1
    mean = _BETA_1 * state.mean + (1 - _BETA_1) * gradient
    square = _BETA_2 * state.square + (1 - _BETA_2) * gradient.square()
    scale = (square / (1 - _BETA_2**count)).sqrt() + _EPSILON
    x_T = state.x_T - learning_rate * (mean / (1 - _BETA_1**count)) / scale
    return replace(state, x_T=x_T, mean=mean, square=square, iteration=count)
