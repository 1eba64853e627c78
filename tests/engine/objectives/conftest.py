"""Music that is heard to be anything a test likes, and a search of fifteen iterations."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from engine.listening import Heard, Listening
from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel
from engine.objectives.objective import Objective
from engine.optimizer import Settings, optimize
from engine.sampler.sample import sample

HeardWith = Callable[..., Heard]
Improvement = Callable[[Objective], float]


@pytest.fixture
def heard_with() -> HeardWith:
    """Return music with the views that are named, such as `levels`."""

    def make(**views: Tensor) -> Heard:
        heard = Heard(Listening(ToyModel()), latents=torch.zeros(1, 32, 8))
        heard.__dict__.update(views)  # where cached properties keep what they have computed
        return heard

    return make


@pytest.fixture
def improvement() -> Improvement:
    """Return by which factor fifteen iterations with the toy model lower a loss."""

    def search(objective: Objective) -> float:
        toy = ToyModel()
        denoise = partial(toy.denoise, conditioning=Conditioning(given={}))
        noise = torch.randn(1, 32, 64, generator=torch.Generator().manual_seed(3))

        def losses(x_T: Tensor) -> dict[str, Tensor]:
            x_0 = sample(denoise, x_T, toy.noise_schedule, steps=4)
            return {objective.name: objective.loss(Listening(toy).hear(x_0))}

        settings = Settings(iterations=15, learning_rate=0.1)
        found = list(optimize(noise, losses, settings))
        return found[-1].best_loss / found[0].loss

    return search
