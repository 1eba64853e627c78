"""The network: what it listens to and what it ignores."""

import pytest
import torch

from engine.models.denoiser import CLASSES, MAX_WORDS, Denoiser
from engine.models.grid import CHANNELS
from engine.models.tags import INSTRUMENTS


@pytest.fixture(scope="module")
def net() -> Denoiser:
    torch.manual_seed(0)
    made = Denoiser(latent_channels=6, latent_frames=16, width=32, depth=2, heads=2, tag_width=16)
    for parameter in made.parameters():  # away from the zeros that training starts from
        torch.nn.init.normal_(parameter, std=0.1)
    return made.requires_grad_(False)


def told(batch: int = 1) -> dict[str, torch.Tensor]:
    return {
        **{name: torch.zeros(batch, dtype=torch.long) for name in CLASSES},
        "instruments": torch.zeros(batch, len(INSTRUMENTS)),
        "words": torch.zeros(batch, MAX_WORDS, dtype=torch.long),
        "grid": torch.zeros(batch, CHANNELS, 16),
    }


def test_each_tag_and_the_grid_change_the_music(net: Denoiser) -> None:
    x, t = torch.randn(1, 6, 16), torch.tensor([0.5])
    plain = net(x, t, told())
    for name, value in told().items():
        if name != "words":  # an untrained vocabulary is empty
            assert not net(x, t, {**told(), name: value + 1}).allclose(plain)


def test_items_of_a_batch_do_not_hear_each_other(net: Denoiser) -> None:
    x, t = torch.randn(3, 6, 16), torch.rand(3)
    together = net(x, t, told(3))
    alone = torch.cat([net(x[i : i + 1], t[i : i + 1], told()) for i in range(3)])
    assert together.allclose(alone, atol=1e-5)


def test_block_checkpointing_changes_no_bit_of_the_gradient(net: Denoiser) -> None:
    gradients = []
    for checkpoint_blocks in (False, True):
        x = torch.randn(1, 6, 16, generator=torch.Generator().manual_seed(1), requires_grad=True)
        net(x, torch.tensor([0.5]), told(), checkpoint_blocks=checkpoint_blocks).sum().backward()
        gradients.append(x.grad)
    assert torch.equal(gradients[0], gradients[1])  # type: ignore[arg-type]


def test_a_fresh_network_predicts_nothing_and_so_changes_nothing() -> None:
    fresh = Denoiser(latent_channels=6, latent_frames=16, width=32, depth=2, heads=2, tag_width=16)
    torch.nn.init.zeros_(fresh.skip.weight)
    torch.nn.init.zeros_(fresh.skip.bias)
    torch.nn.init.zeros_(fresh.leave.bias)
    assert fresh(torch.randn(1, 6, 16), torch.tensor([0.5]), told()).abs().max() == 0
