"""The mean over what is asked."""

import torch

from engine.objectives.objective import masked_mean


def test_it_is_the_mean_of_what_is_asked_over_the_whole_batch() -> None:
    values = torch.tensor([[1.0, 2.0, 9.0], [3.0, 4.0, 9.0]])
    assert masked_mean(values, torch.tensor([[1.0, 1.0, 0.0]])) == 2.5


def test_nothing_asked_is_0_and_pulls_nowhere() -> None:
    values = torch.ones(1, 3, requires_grad=True)
    mean = masked_mean(values, torch.zeros(1, 3))
    assert mean == 0
    assert torch.autograd.grad(mean, values)[0].abs().max() == 0
