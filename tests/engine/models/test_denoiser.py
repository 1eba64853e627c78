"""The network: what it listens to and what it ignores."""

from itertools import pairwise

import pytest
import torch

from engine.models.denoiser import Denoiser, known_context
from engine.models.grid import CHANNELS
from engine.models.tags import INSTRUMENTS, NOTES
from engine.models.vocabulary import CLASSES, MAX_WORDS, UNSAID


@pytest.fixture(scope="module")
def net() -> Denoiser:
    torch.manual_seed(0)
    made = Denoiser(
        latent_channels=6,
        latent_frames=32,
        width=32,
        depth=2,
        heads=2,
        tag_width=16,
        vocabulary=("dark", "warm"),
        stride=True,
    )
    for parameter in made.parameters():  # away from the zeros that training starts from
        torch.nn.init.normal_(parameter, std=0.1)
    return made.requires_grad_(False)


def told(batch: int = 1, frames: int = 16) -> dict[str, torch.Tensor]:
    return {
        **{name: torch.zeros(batch, dtype=torch.long) for name in CLASSES},
        "instruments": torch.zeros(batch, len(INSTRUMENTS)),
        "words": torch.zeros(batch, MAX_WORDS, dtype=torch.long),
        "grid": torch.zeros(batch, CHANNELS, frames),
    }


def test_each_tag_and_the_grid_change_the_music(net: Denoiser) -> None:
    x, t = torch.randn(1, 6, 16), torch.tensor([0.5])
    plain = net(x, t, told())
    for name, value in told().items():
        assert not net(x, t, {**told(), name: value + 1}).allclose(plain)


def test_what_is_not_said_is_the_row_after_the_last(net: Denoiser) -> None:
    x, t = torch.randn(1, 6, 16), torch.tensor([0.5])
    last, unsaid = torch.tensor([len(NOTES)]), torch.tensor([UNSAID])
    assert torch.equal(net(x, t, {**told(), "root": last}), net(x, t, {**told(), "root": unsaid}))


def test_a_window_of_any_length_is_heard_the_same_way(net: Denoiser) -> None:
    """Items of one batch share a length; each length alone gives what the rotary tables allow."""
    for frames in (5, 16, 32):
        x = torch.randn(1, 6, frames)
        assert net(x, torch.tensor([0.5]), told(frames=frames)).shape == x.shape


def test_nothing_known_is_the_same_as_not_saying_so(net: Denoiser) -> None:
    x, t = torch.randn(1, 6, 16), torch.tensor([0.5])
    nothing = known_context(torch.randn(1, 6, 16), torch.zeros(1, 16))
    assert nothing.abs().max() == 0
    assert torch.equal(net(x, t, {**told(), "context": nothing}), net(x, t, told()))
    half = known_context(torch.randn(1, 6, 16), (torch.arange(16) < 8)[None].float())
    assert not net(x, t, {**told(), "context": half}).allclose(net(x, t, told()))


def test_an_instant_is_no_stride_and_each_stride_is_another(net: Denoiser) -> None:
    x, t = torch.randn(1, 6, 16), torch.tensor([1.0])
    moved = [net(x, t, {**told(), "stride": torch.tensor([s])}) for s in (0.0, 0.25, 0.5, 1.0)]
    assert torch.equal(moved[0], net(x, t, told()))
    for one, other in pairwise(moved):
        assert not one.allclose(other)


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
    fresh = Denoiser(
        latent_channels=6, latent_frames=16, width=32, depth=2, heads=2, tag_width=16, stride=True
    )
    torch.nn.init.zeros_(fresh.skip.weight)
    torch.nn.init.zeros_(fresh.skip.bias)
    torch.nn.init.zeros_(fresh.leave.bias)
    known = {"context": torch.ones(1, 7, 16), "stride": torch.ones(1)}
    given = {**told(), **known}
    assert fresh(torch.randn(1, 6, 16), torch.tensor([0.5]), given).abs().max() == 0
