"""Memory, counted in tensors."""

import torch

from engine.activation_memory import LiveBytes, activation_bytes

KIB = 1024


def test_new_tensors_are_counted_until_they_die() -> None:
    with LiveBytes() as live:
        first = torch.zeros(KIB, dtype=torch.uint8)
        second = torch.zeros(2 * KIB, dtype=torch.uint8)
        assert live.now == 3 * KIB
        del first
        assert live.now == 2 * KIB
    del second
    assert (live.now, live.peak) == (0, 3 * KIB)


def test_views_and_changes_in_place_take_no_memory() -> None:
    with LiveBytes() as live:
        tensor = torch.zeros(KIB, dtype=torch.uint8)
        views = tensor[10:].view(2, -1), tensor.add_(1)
    assert live.peak == KIB
    del views


def test_what_was_there_before_is_counted_apart() -> None:
    weights = torch.zeros(KIB)
    with LiveBytes() as live:
        views = weights[1:], weights.view(2, -1)
    assert (live.peak, live.before) == (0, weights.nbytes)
    del views


def test_an_exponential_keeps_its_result_for_the_backward_pass() -> None:
    x_T = torch.zeros(1, 2, 16)
    assert activation_bytes(lambda x_t, t: x_t.exp(), x_T) >= x_T.nbytes
    assert activation_bytes(lambda x_t, t: x_t.exp().exp().exp(), x_T) >= 3 * x_T.nbytes
