"""Stable Audio Open: its pipeline's own music, where that adds no noise of its own."""

from functools import partial
from pathlib import Path

import pytest
import torch
from diffusers import StableAudioPipeline

from engine.models.families.stable_audio_open import LogSigma, StableAudioOpen
from engine.models.music_model import MusicalContext, MusicModel
from engine.sampler.sample import Solver, sample
from tests.engine.models.families.small_stable_audio_open import RATE, scheduler

PROMPT = "warm techno pad, 120 bpm"


@pytest.fixture(scope="module")
def small(loaded: dict[str, MusicModel]) -> StableAudioOpen:
    model = loaded["StableAudioPipeline"]
    assert isinstance(model, StableAudioOpen)
    return model


@pytest.mark.parametrize(("solver", "order"), [("ddim", 1), ("dpmpp_2m", 2)])
def test_it_makes_what_its_pipeline_makes(
    small: StableAudioOpen, saved: dict[str, Path], solver: Solver, order: int
) -> None:
    folder = saved["StableAudioPipeline"]
    pipeline = StableAudioPipeline.from_pretrained(folder, scheduler=None, low_cpu_mem_usage=False)
    pipeline.register_modules(scheduler=scheduler(order))
    pipeline.set_progress_bar_config(disable=True)
    x_T = torch.randn(small.latents_shape(1.0), generator=torch.Generator().manual_seed(1))
    asked = partial(pipeline, PROMPT, num_inference_steps=6, audio_end_in_s=1.5)
    latents = asked(latents=x_T.clone(), output_type="latent").audios
    audio = asked(latents=x_T.clone()).audios
    told = small.encode_text(PROMPT, seconds=1.5, context=MusicalContext())
    with torch.no_grad():
        x_0 = sample(
            partial(small.denoise, conditioning=told),
            x_T,
            small.noise_schedule,
            steps=6,
            solver=solver,
        )
        heard = small.decode(x_0)[..., : round(1.5 * RATE)]
    assert (x_0 - latents).abs().max() < 1e-4
    assert (heard - audio).abs().max() < 1e-4


def test_its_levels_are_those_of_its_scheduler(small: StableAudioOpen) -> None:
    wanted = scheduler()
    wanted.set_timesteps(10)
    times = small.noise_schedule.timesteps(10)
    assert times[:-1].allclose(wanted.timesteps, atol=1e-7)
    levels = small.noise_schedule.levels(times.double())
    sigmas = torch.stack([level.sigma / level.alpha for level in levels])
    assert sigmas.allclose(wanted.sigmas.double(), rtol=1e-4)


def test_its_noisiest_level_is_all_but_noise_and_its_last_is_music() -> None:
    first, *_, last = LogSigma().levels(LogSigma().timesteps(8).double())
    assert float(first.alpha) == pytest.approx(1 / 500, rel=1e-3)
    assert (float(last.alpha), float(last.sigma)) == (1.0, 0.0)


def test_any_length_is_one_window(small: StableAudioOpen) -> None:
    assert small.latents_shape(0.1) == small.latents_shape(1.9) == (1, 8, 64)


def test_tempo_and_key_are_told_in_words(small: StableAudioOpen) -> None:
    context = MusicalContext(bpm=120.4, key="A minor")
    told = small.encode_text("warm pad", seconds=1.0, context=context)
    said = small.encode_text("warm pad, 120 BPM, A minor", seconds=1.0, context=MusicalContext())
    assert told.recognized == {"prompt": "warm pad, 120 BPM, A minor"}
    assert torch.equal(told.given["told"], said.given["told"])
