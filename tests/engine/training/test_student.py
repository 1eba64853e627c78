"""The student's targets are exact, whatever the stride."""

import pytest
import torch

from engine.models.denoiser import Denoiser
from engine.training.examples import Given
from engine.training.student import flow_map_loss, move, two_strides, velocity_between

MUSIC = torch.randn(1, 4, 8, generator=torch.Generator().manual_seed(0))


class KnowsOnePiece(Denoiser):
    """The exact velocity where there is one piece of music: every stride leads along one line."""

    def forward(
        self, x_t: torch.Tensor, t: torch.Tensor, given: Given, **_: object
    ) -> torch.Tensor:
        angle = (t * torch.pi / 2)[:, None, None]
        return (angle.cos() * x_t - MUSIC) / angle.sin()


@pytest.fixture(scope="module")
def net() -> Denoiser:
    return KnowsOnePiece(latent_channels=4, latent_frames=8, width=16, depth=1, heads=2)


def told(size: int) -> Given:
    given = {name: torch.zeros(size, dtype=torch.long) for name in ("style", "root", "mode")}
    given |= {"dynamics": given["style"], "instruments": torch.zeros(size, 3)}
    return given | {"words": torch.zeros(size, 4, dtype=torch.long)}


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_the_velocity_between_two_places_leads_from_one_to_the_other(share: float) -> None:
    x, y = torch.randn(2, 3, 4, 8)
    assert move(x, velocity_between(x, y, share), share).allclose(y, atol=1e-5)


def test_where_all_strides_agree_the_loss_of_every_stride_is_zero(net: Denoiser) -> None:
    latents = MUSIC.expand(6, -1, -1)
    for seed in range(12):
        draw = torch.Generator().manual_seed(seed)
        assert flow_map_loss(net, net, net, latents, told(6), draw) < 1e-8


def test_two_halves_from_noise_arrive_at_the_music(net: Denoiser) -> None:
    arrived = two_strides(net, torch.randn(3, 4, 8), torch.ones(3), told(3), 0.5)
    assert arrived.allclose(MUSIC.expand(3, -1, -1), atol=1e-5)
