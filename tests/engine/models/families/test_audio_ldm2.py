"""AudioLDM2: its pipeline's own music, and its spectrogram as the domain to compare music in."""

import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AudioLDM2Pipeline
from librosa.feature import melspectrogram
from transformers import GPT2LMHeadModel

from engine.models.families.audio_ldm2 import AudioLDM2
from engine.models.music_model import HasFeatureDomain, MusicalContext, MusicModel
from engine.sampler.sample import sample

PROMPT = "warm techno pad, 120 bpm"


@pytest.fixture(scope="module")
def small(loaded: dict[str, MusicModel]) -> AudioLDM2:
    model = loaded["AudioLDM2Pipeline"]
    assert isinstance(model, AudioLDM2)
    return model


@pytest.fixture(scope="module")
def pipeline(saved: dict[str, Path]) -> AudioLDM2Pipeline:
    folder = saved["AudioLDM2Pipeline"]
    language_model = GPT2LMHeadModel.from_pretrained(folder / "language_model")
    found = AudioLDM2Pipeline.from_pretrained(
        folder, language_model=language_model, low_cpu_mem_usage=False
    )
    found.set_progress_bar_config(disable=True)
    return found


def test_it_makes_what_its_pipeline_makes(small: AudioLDM2, pipeline: AudioLDM2Pipeline) -> None:
    seconds = 24 * small.hop_length / small.sample_rate
    x_T = torch.randn(small.latents_shape(seconds), generator=torch.Generator().manual_seed(1))
    in_four_axes = x_T.unflatten(1, (4, -1)).transpose(2, 3)
    asked = partial(
        pipeline,
        PROMPT,
        num_inference_steps=10,
        audio_length_in_s=seconds,
        latents=in_four_axes,
        max_new_tokens=8,
    )
    latents, audio = asked(output_type="latent").audios, asked(output_type="pt").audios
    told = small.encode_text(PROMPT, seconds=seconds, context=MusicalContext())
    with torch.no_grad():
        denoise = partial(small.denoise, conditioning=told)
        x_0 = sample(denoise, x_T, small.noise_schedule, steps=10)
        heard = small.decode(x_0)
    assert (x_0.unflatten(1, (4, -1)).transpose(2, 3) - latents).abs().max() < 1e-4
    assert heard.shape[-1] == audio.shape[-1]
    assert (heard[:, 0] - audio).abs().max() < 1e-4


def test_its_levels_are_those_of_its_scheduler(
    small: AudioLDM2, pipeline: AudioLDM2Pipeline
) -> None:
    pipeline.scheduler.set_timesteps(20)
    schedule, times = small.noise_schedule, small.noise_schedule.timesteps(20)
    assert schedule.level(times)[:-1].tolist() == pipeline.scheduler.timesteps.tolist()
    walked = pipeline.scheduler.alphas_cumprod[pipeline.scheduler.timesteps]
    assert schedule.alpha(times)[:-1].square().allclose(walked, atol=1e-6)
    assert float(schedule.alpha(times)[-1]) ** 2 == pytest.approx(
        float(pipeline.scheduler.final_alpha_cumprod), abs=1e-6
    )


def test_a_path_of_levels_keeps_the_variance(small: AudioLDM2) -> None:
    t = torch.linspace(0, 1, 50)
    power = small.noise_schedule.alpha(t).square() + small.noise_schedule.sigma(t).square()
    assert power.allclose(torch.ones(50))


def test_its_spectrogram_is_its_feature_domain(small: AudioLDM2) -> None:
    assert isinstance(small, HasFeatureDomain)
    audio = 0.1 * torch.randn(1, 1, 8 * small.hop_length)
    features = small.encode_features(audio)
    assert features.shape == (1, 8, 8 * small.frames_per_latent)
    assert small.decode_features(small.encode_audio(audio)).shape == features.shape
    louder = small.encode_features(10 * audio)
    assert (louder - features).allclose(torch.tensor(20.0), atol=1e-2)
    silence = small.encode_features(torch.zeros_like(audio))
    assert silence.allclose(torch.tensor(20 * math.log10(1e-5)), atol=1e-3)


def test_its_spectrogram_is_that_of_librosa(small: AudioLDM2) -> None:
    audio = 0.1 * torch.randn(1, 1, 8 * small.hop_length)
    magnitudes = melspectrogram(
        y=audio[0, 0].numpy(),
        sr=small.sample_rate,
        n_fft=1024,
        hop_length=small.mel_hop,
        n_mels=8,
        power=1,
        pad_mode="reflect",
    )
    features = small.encode_features(audio)[0]
    wanted = 20 * np.log10(magnitudes[:, : features.shape[-1]])
    assert np.abs(features.numpy() - wanted).max() < 1e-3


def test_windows_are_whole_for_a_network_that_halves_time(small: AudioLDM2) -> None:
    frame = small.hop_length / small.sample_rate
    assert [small.latents_shape(n * frame)[-1] for n in (0, 1, 8, 9, 71, 99)] == [
        8, 8, 8, 16, 72, 72,
    ]  # fmt: skip
