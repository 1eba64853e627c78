"""A small denoiser with random weights: as heavy as a real one per parameter, and no music.

For measuring memory and time and for checking gradients where no trained model is at hand.
"""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.models.music_model import Conditioning
from engine.models.toy import ToyModel
from engine.shapes import Latents, PerItem

_LATENT_CHANNELS = 32
_HEADS = 4


class UntrainedModel(ToyModel):
    """The toy's codec with a network of convolution and attention blocks as its denoiser."""

    name = "untrained"
    digest = "untrained-1"

    def __init__(
        self, *, width: int = 64, blocks: int = 8, dtype: torch.dtype = torch.float32
    ) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self._network = _Network(width, blocks).to(dtype).requires_grad_(False)
        self._block_checkpointing = False

    def with_block_checkpointing(self) -> "UntrainedModel":
        """Return this model, same weights, storing only the inputs of its blocks."""
        model = copy.copy(self)
        model._block_checkpointing = True
        return model

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return the estimate of x_0; the network predicts the velocity alpha eps - sigma x_0."""
        del conditioning
        velocity: Latents = self._network(x_t, t, self._block_checkpointing)
        alpha, sigma = self.noise_schedule.alpha(t), self.noise_schedule.sigma(t)
        return alpha.view(-1, 1, 1) * x_t - sigma.view(-1, 1, 1) * velocity


class _Network(nn.Module):
    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        self.into = nn.Conv1d(_LATENT_CHANNELS, width, 1)
        self.time = nn.Linear(2, width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(blocks))
        self.out = nn.Conv1d(width, _LATENT_CHANNELS, 1)

    def forward(self, x_t: Tensor, t: Tensor, block_checkpointing: bool) -> Tensor:
        phase = torch.stack([torch.sin(3 * t), torch.cos(3 * t)], dim=-1)
        hidden = self.into(x_t) + self.time(phase).unsqueeze(-1)
        for block in self.blocks:
            if block_checkpointing:
                hidden = checkpoint(block, hidden, use_reentrant=False, preserve_rng_state=False)
            else:
                hidden = block(hidden)
        out: Tensor = self.out(hidden)
        return out


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, 4 * width, 3, padding=1)
        self.second = nn.Conv1d(4 * width, width, 1)
        self.query_key_value = nn.Conv1d(width, 3 * width, 1)
        self.norms = nn.ModuleList(nn.GroupNorm(1, width) for _ in range(2))

    def forward(self, hidden: Tensor) -> Tensor:
        heads = self.query_key_value(self.norms[0](hidden)).unflatten(1, (3, _HEADS, -1))
        query, key, value = heads.transpose(3, 4).unbind(1)
        attended = F.scaled_dot_product_attention(query, key, value)
        hidden = hidden + attended.transpose(2, 3).flatten(1, 2)
        out: Tensor = hidden + self.second(F.gelu(self.first(self.norms[1](hidden))))
        return out
