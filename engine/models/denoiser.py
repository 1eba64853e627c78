"""The embedded model's network: a transformer over latent frames that predicts velocity.

Blocks of rotary attention and a three-tap convolutional MLP, modulated by the time and the tags
(adaLN, shared by all blocks as in PixArt-alpha, Chen et al. 2023), with cross-attention to tags and
words in every second block. The grid is added to every frame, and so is what is known of the music
around a gap (`context`, after Stable Audio's inpainting, Evans et al. 2025).

    x_t (batch, 192, frames), t (batch), conditioning  ->  velocity v = alpha eps - sigma x_0

A flow map (`stride`; after shortcut models, Frans et al. 2024) is also told which share of the path
one call covers, and predicts the one velocity that leads to the end of that stretch.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.models.grid import CHANNELS as GRID_CHANNELS
from engine.models.saved_network import SavedNetwork
from engine.models.tags import DYNAMICS, INSTRUMENTS, MODES, STYLES
from engine.models.vocabulary import Vocabulary


class Denoiser(SavedNetwork):
    """Velocity prediction for mel-codec latents. See the module for its shapes.

    The config names what it understands, the longest window (`latent_frames`), and whether it reads
    `context` and `stride`. New layers of either start at zero and so change nothing at first.
    """

    frequencies: Tensor
    cos: Tensor
    sin: Tensor

    def __init__(
        self,
        latent_channels: int = 192,
        latent_frames: int = 64,
        width: int = 256,
        depth: int = 6,
        heads: int = 4,
        tag_width: int = 128,
        styles: Sequence[str] = STYLES,
        modes: Sequence[str] = MODES,
        dynamics: Sequence[str] = DYNAMICS,
        instruments: Sequence[str] = INSTRUMENTS,
        vocabulary: Sequence[str] = (),
        context: bool = True,
        stride: bool = False,
    ) -> None:
        super().__init__()
        self.understands = Vocabulary(styles, modes, dynamics, instruments, vocabulary)
        classes = self.understands.classes
        # The row after the last stands for "not said".
        self.tags = nn.ModuleDict(
            {kind: nn.Embedding(len(names) + 1, tag_width) for kind, names in classes.items()}
        )
        self.instruments = nn.Linear(len(instruments), tag_width, bias=False)
        self.tag_names = nn.Parameter(torch.randn(len(classes) + 1, tag_width) * 0.1)
        self.words = nn.Embedding(len(vocabulary) + 1, tag_width, padding_idx=0)
        self.text_encoder = nn.TransformerEncoderLayer(
            tag_width, 4, 2 * tag_width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.register_buffer(
            "frequencies", torch.exp(torch.linspace(0, math.log(200), 32)), persistent=False
        )
        self.time = nn.Sequential(
            nn.Linear(64 + tag_width * (len(classes) + 2), width),
            nn.SiLU(),
            nn.Linear(width, width),
        )
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)
        self.enter = nn.Linear(3 * latent_channels, width)
        self.grid = nn.Linear(GRID_CHANNELS, width)
        self.context = _zero_linear(latent_channels + 1, width) if context else None
        self.stride = _zero_linear(64, width) if stride else None
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
        """Return the velocity (batch, latent_channels, frames), for any frames up to the longest.

        `given` holds an index per class, "instruments", "words" and "grid". It may hold "context"
        (batch, latent_channels + 1, frames), known latents times keep mask and the mask, and
        "stride" (batch,), the share of the path that this call covers; without them nothing is
        known, and the velocity is that of an instant. With `checkpoint_blocks` the backward pass
        recomputes each block instead of storing it.
        """
        tags, words, word_mask = self._read(given)
        pooled = (words * word_mask[..., None]).sum(1) / word_mask.sum(1, keepdim=True).clamp_min(1)
        time = t[:, None] * self.frequencies
        embedded = self.time(torch.cat([time.sin(), time.cos(), tags.flatten(1), pooled], dim=-1))
        if self.stride is not None and "stride" in given:
            share = given["stride"][:, None] * self.frequencies
            # All zero for an instant, so that there a flow map is the velocity's network.
            embedded = embedded + self.stride(torch.cat([share.sin(), share.cos() - 1], dim=-1))
        embedded = F.silu(embedded)
        modulation = self.modulation(embedded)[:, None].chunk(6, dim=-1)
        said = torch.cat([tags, words], dim=1)
        visible = torch.cat([word_mask.new_ones(tags.shape[:2]), word_mask], dim=1) > 0
        frames = x_t.transpose(1, 2)
        hidden = self.enter(_taps(frames, 1)) + self.grid(given["grid"].transpose(1, 2))
        if self.context is not None and "context" in given:
            hidden = hidden + self.context(given["context"].transpose(1, 2))
        rotary = (self.cos[: hidden.shape[1]], self.sin[: hidden.shape[1]])
        for block in self.blocks:
            inputs = (hidden, modulation, said, visible, rotary)
            if checkpoint_blocks:
                hidden = checkpoint(block, *inputs, use_reentrant=False, preserve_rng_state=False)
            else:
                hidden = block(*inputs)
        velocity = self.leave(F.layer_norm(hidden, hidden.shape[-1:]))
        return (velocity + self.skip(embedded)[:, None] * frames).transpose(1, 2)

    def _read(self, given: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return tag vectors (batch, 5, tag_width), word vectors and the mask of real words."""
        rows = {kind: len(names) + 1 for kind, names in self.understands.classes.items()}
        # UNSAID, counted from the end, is the last row.
        tags = [of_kind(given[kind].remainder(rows[kind])) for kind, of_kind in self.tags.items()]
        tags.append(self.instruments(given["instruments"]))
        word_ids = given["words"]
        mask = (word_ids > 0).float()
        words = self.words(word_ids)
        words = self.text_encoder(words) * mask[..., None]
        return torch.stack(tags, dim=1) + self.tag_names, words, mask


def known_context(latents: Tensor, keep_mask: Tensor) -> Tensor:
    """Return what `given["context"]` holds: latents where `keep_mask` (batch, frames) is 1, and it.

    (batch, channels, frames) -> (batch, channels + 1, frames)
    """
    mask = keep_mask[:, None].to(latents)
    return torch.cat([latents * mask, mask], dim=1)


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
        said: Tensor,
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
            hidden = hidden + self._consult(F.layer_norm(hidden, width), said, visible)
        normed = F.layer_norm(hidden, width) * (1 + scale_2) + shift_2
        mlp = self.contract(F.gelu(self.expand(_taps(normed, self.dilation)), approximate="tanh"))
        return hidden + (1 + gate_2) * mlp

    def _attend(self, x: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        q, k, v = self._split(self.qkv(x), 3)
        q, k = (_rotate(F.rms_norm(u, u.shape[-1:]), rotary) for u in (q, k))
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))

    def _consult(self, x: Tensor, said: Tensor, visible: Tensor) -> Tensor:
        (q,) = self._split(self.cross_q(x), 1)
        k, v = self._split(self.cross_kv(said), 2)
        answer = F.scaled_dot_product_attention(q, k, v, attn_mask=visible[:, None, None])
        return self.cross_out(answer.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """(batch, frames, parts * width) -> parts of (batch, heads, frames, width / heads)."""
        batch, frames, _ = x.shape
        return x.view(batch, frames, parts, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)


def _zero_linear(inputs: int, width: int) -> nn.Linear:
    layer = nn.Linear(inputs, width, bias=False)
    nn.init.zeros_(layer.weight)
    return layer


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
