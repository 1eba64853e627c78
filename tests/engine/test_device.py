"""The device, without one."""

import torch

from engine.device import free_bytes


def test_a_machine_that_runs_this_has_a_megabyte_left_and_less_than_a_petabyte() -> None:
    assert 2**20 < free_bytes(torch.device("cpu")) < 2**50
