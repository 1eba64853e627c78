"""One deterministic step, checked against closed forms."""

import pytest
import torch

from engine.noise_schedule import Level, NoiseSchedule
from engine.sampler.ode import extrapolate, ode_step

COSINE, LINEAR = NoiseSchedule("cosine"), NoiseSchedule("linear")


def levels(schedule: NoiseSchedule, *times: float) -> tuple[Level, ...]:
    return schedule.levels(torch.tensor(times, dtype=torch.float64))


def noise() -> torch.Tensor:
    return torch.randn(2, 3, 8, dtype=torch.float64)


@pytest.mark.parametrize("schedule", [COSINE, LINEAR])
def test_a_model_that_knows_the_music_moves_along_the_path(schedule: NoiseSchedule) -> None:
    x_0, eps = noise(), noise()
    now, then = levels(schedule, 0.9, 0.4)
    x_s = ode_step(now.alpha * x_0 + now.sigma * eps, x_0, now, then)
    assert x_s.allclose(then.alpha * x_0 + then.sigma * eps)


@pytest.mark.parametrize("schedule", [COSINE, LINEAR])
def test_a_step_to_the_clean_end_lands_on_the_estimate(schedule: NoiseSchedule) -> None:
    x_t, x_0 = noise(), noise()
    now, then = levels(schedule, 0.3, 0.0)
    assert torch.equal(ode_step(x_t, x_0, now, then), x_0)


@pytest.mark.parametrize("schedule", [COSINE, LINEAR])
def test_a_step_to_the_same_level_changes_nothing(schedule: NoiseSchedule) -> None:
    x_t, x_0 = noise(), noise()
    (level,) = levels(schedule, 0.6)
    assert ode_step(x_t, x_0, level, level).allclose(x_t)


def test_on_the_linear_path_a_step_is_euler_along_the_velocity() -> None:
    x_t, x_0 = noise(), noise()
    now, then = levels(LINEAR, 0.8, 0.5)
    velocity = (x_t - x_0) / 0.8
    assert ode_step(x_t, x_0, now, then).allclose(x_t + (0.5 - 0.8) * velocity)


def test_on_the_cosine_path_a_step_is_a_rotation_towards_the_velocity() -> None:
    x_0, eps = noise(), noise()
    now, then = levels(COSINE, 0.8, 0.5)
    x_t, velocity = now.alpha * x_0 + now.sigma * eps, now.alpha * eps - now.sigma * x_0
    angle = torch.tensor(0.3 * torch.pi / 2, dtype=torch.float64)
    rotated = angle.cos() * x_t - angle.sin() * velocity
    assert ode_step(x_t, x_0, now, then).allclose(rotated)


def test_an_estimate_that_changes_evenly_is_extrapolated_to_the_middle_of_the_step() -> None:
    before, now, then = levels(COSINE, 0.8, 0.5, 0.3)
    start, slope = noise(), noise()

    def estimate(half_log_snr: torch.Tensor) -> torch.Tensor:
        return start + slope * half_log_snr

    aim = extrapolate(
        estimate(now.half_log_snr),
        estimate(before.half_log_snr),
        before=before,
        now=now,
        then=then,
    )
    assert aim.allclose(estimate((now.half_log_snr + then.half_log_snr) / 2))


def test_the_estimate_from_pure_noise_extrapolates_nothing() -> None:
    before, now, then = levels(COSINE, 1.0, 0.5, 0.3)
    x_0, x_0_before = noise(), noise()
    assert torch.equal(extrapolate(x_0, x_0_before, before=before, now=now, then=then), x_0)
