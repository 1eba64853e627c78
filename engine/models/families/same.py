"""SAME, the waveform codec of Stable Audio 3: audio <-> latents, in both of its layouts.

Each latent stands in one group with the patches of audio that it becomes, and attention mixes the
groups. Two layouts were published:

    SAME-L (medium)   every group hears `sliding_window` groups to each side, in every layer
    SAME-S (small)    groups hear each other in pairs; in the second half of the layers, the pairs
                      are those of neighbours in two pairs, the first and last group doubled

diffusers knows the first alone and decodes SAME-S with it, unsaid: on random weights 15 % off. Nor
has it room for the three taps of SAME-S's last convolution. Here its blocks are run in pairs.

Sources: Stable Audio 3, arXiv:2605.17991; Stability's stable_audio_3 and the published
configurations; diffusers' AutoencoderSAME.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderSAME
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils import weight_norm

from engine.shapes import Audio, Latents

WEIGHTS = "diffusion_pytorch_model.safetensors"
PAIRED = {"encoder_channels": 128, "encoder_transformer_depths": [6]}
"""The published SAME-S, by which it is known where a converter has dropped the layout."""
PAIR = 2


@dataclass(frozen=True)
class Same:
    """`vae` holds the weights; `paired` says which layout they were trained in."""

    vae: Any
    paired: bool

    @property
    def hop_length(self) -> int:
        """Samples per latent frame."""
        return int(self.vae.downsampling_ratio)

    @property
    def decode_group(self) -> int:
        """Latent frames that are decoded together, counted from the first."""
        return PAIR if self.paired else 1

    @property
    def halo(self) -> int:
        """Latent frames that the decoder hears to each side."""
        config = self.vae.config
        layers = sum(config.encoder_transformer_depths)
        # A pair, the neighbour's pair, and the one next to it that the convolution touches.
        reach = 2 * PAIR if self.paired else layers * config.sliding_window
        return int(reach)

    def encode(self, audio: Audio) -> Latents:
        """Return the latents of `audio`, silence appended up to a whole frame; no gradient."""
        vae, hop = self.vae, self.hop_length
        frames = -(-audio.shape[-1] // hop)
        padded = nn.functional.pad(audio, (0, frames * hop - audio.shape[-1]))
        with torch.no_grad():
            if not self.paired:
                return vae.encode(padded).latents
            # A whole number of pairs.
            padded = nn.functional.pad(padded, (0, frames % PAIR * hop))
            x = vae.patch_embed.encode(padded)
            for block in vae.encoder.blocks:
                x = self._encoded(block, x)
            latents = vae.bottleneck.encode(vae.encoder.proj(x.transpose(1, 2)).transpose(1, 2))
        return latents[..., :frames]

    def decode(self, latents: Latents) -> Audio:
        """Return hop_length * latent_frames samples; differentiable."""
        vae, frames = self.vae, latents.shape[-1]
        if not self.paired:
            return vae.decode(latents).sample
        x = vae.bottleneck.decode(nn.functional.pad(latents, (0, frames % PAIR)))
        x = vae.decoder.proj(x.transpose(1, 2)).transpose(1, 2)
        for block in vae.decoder.blocks:
            x = self._decoded(block, x)
        return vae.patch_embed.decode(x)[..., : frames * self.hop_length]

    def _encoded(self, block: Any, x: Tensor) -> Tensor:
        groups = block.mapping(x).transpose(1, 2).unflatten(1, (-1, block.stride))
        groups = _with_tokens(groups, block, 1)
        return _in_pairs(block, groups)[:, :, -1].transpose(1, 2)

    def _decoded(self, block: Any, x: Tensor) -> Tensor:
        groups = _with_tokens(x.transpose(1, 2)[:, :, None], block, block.stride)
        made = _in_pairs(block, groups)[:, :, -block.stride :].flatten(1, 2)
        return block.mapping(made.transpose(1, 2))


def load_same(folder: Path) -> AutoencoderSAME:
    """Return the codec in `folder`, also where its last convolution has three taps."""
    config = json.loads((folder / "config.json").read_text())
    vae, weights = AutoencoderSAME.from_config(config), load_file(folder / WEIGHTS)
    for name, block in vae.named_modules():
        found = weights.get(f"{name}.mapping.weight_v")
        if found is not None and found.shape[-1] != 1:
            taps = found.shape[-1]
            mapping = nn.Conv1d(block.in_channels, block.out_channels, taps, padding=taps // 2)
            block.mapping = weight_norm(mapping)
    vae.load_state_dict(weights)
    return vae


def is_paired(folder: Path) -> bool:
    """Return whether the codec in `folder` is SAME-S: by what its config says, else by its size."""
    config = json.loads((folder / "config.json").read_text())
    said = [config[key] for key in ("chunk_size", "decoder_chunk_size") if key in config]
    if said:
        return bool(said[0])
    return all(config.get(key) == value for key, value in PAIRED.items())


def _with_tokens(groups: Tensor, block: Any, count: int) -> Tensor:
    """Return (batch, groups, members, channels) with `count` tokens to become something new."""
    tokens = block.new_tokens[None].expand(*groups.shape[:2], count, -1)
    return torch.cat([groups, tokens], dim=2)


def _in_pairs(block: Any, groups: Tensor) -> Tensor:
    """Return `groups` after all layers: half of them in pairs, half in pairs shifted by one."""
    half = len(block.transformers) // 2
    groups = _attended(block.transformers[:half], groups)
    doubled = torch.cat([groups[:, :1], groups, groups[:, -1:]], dim=1)
    return _attended(block.transformers[half:], doubled)[:, 1:-1]


def _attended(layers: Any, groups: Tensor) -> Tensor:
    batch, count, members, _channels = groups.shape
    pairs = groups.reshape(batch * count // PAIR, PAIR * members, -1)
    for layer in layers:
        pairs = layer(pairs)
    return pairs.reshape(batch, count, members, -1)
