"""A small, untrained Stable Audio Open on disk, file by file as its maker publishes it."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderOobleck,
    EDMDPMSolverMultistepScheduler,
    StableAudioDiTModel,
    StableAudioPipeline,
    StableAudioProjectionModel,
)
from torch import Tensor
from transformers import T5Config, T5EncoderModel

from tests.engine.models.families.tokenizers import t5_tokenizer

LATENT_FRAMES, CHANNELS, RATE = 64, 8, 8000
SCHEDULER = {
    "_class_name": "CosineDPMSolverMultistepScheduler",
    "euler_at_final": False,
    "final_sigmas_type": "zero",
    "lower_order_final": True,
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "rho": 7.0,
    "sigma_data": 1.0,
    "sigma_max": 500,
    "sigma_min": 0.3,
    "sigma_schedule": "exponential",
    "solver_order": 2,
    "solver_type": "midpoint",
}


class WithoutFreshNoise(EDMDPMSolverMultistepScheduler):  # type: ignore[misc]
    """Its maker's scheduler but for the noise added at every step.

    The levels and the update are those of the base class; it alone has the times wrong.
    """

    def precondition_noise(self, sigma: Tensor) -> Tensor:
        return sigma.atan() * (2 / torch.pi)


def scheduler(order: int = 2) -> WithoutFreshNoise:
    return WithoutFreshNoise(
        sigma_min=0.3,
        sigma_max=500,
        sigma_data=1.0,
        sigma_schedule="exponential",
        prediction_type="v_prediction",
        solver_order=order,
    )


def save(folder: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _pipeline().save_pretrained(folder)
    # The published scheduler needs torchsde to exist; its file does not.
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER))
    index = json.loads((folder / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", SCHEDULER["_class_name"]]
    (folder / "model_index.json").write_text(json.dumps(index))


def _pipeline() -> StableAudioPipeline:
    tokenizer = t5_tokenizer()
    return StableAudioPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=2 * CHANNELS,
            downsampling_ratios=[2, 4, 4, 8],
            channel_multiples=[1, 2, 2, 4],
            decoder_channels=8,
            decoder_input_channels=CHANNELS,
            audio_channels=2,
            sampling_rate=RATE,
        ),
        text_encoder=T5EncoderModel(
            T5Config(
                vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2
            )
        ),
        tokenizer=tokenizer,
        projection_model=StableAudioProjectionModel(
            text_encoder_dim=16, conditioning_dim=16, min_value=0, max_value=512
        ),
        transformer=StableAudioDiTModel(
            sample_size=LATENT_FRAMES,
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            num_layers=2,
            attention_head_dim=16,
            num_attention_heads=4,
            num_key_value_attention_heads=2,
            cross_attention_dim=16,
            cross_attention_input_dim=16,
            global_states_input_dim=32,
            time_proj_dim=16,
        ),
        scheduler=scheduler(),
    )
