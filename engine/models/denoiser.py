"""The embedded model's network: a transformer over 64 latent frames that predicts velocity.

Blocks of rotary attention and a three-tap convolutional MLP, modulated by the time and the tags
(adaLN, shared by all blocks as in PixArt-alpha, Chen et al. 2023), with cross-attention to tags and
words in every second block. The grid is added to every frame.

    x_t (batch, 192, frames), t (batch), conditioning  ->  velocity v = alpha eps - sigma x_0
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.models.grid import CHANNELS as GRID_CHANNELS
from engine.models.tags import DYNAMICS, INSTRUMENTS, MODES, NOTES, STYLES

CLASSES = {"style": len(STYLES), "root": len(NOTES), "mode": len(MODES), "dynamics": len(DYNAMICS)}
"""Tags with one value each; the index after the last stands for "not said"."""
MAX_WORDS = 16


class Denoiser(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Velocity prediction for mel-codec latents. See the module for its shapes."""

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        latent_channels: int = 192,
        latent_frames: int = 64,
        width: int = 256,
        depth: int = 6,
        heads: int = 4,
        tag_width: int = 128,
        vocabulary: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.word_index = {word: i + 1 for i, word in enumerate(vocabulary)}
        self.tags = nn.ModuleDict({k: nn.Embedding(n + 1, tag_width) for k, n in CLASSES.items()})
        self.instruments = nn.Linear(len(INSTRUMENTS), tag_width, bias=False)
        self.tag_names = nn.Parameter(torch.randn(len(CLASSES) + 1, tag_width) * 0.1)
        self.words = nn.Embedding(len(vocabulary) + 1, tag_width, padding_idx=0)
        self.text_encoder = nn.TransformerEncoderLayer(
            tag_width, 4, 2 * tag_width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.register_buffer(
            "frequencies", torch.exp(torch.linspace(0, math.log(200), 32)), persistent=False
        )
        self.time = nn.Sequential(
            nn.Linear(64 + tag_width * (len(CLASSES) + 2), width),
            nn.SiLU(),
            nn.Linear(width, width),
        )
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)
        self.enter = nn.Linear(3 * latent_channels, width)
        self.grid = nn.Linear(GRID_CHANNELS, width)
        self.blocks = nn.ModuleList(
            Block(width, heads, dilation=1 + i % 3, tag_width=tag_width if i % 2 == 0 else None)
            for i in range(depth)
        )
        self.leave = nn.Linear(width, latent_channels)
        nn.init.zeros_(self.leave.weight)
        self.skip = nn.Linear(width, latent_channels)
        for name, value in zip(("cos", "sin"), _rotary(latent_frames, width // heads), strict=True):
            self.register_buffer(name, value, persistent=False)

    def forward(
        self,
        x_t: Tensor,
        t: Tensor,
        given: dict[str, Tensor],
        *,
        checkpoint_blocks: bool = False,
    ) -> Tensor:
        """Return the velocity (batch, latent_channels, latent_frames).

        With `checkpoint_blocks` the backward pass recomputes each block instead of storing it.
        """
        tags, words, word_mask = self._read(given)
        pooled = (words * word_mask[..., None]).sum(1) / word_mask.sum(1, keepdim=True).clamp_min(1)
        time = t[:, None] * self.frequencies
        embedded = self.time(torch.cat([time.sin(), time.cos(), tags.flatten(1), pooled], dim=-1))
        embedded = F.silu(embedded)
        modulation = self.modulation(embedded)[:, None].chunk(6, dim=-1)
        context = torch.cat([tags, words], dim=1)
        visible = torch.cat([word_mask.new_ones(tags.shape[:2]), word_mask], dim=1) > 0
        frames = x_t.transpose(1, 2)
        hidden = self.enter(_taps(frames, 1)) + self.grid(given["grid"].transpose(1, 2))
        rotary = (self.cos[: hidden.shape[1]], self.sin[: hidden.shape[1]])
        for block in self.blocks:
            inputs = (hidden, modulation, context, visible, rotary)
            if checkpoint_blocks:
                hidden = checkpoint(block, *inputs, use_reentrant=False, preserve_rng_state=False)
            else:
                hidden = block(*inputs)
        velocity = self.leave(F.layer_norm(hidden, hidden.shape[-1:]))
        return (velocity + self.skip(embedded)[:, None] * frames).transpose(1, 2)

    def _read(self, given: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return tag vectors (batch, 5, tag_width), word vectors and the mask of real words."""
        tags = [embedding(given[name]) for name, embedding in self.tags.items()]
        tags.append(self.instruments(given["instruments"]))
        word_ids = given["words"]
        mask = (word_ids > 0).float()
        words = self.words(word_ids)
        words = self.text_encoder(words) * mask[..., None]
        return torch.stack(tags, dim=1) + self.tag_names, words, mask


class Block(nn.Module):
    """Self-attention, cross-attention to tags and words (where given), convolutional MLP."""

    def __init__(self, width: int, heads: int, *, dilation: int, tag_width: int | None) -> None:
        super().__init__()
        self.heads, self.dilation = heads, dilation
        self.offset = nn.Parameter(torch.zeros(6, width))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.expand = nn.Linear(3 * width, 2 * width)
        self.contract = nn.Linear(2 * width, width)
        self.cross = tag_width is not None
        if tag_width is not None:
            self.cross_q = nn.Linear(width, width, bias=False)
            self.cross_kv = nn.Linear(tag_width, 2 * width, bias=False)
            self.cross_out = nn.Linear(width, width, bias=False)
            nn.init.zeros_(self.cross_out.weight)

    def forward(
        self,
        hidden: Tensor,
        modulation: tuple[Tensor, ...],
        context: Tensor,
        visible: Tensor,
        rotary: tuple[Tensor, Tensor],
    ) -> Tensor:
        """Return the next hidden state; (batch, frames, width) throughout."""
        shared = [m + o for m, o in zip(modulation, self.offset, strict=True)]
        scale_1, gate_1, shift_1, scale_2, gate_2, shift_2 = shared
        width = hidden.shape[-1:]
        normed = F.layer_norm(hidden, width) * (1 + scale_1) + shift_1
        hidden = hidden + (1 + gate_1) * self._attend(normed, rotary)
        if self.cross:
            hidden = hidden + self._consult(F.layer_norm(hidden, width), context, visible)
        normed = F.layer_norm(hidden, width) * (1 + scale_2) + shift_2
        mlp = self.contract(F.gelu(self.expand(_taps(normed, self.dilation)), approximate="tanh"))
        return hidden + (1 + gate_2) * mlp

    def _attend(self, x: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        q, k, v = self._split(self.qkv(x), 3)
        q, k = (_rotate(F.rms_norm(u, u.shape[-1:]), rotary) for u in (q, k))
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))

    def _consult(self, x: Tensor, context: Tensor, visible: Tensor) -> Tensor:
        (q,) = self._split(self.cross_q(x), 1)
        k, v = self._split(self.cross_kv(context), 2)
        answer = F.scaled_dot_product_attention(q, k, v, attn_mask=visible[:, None, None])
        return self.cross_out(answer.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """(batch, frames, parts * width) -> parts of (batch, heads, frames, width / heads)."""
        batch, frames, _ = x.shape
        return x.view(batch, frames, parts, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)


def _taps(x: Tensor, dilation: int) -> Tensor:
    """Put each frame beside its neighbours `dilation` before and after: a convolution's inputs."""
    frames = x.shape[1]
    padded = F.pad(x, (0, 0, dilation, dilation))
    return torch.cat([padded[:, :frames], x, padded[:, 2 * dilation :]], dim=-1)


def _rotary(frames: int, width: int) -> tuple[Tensor, Tensor]:
    """Return cosines and sines (frames, width / 2) of rotary position embedding."""
    rates = 10000 ** (-torch.arange(0, width, 2).float() / width)
    angles = torch.outer(torch.arange(frames).float(), rates)
    return angles.cos(), angles.sin()


def _rotate(x: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = rotary
    even, odd = x[..., ::2], x[..., 1::2]
    return torch.cat([even * cos - odd * sin, even * sin + odd * cos], dim=-1)
