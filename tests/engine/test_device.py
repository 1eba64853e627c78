"""The device, without one."""

import torch

from engine.device import free_bytes, network_dtype, pick_device


def test_the_cpu_computes_in_single_precision() -> None:
    assert network_dtype(torch.device("cpu")) == torch.float32


def test_a_machine_that_runs_this_has_a_megabyte_left_and_less_than_a_petabyte() -> None:
    assert 2**20 < free_bytes(torch.device("cpu")) < 2**50


def test_the_device_picked_can_hold_a_tensor() -> None:
    device = pick_device()
    assert torch.zeros(1, device=device).device.type == device.type
