"""The state of a search, taken apart and put together."""

import math

import torch

from engine.checkpoint import from_tensors, to_tensors
from engine.optimizer import OptimizerState


def state(generator_state: torch.Tensor | None = None) -> OptimizerState:
    x_T, mean, square = torch.randn(3, 1, 4, 8).unbind()
    return OptimizerState(
        x_T=x_T,
        mean=mean,
        square=square,
        best_x_T=x_T,
        iteration=3,
        best_loss=0.1 + 0.2,
        generator_state=generator_state,
    )


def test_every_bit_and_every_number_comes_back() -> None:
    taken = state()
    again = from_tensors(*to_tensors(taken))
    for name in ("x_T", "mean", "square", "best_x_T"):
        assert torch.equal(getattr(again, name), getattr(taken, name))
    assert (again.iteration, again.best_loss) == (3, 0.1 + 0.2)


def test_no_loss_yet_is_an_infinite_one() -> None:
    assert from_tensors(*to_tensors(state())).reference_loss == math.inf


def test_the_generators_state_comes_back_if_there_is_one() -> None:
    draws = torch.Generator().get_state()
    again = from_tensors(*to_tensors(state(generator_state=draws))).generator_state
    assert again is not None
    assert torch.equal(again, draws)
    assert from_tensors(*to_tensors(state())).generator_state is None


def test_other_names_beside_it_are_ignored() -> None:
    tensors, text = to_tensors(state())
    again = from_tensors(tensors | {"audio": torch.ones(1)}, text | {"take": "2"})
    assert again.iteration == 3
