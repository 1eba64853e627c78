"""A small, untrained ACE-Step 1.5 on disk, file by file as its maker publishes it."""

from pathlib import Path

import torch
from diffusers import (
    AceStepPipeline,
    AceStepTransformer1DModel,
    AutoencoderOobleck,
    FlowMatchEulerDiscreteScheduler,
)
from diffusers.pipelines.ace_step import AceStepConditionEncoder
from transformers import Qwen3Config, Qwen3Model

from tests.engine.models.families.tokenizers import fast_tokenizer

CHANNELS, RATE = 8, 8000
SHARED = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
}


def save(folder: Path, *, turbo: bool = True) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _pipeline(turbo).save_pretrained(folder)


def _pipeline(turbo: bool) -> AceStepPipeline:
    tokenizer = fast_tokenizer(256)
    words = Qwen3Config(
        **SHARED, num_hidden_layers=1, vocab_size=len(tokenizer), max_position_embeddings=256
    )
    condition_encoder = AceStepConditionEncoder(
        **SHARED,
        text_hidden_dim=16,
        timbre_hidden_dim=CHANNELS,
        num_lyric_encoder_hidden_layers=1,
        num_timbre_encoder_hidden_layers=1,
        rope_theta=10000.0,
        sliding_window=16,
    )
    torch.nn.init.normal_(condition_encoder.silence_latent)
    return AceStepPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=2 * CHANNELS,
            downsampling_ratios=[2, 4, 8, 10],
            channel_multiples=[1, 2, 2, 4],
            decoder_channels=4,
            decoder_input_channels=CHANNELS,
            audio_channels=2,
            sampling_rate=RATE,
        ),
        text_encoder=Qwen3Model(words),
        tokenizer=tokenizer,
        transformer=AceStepTransformer1DModel(
            **SHARED,
            num_hidden_layers=2,
            in_channels=3 * CHANNELS,
            audio_acoustic_hidden_dim=CHANNELS,
            patch_size=2,
            rope_theta=10000.0,
            sliding_window=16,
            is_turbo=turbo,
        ),
        condition_encoder=condition_encoder,
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    )
