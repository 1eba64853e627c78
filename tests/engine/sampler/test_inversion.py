"""Inversion leads back to the noise that the music came from, the closer the smaller its steps."""

from functools import partial

import torch

from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel
from engine.sampler.inversion import invert
from engine.sampler.sample import sample

MODEL = ToyModel()
DENOISE = partial(MODEL.denoise, conditioning=Conditioning(given={}))


def error(steps: int) -> float:
    """Return the share of the noise that is lost on the way to the music and back."""
    x_T = torch.randn(1, 32, 40, generator=torch.Generator().manual_seed(0))
    x_0 = sample(DENOISE, x_T, MODEL.noise_schedule, steps=steps)
    found = invert(DENOISE, x_0, MODEL.noise_schedule, steps=steps)
    return float((found - x_T).square().mean())


def test_small_steps_lead_back_to_the_noise() -> None:
    errors = [error(steps) for steps in (10, 40, 160)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.1


def test_the_music_comes_back_from_its_inversion() -> None:
    x_0 = sample(DENOISE, torch.randn(1, 32, 40), MODEL.noise_schedule, steps=100)
    x_T = invert(DENOISE, x_0, MODEL.noise_schedule, steps=100)
    again = sample(DENOISE, x_T, MODEL.noise_schedule, steps=100)
    assert (again - x_0).square().mean() < 0.05 * x_0.square().mean()
