"""DITTO-2: look for the noise with fewer sampler steps than the music is made with.

    M steps   optimize x_T until it converges                  the surrogate, cheap
    T steps   hear what was found; go on for a few iterations  the hand-over
    T steps   keep the best by what was heard here, the first noise included

With M = 1 an iteration costs a T-th of the network's time. What the surrogate hears is not what is
played, so nothing is kept for what it says. Adam goes on over the hand-over, which changes only
what it measures. On the embedded model at normal quality, one seed, by librosa::

    three intensity curves     all 4 steps: 1.2 dB, 8.2 s of one core    M = 1: 1.0 dB, 5.1 s
                               M = 2: 1.2 dB, 6.0 s
    three melodies             all 4 steps: 86 %, 8.1 s                  M = 1: 87 %, 6.5 s
    two forms (16 iterations)  all 4 steps: 0.95, 4.6 s                  M = 1: 0.95, 4.6 s

That is too few to choose it by, so no quality takes it unasked.

Source: Novack et al. 2024, DITTO-2, arXiv:2405.20289; the hand-over and the judging are ours.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from engine.errors import InvalidRequestError
from engine.models.music_model import KnowsStrides, MusicModel
from engine.optimizer import (
    Iteration,
    LossesOfNoise,
    OptimizerState,
    Settings,
    begin,
    numbers,
    optimize,
)
from engine.shapes import Latents
from engine.weighting import Weighting

HAND_OVER = 6
"""Iterations with all steps, at most."""


@dataclass(frozen=True)
class Surrogate:
    """What is heard instead, with fewer steps; then `hand_over` iterations with all of them."""

    losses: LossesOfNoise
    hand_over: int = HAND_OVER


def in_steps(model: MusicModel, steps: int) -> MusicModel:
    """Return `model` for a surrogate of `steps` sampler steps.

    Raises InvalidRequestError with the reason where so many say nothing of its music.
    """
    if steps < 1 or steps >= model.steps:
        raise InvalidRequestError(
            f"A surrogate takes fewer sampler steps than the music, at least 1: the model "
            f"{model.name} takes {model.steps}, you asked for {steps}. Choose fewer, or no "
            "surrogate."
        )
    if isinstance(model, KnowsStrides) and model.strides:
        return model.with_steps(steps)
    if steps == 1:
        raise InvalidRequestError(
            f"One sampler step says nothing of what the model {model.name} plays: its weights were "
            "not taught to make music in one, and of pure noise they only know the average of all "
            "music. Choose a surrogate of 2 steps or more, or none."
        )
    return model


def search(
    x_T: Latents,
    losses: LossesOfNoise,
    settings: Settings,
    *,
    surrogate: Surrogate | None = None,
    weighting: Weighting | None = None,
    resume: OptimizerState | None = None,
    finish: Callable[[], bool] = lambda: False,
) -> Iterator[Iteration]:
    """Yield after every iteration of `optimize`, before and after the hand-over, as one search.

    `finish` is asked after every iteration that is not the last; once True the search ends, with
    what it has judged by all steps, and its last iteration gives no reason. `x_T` must be the same
    on `resume`: it is a candidate, too. `first_losses` are those of `x_T` with all steps.
    """
    weighting = weighting or Weighting()
    state, finishing = resume, False
    if surrogate is not None:
        if state is None:
            with torch.no_grad():
                state = replace(begin(x_T), first_losses=numbers(losses(x_T)))
        if not state.handed_over:
            for iteration in optimize(
                x_T, surrogate.losses, settings, weighting=weighting, resume=state
            ):
                found = iteration
                yield replace(iteration, stopped="")
                finishing = not iteration.stopped and finish()
                if finishing:
                    break
            state = _handed_over(found, x_T, weighting)
        more = 1 if finishing else surrogate.hand_over
        settings = replace(settings, iterations=state.handed_over + more)
    for iteration in optimize(x_T, losses, settings, weighting=weighting, resume=state):
        yield replace(iteration, stopped="") if finishing else iteration
        if not iteration.stopped and finish():
            return


def _handed_over(found: Iteration, x_T: Latents, weighting: Weighting) -> OptimizerState:
    """Return the state that goes on from the surrogate's best; the best yet is the first noise."""
    state, now = found.state(), found.iteration + 1
    return replace(
        state,
        x_T=found.best_x_T,
        iteration=now,
        handed_over=now,
        best_x_T=x_T.detach(),
        best_loss=weighting.total(state.first_losses, state.balance),
        best_losses=state.first_losses,
        best_iteration=0,
        reference_loss=math.inf,
        reference_iteration=now,
    )
