"""Noise schedules, stated as facts about the path from noise to music."""

import math

import pytest
import torch

from engine.noise_schedule import NoiseSchedule

SCHEDULES = [NoiseSchedule("cosine"), NoiseSchedule("linear"), NoiseSchedule("linear", shift=3.0)]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_path_runs_from_pure_noise_to_pure_music_exactly(
    schedule: NoiseSchedule, dtype: torch.dtype
) -> None:
    first, *_, last = schedule.levels(schedule.timesteps(5).to(dtype))
    assert (float(first.alpha), float(first.sigma)) == pytest.approx((0, 1), abs=0)
    assert (float(last.alpha), float(last.sigma)) == pytest.approx((1, 0), abs=0)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_there_is_one_timestep_more_than_steps_and_each_is_less_noisy(
    schedule: NoiseSchedule,
) -> None:
    times = schedule.timesteps(7)
    assert times.shape == (8,)
    assert (times.diff() < 0).all()


def test_the_cosine_path_preserves_the_variance() -> None:
    schedule, t = NoiseSchedule("cosine"), torch.linspace(0, 1, 101)
    power = schedule.alpha(t).square() + schedule.sigma(t).square()
    assert power.allclose(torch.ones(101))


def test_the_cosine_path_is_the_cosine() -> None:
    t = torch.linspace(0, 1, 101, dtype=torch.float64)
    assert NoiseSchedule("cosine").alpha(t).allclose(torch.cos(math.pi / 2 * t), atol=1e-15)


def test_the_linear_path_preserves_the_sum() -> None:
    schedule, t = NoiseSchedule("linear"), torch.linspace(0, 1, 101)
    assert (schedule.alpha(t) + schedule.sigma(t)).allclose(torch.ones(101))


def test_a_shift_of_3_puts_half_of_the_way_at_three_quarters_noise() -> None:
    assert NoiseSchedule("linear", shift=3.0).timesteps(2).allclose(torch.tensor([1, 0.75, 0]))


def test_pure_noise_has_a_signal_to_noise_ratio_of_zero() -> None:
    schedule = NoiseSchedule("cosine")
    first, middle, _ = schedule.levels(schedule.timesteps(2))
    assert float(first.half_log_snr) == -math.inf
    assert float(middle.half_log_snr) == pytest.approx(0, abs=1e-6)
