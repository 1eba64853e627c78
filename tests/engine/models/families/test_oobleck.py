"""Oobleck hears as far as its layers say."""

import pytest
import torch
from diffusers import AutoencoderOobleck

from engine.models.families.oobleck import decode, halo


@pytest.mark.parametrize(("ratios", "frames"), [
    ([2, 4, 4, 8, 8], 10),  # Stable Audio Open
    ([2, 4, 4, 6, 10], 9),  # ACE-Step
    ([2, 4], None),
    ([4, 2, 3], None),
    ([5], None),
])  # fmt: skip
def test_the_halo_is_how_far_the_decoder_hears(ratios: list[int], frames: int | None) -> None:
    vae = AutoencoderOobleck(
        encoder_hidden_size=2,
        downsampling_ratios=ratios,
        channel_multiples=[1] * len(ratios),
        decoder_channels=2,
        decoder_input_channels=1,
    ).double()
    z = torch.randn(1, 1, 81, dtype=torch.float64, requires_grad=True)
    hop = vae.hop_length
    frame = decode(vae, z)[..., 40 * hop : 41 * hop]
    heard = torch.autograd.grad(frame.square().sum(), z)[0][0, 0].nonzero()
    assert halo(ratios) == int((heard - 40).abs().max())
    assert frames in (None, halo(ratios))
