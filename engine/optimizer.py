"""The DITTO loop: change the initial noise until the music has what is wanted.

    x_T <- shell( x_T - Adam( grad of  sum of weighted losses(x_T) ) )

`shell` brings the noise back to the loudness of noise, the sphere on which nearly all Gaussian
noise lies. Without it Adam inflates x_T until the model is asked to denoise what it has never
seen; with it twenty times the paper's learning rate (0.1 for 0.005) is stable and a quarter of the
iterations is enough. No shell is the paper's own loop.

Source: Novack et al. 2024, DITTO, arXiv:2401.12179, algorithm 1; Adam is Kingma and Ba 2015,
arXiv:1412.6980, algorithm 1. The shell is projected gradient descent on the set where noise is.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.errors import DivergedError
from engine.shapes import Latents, Scalar
from engine.weighting import Weighting, balancing

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8

# x_T -> the losses of its music by name, differentiable
LossesOfNoise = Callable[[Latents], dict[str, Scalar]]


@dataclass(frozen=True)
class Settings:
    """How long and how boldly to search.

    `iterations` counts from the very first one, also after a resume. `learning_rate` is the change
    of x_T per iteration, in standard deviations of the noise. `shell` are the least and the
    greatest root mean square of the noise, 1 being real noise's; None lets it drift. The search
    ends early when every loss has fallen to its own of the `thresholds` (a loss without one never
    has) or when the best weighted sum has not fallen by `min_improvement` (a fraction of itself)
    within `patience` iterations.
    """

    iterations: int
    learning_rate: float
    shell: tuple[float, float] | None = (1.0, 1.0)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    patience: int = 15
    min_improvement: float = 0.01


@dataclass(frozen=True)
class OptimizerState:
    """Everything needed to go on with iteration number `iteration`: on the same CPU bit-exactly.

    `reference_loss` is the last best loss that was a real improvement, `reference_iteration` when
    that was. `best_losses` are those of `best_x_T`, `first_losses` those of the first noise.
    `handed_over` is the iteration from which the losses are no longer a surrogate's; 0: none yet.
    `balance` are the factors found at the first noise. `generator_state` is there if the losses
    draw from a generator.
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
    handed_over: int = 0
    first_losses: Mapping[str, float] = field(default_factory=dict)
    best_losses: Mapping[str, float] = field(default_factory=dict)
    balance: Mapping[str, float] = field(default_factory=dict)
    generator_state: Tensor | None = None


@dataclass(frozen=True)
class Iteration:
    """One finished iteration, counted from 0. Its tensors are never changed afterwards.

    `losses` (not weighted), their weighted sum `loss` (schedules left out) and `x_T` belong
    together; `first_losses` and `best_losses` are as in the state. `std` is the standard deviation
    of `x_T`, 1 for real noise. `seconds` is wall time. `stopped` is "" or why this was the last
    one: converged, threshold or iterations. `state` returns what to resume from; resuming a search
    that has stopped repeats its last iteration.
    """

    iteration: int
    losses: dict[str, float]
    first_losses: Mapping[str, float]
    best_losses: Mapping[str, float]
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
    losses_of_noise: LossesOfNoise,
    settings: Settings,
    *,
    weighting: Weighting | None = None,
    resume: OptimizerState | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[Iteration]:
    """Yield after every iteration. Stop iterating to cancel; nothing else to clean up.

    `losses_of_noise` samples, measures and returns the losses by name, which `weighting` weights
    (None: all alike). If it draws random numbers, from `generator` only, which is then rewound on
    `resume`; `x_T` is ignored on `resume`. Raises DivergedError when a loss or a gradient is no
    longer a finite number.
    """
    weighting = weighting or Weighting()
    state = resume or begin(x_T)
    if generator is not None and state.generator_state is not None:
        generator.set_state(state.generator_state)
    state = _with_draws(state, generator)
    stopped = ""
    while not stopped:
        began = time.perf_counter()
        noise = state.x_T.detach().requires_grad_()
        tensors = losses_of_noise(noise)
        losses = numbers(tensors)
        if not state.first_losses:
            state = replace(state, first_losses=losses)
        if weighting.balance and not state.balance:
            state = replace(state, balance=balancing(tensors, noise))
        loss = weighting.total(losses, state.balance)
        if not math.isfinite(loss):
            raise _diverged(f"the loss is {loss}", state.iteration, settings)
        judged = _judge(state, loss, losses, settings)
        stopped = _why_stop(judged, losses, settings)
        # The last gradient would go unused; not taking it also leaves the state before it, from
        # which a longer search can go on.
        if not stopped:
            gradient = _gradient(tensors, noise, weighting, state, settings)
            if not bool(gradient.isfinite().all()):
                raise _diverged("the gradient is not finite", state.iteration, settings)
            state = _with_draws(_adam(judged, gradient, settings), generator)
        # A graph held here would stay in memory while the caller decodes what it got.
        del tensors, noise
        yield Iteration(
            iteration=judged.iteration,
            losses=losses,
            first_losses=judged.first_losses,
            best_losses=judged.best_losses,
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


def begin(x_T: Latents) -> OptimizerState:
    """Return the state before the first iteration."""
    x_T = x_T.detach().clone()
    zeros = torch.zeros_like(x_T)
    return OptimizerState(x_T=x_T, mean=zeros, square=zeros, best_x_T=x_T)


def _with_draws(state: OptimizerState, generator: torch.Generator | None) -> OptimizerState:
    """Return `state` with what `generator` will draw next."""
    return state if generator is None else replace(state, generator_state=generator.get_state())


def numbers(losses: Mapping[str, Scalar]) -> dict[str, float]:
    """Return the losses as numbers."""
    # One transfer from the device for all of them.
    stacked = torch.stack([loss.detach() for loss in losses.values()])
    return dict(zip(losses, stacked.tolist(), strict=True))


def _diverged(what: str, iteration: int, settings: Settings) -> DivergedError:
    return DivergedError(
        f"The search diverged: {what} in iteration {iteration}. Start from another seed, or lower "
        f"the learning rate ({settings.learning_rate:g})."
    )


def _judge(
    state: OptimizerState, loss: float, losses: Mapping[str, float], settings: Settings
) -> OptimizerState:
    """Return `state` with this iteration's loss taken into account."""
    if loss < state.best_loss:
        state = replace(
            state,
            best_x_T=state.x_T,
            best_loss=loss,
            best_losses=losses,
            best_iteration=state.iteration,
        )
    reference = state.reference_loss
    if math.isinf(reference) or loss < reference - settings.min_improvement * abs(reference):
        state = replace(state, reference_loss=loss, reference_iteration=state.iteration)
    return state


def _why_stop(state: OptimizerState, losses: Mapping[str, float], settings: Settings) -> str:
    if all(loss <= settings.thresholds.get(name, -math.inf) for name, loss in losses.items()):
        return "threshold"
    if state.iteration - state.reference_iteration >= settings.patience:
        return "converged"
    return "iterations" if state.iteration + 1 >= settings.iterations else ""


def _gradient(
    losses: Mapping[str, Scalar],
    noise: Latents,
    weighting: Weighting,
    state: OptimizerState,
    settings: Settings,
) -> Latents:
    progress = state.iteration / max(1, settings.iterations - 1)
    weighted = [
        weighting.weight(name, state.balance) * weighting.now(name, progress) * loss
        for name, loss in losses.items()
    ]
    (gradient,) = torch.autograd.grad(torch.stack(weighted).sum(), noise)
    # Whatever order the model leaves it in: a checkpoint does not keep that, and the order of
    # summing may change a last bit.
    return gradient.contiguous()


def _adam(state: OptimizerState, gradient: Latents, settings: Settings) -> OptimizerState:
    """Return the state of the next iteration. Nothing is changed in place."""
    count = state.iteration + 1
    mean = _BETA_1 * state.mean + (1 - _BETA_1) * gradient
    square = _BETA_2 * state.square + (1 - _BETA_2) * gradient.square()
    scale = (square / (1 - _BETA_2**count)).sqrt() + _EPSILON
    x_T = state.x_T - settings.learning_rate * (mean / (1 - _BETA_1**count)) / scale
    x_T = x_T if settings.shell is None else on_shell(x_T, settings.shell)
    return replace(state, x_T=x_T, mean=mean, square=square, iteration=count)


def on_shell(noise: Latents, shell: tuple[float, float]) -> Latents:
    """Return each item of `noise` with its root mean square brought into `shell`."""
    rms = noise.square().mean(dim=(1, 2), keepdim=True).sqrt()
    return noise * (rms.clamp(*shell) / rms.clamp_min(_EPSILON))
