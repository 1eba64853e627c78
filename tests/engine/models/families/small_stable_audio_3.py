"""A small, untrained Stable Audio 3 on disk, in the layouts of small and of medium."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderSAME,
    FlowMatchEulerDiscreteScheduler,
    StableAudio3DiTModel,
    StableAudio3Pipeline,
)
from diffusers.pipelines.stable_audio_3.modeling_stable_audio_3 import StableAudio3DurationEmbedder
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import T5GemmaConfig, T5GemmaEncoderModel
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig

from tests.engine.models.families.tokenizers import fast_tokenizer

CHANNELS, WIDTH, RATE = 8, 16, 8000
SAME_S = {"chunk_size": 32, "chunk_midpoint_shift": True}


def save(folder: Path, *, paired: bool = True, distilled: bool = True) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _pipeline(distilled).save_pretrained(folder)
        if paired:
            _make_same_s(folder / "vae")


def codec() -> AutoencoderSAME:
    vae = AutoencoderSAME(
        audio_channels=2,
        patch_size=64,
        encoder_channels=16,
        encoder_c_mults=(2,),
        encoder_strides=(8,),
        encoder_transformer_depths=(4,),
        latent_dim=CHANNELS,
        dim_heads=16,
        ff_mult=2,
        sampling_rate=RATE,
    )
    _draw_what_is_zero(vae, std=0.3)
    return vae


def _make_same_s(vae: Path) -> None:
    """Give the codec the layout and the last convolution of the published SAME-S."""
    config = json.loads((vae / "config.json").read_text())
    (vae / "config.json").write_text(json.dumps(config | SAME_S))
    file = vae / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    taps = weights["decoder.blocks.0.mapping.weight_v"]
    weights["decoder.blocks.0.mapping.weight_v"] = torch.randn(*taps.shape[:2], 3)
    save_file(weights, file, metadata={"format": "pt"})


def _draw_what_is_zero(module: nn.Module, *, std: float) -> None:
    """Begun at zero, its branches would do nothing until it is trained."""
    for weights in module.parameters():
        if weights.dim() > 1 and not weights.detach().any():
            nn.init.normal_(weights, std=std)


def _pipeline(distilled: bool) -> StableAudio3Pipeline:
    tokenizer = fast_tokenizer()
    words = T5GemmaModuleConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=64,
        sliding_window=64,
        layer_types=["full_attention"],
    ).to_dict()
    network = StableAudio3DiTModel(
        io_channels=CHANNELS,
        embed_dim=32,
        depth=2,
        num_heads=2,
        cond_token_dim=WIDTH,
        global_cond_dim=WIDTH,
        local_add_cond_dim=CHANNELS + 1,
        timestep_features_dim=16,
        ff_mult=2,
        num_memory_tokens=3,
    )
    _draw_what_is_zero(network, std=0.1)
    return StableAudio3Pipeline(
        vae=codec(),
        text_encoder=T5GemmaEncoderModel(
            T5GemmaConfig(encoder=words, decoder=words, is_encoder_decoder=False)
        ),
        tokenizer=tokenizer,
        duration_embedder=StableAudio3DurationEmbedder(output_dim=WIDTH, fourier_dim=16),
        transformer=network,
        scheduler=FlowMatchEulerDiscreteScheduler(
            num_train_timesteps=1, shift=1.0, stochastic_sampling=distilled
        ),
    )
