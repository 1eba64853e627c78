"""A small, untrained AudioLDM2 on disk, file by file as its maker publishes it."""

import json
from pathlib import Path

import torch
from diffusers import (
    AudioLDM2Pipeline,
    AudioLDM2ProjectionModel,
    AudioLDM2UNet2DConditionModel,
    AutoencoderKL,
    DDIMScheduler,
)
from transformers import (
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    GPT2Config,
    GPT2LMHeadModel,
    SpeechT5HifiGan,
    SpeechT5HifiGanConfig,
    T5Config,
    T5EncoderModel,
)

from tests.engine.models.families.tokenizers import roberta_tokenizer, t5_tokenizer

RATE, BINS, LATENT_FRAMES = 8000, 8, 72


def save(folder: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _pipeline().save_pretrained(folder)
    # As it was published, before its library asked for the class that can generate.
    index = json.loads((folder / "model_index.json").read_text())
    index["language_model"] = ["transformers", "GPT2Model"]
    (folder / "model_index.json").write_text(json.dumps(index))


def _pipeline() -> AudioLDM2Pipeline:
    words, t5 = roberta_tokenizer(), t5_tokenizer()
    return AudioLDM2Pipeline(
        vae=AutoencoderKL(
            block_out_channels=[8, 16],
            in_channels=1,
            out_channels=1,
            norm_num_groups=4,
            down_block_types=["DownEncoderBlock2D"] * 2,
            up_block_types=["UpDecoderBlock2D"] * 2,
            latent_channels=4,
        ),
        text_encoder=_clap(len(words)),
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=len(t5), d_model=16, d_ff=16, d_kv=8, num_heads=2, num_layers=1)
        ),
        projection_model=AudioLDM2ProjectionModel(
            text_encoder_dim=8, text_encoder_1_dim=16, langauge_model_dim=16
        ),
        language_model=GPT2LMHeadModel(
            GPT2Config(n_embd=16, n_head=2, n_layer=1, vocab_size=10, n_positions=99)
        ),
        tokenizer=words,
        tokenizer_2=t5,
        feature_extractor=ClapFeatureExtractor(hop_length=7900),
        unet=AudioLDM2UNet2DConditionModel(
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=8,
            sample_size=LATENT_FRAMES,
            in_channels=4,
            out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=((None, 16, 16), (None, 16, 16)),
        ),
        scheduler=DDIMScheduler(
            beta_start=0.0015,
            beta_end=0.0195,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        vocoder=_vocoder(),
    )


def _vocoder() -> SpeechT5HifiGan:
    vocoder = SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=BINS,
            sampling_rate=RATE,
            upsample_initial_channel=16,
            upsample_rates=[5, 4, 4],
            upsample_kernel_sizes=[16, 8, 8],
            resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1, 3]],
            normalize_before=False,
        )
    )
    # As it is drawn, it plays silence.
    for weights in vocoder.parameters():
        if weights.dim() > 1:
            torch.nn.init.xavier_normal_(weights)
    return vocoder


def _clap(vocabulary: int) -> ClapModel:
    return ClapModel(
        ClapConfig(
            text_config={
                "vocab_size": vocabulary,
                "hidden_size": 8,
                "intermediate_size": 8,
                "max_position_embeddings": 64,
                "num_attention_heads": 1,
                "num_hidden_layers": 1,
                "projection_dim": 8,
                "pad_token_id": 1,
            },
            audio_config={
                "spec_size": 8,
                "window_size": 4,
                "num_mel_bins": 8,
                "intermediate_size": 8,
                "depths": [1, 1],
                "num_attention_heads": [1, 1],
                "num_hidden_layers": 1,
                "hidden_size": 192,
                "projection_dim": 8,
                "patch_size": 2,
                "patch_stride": 2,
                "patch_embed_input_channels": 4,
            },
            projection_dim=8,
        )
    )
