"""Public models at their real size with random weights: speed needs no trained ones.

The networks, decoders, schedules and guidance are those of the families in `engine.models.families`
(1057, 459, 1453 and 1575 million weights); what stands for the prompt is drawn. Their music is
noise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import (
    AceStepTransformer1DModel,
    AutoencoderOobleck,
    AutoencoderSAME,
    StableAudio3DiTModel,
    StableAudioDiTModel,
)
from torch import Tensor, nn

from engine.models.families.ace_step import TURBO_STEPS, AceStep
from engine.models.families.stable_audio_3 import DISTILLED_STEPS, StableAudio3
from engine.models.families.stable_audio_open import StableAudioOpen
from engine.models.music_model import Conditioning, MusicModel

WORDS, LENGTH_TOKENS = 128, 2
ACE_TOKENS = 512
"""Words, lyrics and a timbre of half a minute, about."""


@dataclass(frozen=True)
class Sized:
    """A model, and what a prompt would tell it for `seconds` of music."""

    model: MusicModel
    seconds: float
    told: Conditioning


def sao(device: torch.device, seconds: float) -> Sized:
    """Return one of the size of Stable Audio Open 1.0; its only length is 47.6 s."""
    network = _frozen(StableAudioDiTModel, device)
    vae = _frozen(AutoencoderOobleck, device)
    model: Any = StableAudioOpen("sao-size", "", None, network, vae)
    words = _drawn(device, 1, WORDS + LENGTH_TOKENS, 768)
    length = _drawn(device, 1, 1, 1536)
    without = {"told": torch.zeros_like(words), "length": length}
    told = Conditioning({"told": words, "length": length}, without, model.guidance)
    return Sized(model, seconds, told)


def sa3_small(device: torch.device, seconds: float) -> Sized:
    """Return one of the size of Stable Audio 3 small, distilled."""
    network = _frozen(
        lambda: StableAudio3DiTModel(
            embed_dim=1024, depth=20, num_heads=16, use_differential_attention=False
        ),
        device,
    )
    return _sa3("sa3-small-size", network, _frozen(AutoencoderSAME, device), seconds, paired=True)


def sa3_medium(device: torch.device, seconds: float) -> Sized:
    """Return one of the size of Stable Audio 3 medium, distilled."""
    vae = _frozen(
        lambda: AutoencoderSAME(encoder_c_mults=(12,), encoder_transformer_depths=(12,)), device
    )
    network = _frozen(StableAudio3DiTModel, device)
    return _sa3("sa3-medium-size", network, vae, seconds, paired=False)


def ace(device: torch.device, seconds: float) -> Sized:
    """Return one of the size of ACE-Step 1.5 turbo."""
    network = _frozen(lambda: AceStepTransformer1DModel(is_turbo=True), device)
    vae = _frozen(
        lambda: AutoencoderOobleck(downsampling_ratios=[2, 4, 4, 6, 10], sampling_rate=48000),
        device,
    )
    model: Any = AceStep("ace-size", "", None, network, vae, TURBO_STEPS, 1.0)
    shape = model.latents_shape(seconds)
    around = torch.cat([_drawn(device, *shape), torch.ones(shape, device=device)], dim=1)
    told = Conditioning({"told": _drawn(device, 1, ACE_TOKENS, 2048), "around": around})
    return Sized(model, seconds, told)


SIZES: dict[str, tuple[Callable[[torch.device, float], Sized], tuple[float, ...]]] = {
    "sao": (sao, (47.6,)),
    "sa3-small": (sa3_small, (10.0, 30.0)),
    "sa3-medium": (sa3_medium, (30.0,)),
    "ace": (ace, (30.0,)),
}
"""By name: who makes it, and the lengths in seconds that it is measured at."""


def _sa3(name: str, network: nn.Module, vae: nn.Module, seconds: float, *, paired: bool) -> Sized:
    model: Any = StableAudio3(
        name, "", None, network, vae, paired, DISTILLED_STEPS, guidance=1.0, solver="ddim"
    )
    device, tokens = model.device, WORDS + 1
    given = {
        "told": _drawn(device, 1, tokens, 768),
        "mask": torch.ones(1, tokens, device=device),
        "length": _drawn(device, 1, 768),
    }
    return Sized(model, seconds, Conditioning(given))


def _frozen(make: Callable[[], nn.Module], device: torch.device) -> nn.Module:
    with torch.random.fork_rng(devices=[]), device:
        torch.manual_seed(0)
        return make().eval().requires_grad_(False)


def _drawn(device: torch.device, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(device)
