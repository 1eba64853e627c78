"""SAME: the layout of its small kind group by group, and what comes of taking it for the other."""

from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderSAME
from torch import Tensor

from engine.models.families.same import Same, is_paired, load_same
from engine.windowed_decode import decode_windowed
from tests.engine.models.families.small_stable_audio_3 import CHANNELS, codec, save

HOP = 8 * 64


@pytest.fixture(scope="module")
def vae() -> AutoencoderSAME:
    """One that diffusers can hold whole: one tap in the last convolution."""
    torch.manual_seed(0)
    return codec().double().eval().requires_grad_(False)


def latents(frames: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(1, CHANNELS, frames, generator=generator, dtype=torch.float64)


def by_hand(vae: AutoencoderSAME, z: Tensor) -> Tensor:
    """The published decoding of SAME-S, one group after the other."""
    (block,) = vae.decoder.blocks
    if z.shape[-1] % 2:
        z = torch.cat([z, torch.zeros_like(z[..., :1])], dim=-1)
    seeds = vae.decoder.proj(vae.bottleneck.decode(z)[0].T)
    groups = [torch.cat([seed[None], block.new_tokens[0].repeat(8, 1)]) for seed in seeds]

    def through(layers: list[torch.nn.Module], one: Tensor, other: Tensor) -> list[Tensor]:
        both = torch.cat([one, other])[None]
        for layer in layers:
            both = layer(both)
        return [both[0, :9], both[0, 9:]]

    layers = list(block.transformers)
    made: list[Tensor] = []
    for first in range(0, len(groups), 2):
        made += through(layers[:2], groups[first], groups[first + 1])
    again: list[Tensor] = []
    shifted = [made[0], *made, made[-1]]
    for first in range(0, len(shifted), 2):
        again += through(layers[2:], shifted[first], shifted[first + 1])
    patches = torch.cat([group[1:] for group in again[1:-1]])
    return vae.patch_embed.decode(block.mapping(patches.T[None]))


@pytest.mark.parametrize("frames", [8, 9])
def test_small_decodes_in_pairs_and_then_in_shifted_pairs(
    vae: AutoencoderSAME, frames: int
) -> None:
    z = latents(frames)
    decoded = Same(vae, paired=True).decode(z)
    assert decoded.shape[-1] == frames * HOP
    assert decoded.allclose(by_hand(vae, z)[..., : frames * HOP], rtol=0, atol=1e-12)


def test_taken_for_the_other_layout_small_is_decoded_wrong(vae: AutoencoderSAME) -> None:
    z = latents(16)
    right, wrong = Same(vae, paired=True).decode(z), vae.decode(z).sample
    assert (wrong - right).norm() / right.norm() > 0.05


def test_the_large_layout_is_left_to_diffusers(vae: AutoencoderSAME) -> None:
    z = latents(9)
    same = Same(vae, paired=False)
    audio = same.decode(z)
    assert torch.equal(audio, vae.decode(z).sample)
    assert torch.equal(same.encode(audio), vae.encode(audio).latents)


def test_small_encodes_each_pair_by_itself_but_for_its_neighbours(vae: AutoencoderSAME) -> None:
    same = Same(vae, paired=True)
    audio = torch.randn(1, 2, 16 * HOP, dtype=torch.float64)
    other = audio.clone()
    other[..., 8 * HOP : 10 * HOP] = 0
    changed = (same.encode(audio) - same.encode(other)).abs().amax((0, 1)) > 1e-12
    # The pair, and its neighbours' pairs by one more group each.
    assert changed.nonzero()[:, 0].tolist() == [7, 8, 9, 10]
    assert same.encode(audio[..., : 9 * HOP - 5]).shape[-1] == 9


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("window", [1, 5, 8])
def test_windows_decode_to_the_audio_of_one_piece(
    vae: AutoencoderSAME, paired: bool, window: int
) -> None:
    same, z = Same(vae, paired), latents(41)
    windowed, whole = decode_windowed(same, z, window=window), same.decode(z)
    # Positions are turned in 32 bits, and those of a window are others.
    assert (windowed - whole).abs().max() < 1e-5 * whole.abs().max()


def test_small_is_known_by_its_config_or_its_published_size(tmp_path: Path) -> None:
    def said(text: str) -> bool:
        (tmp_path / "config.json").write_text(text)
        return is_paired(tmp_path)

    assert said('{"chunk_size": 32, "encoder_channels": 16}')
    assert said('{"encoder_channels": 128, "encoder_transformer_depths": [6]}')
    assert not said('{"encoder_channels": 256, "encoder_transformer_depths": [12]}')


def test_three_taps_are_loaded_where_they_were_saved(tmp_path: Path) -> None:
    save(tmp_path)
    loaded = load_same(tmp_path / "vae")
    assert loaded.decoder.blocks[0].mapping.weight_v.shape[-1] == 3
    assert loaded.encoder.blocks[0].mapping is not None
    made = Same(loaded.eval(), paired=True).decode(latents(5).float())
    assert made.shape == (1, 2, 5 * HOP)
