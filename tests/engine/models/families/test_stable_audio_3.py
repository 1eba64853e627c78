"""Stable Audio 3: its pipelines' own music, with their noise and without, and around a gap."""

import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    StableAudio3InpaintPipeline,
    StableAudio3Pipeline,
)
from torch import Tensor

from engine.models.families import load_folder
from engine.models.families.stable_audio_3 import LogSnr, StableAudio3
from engine.models.music_model import Conditioning, InpaintsNatively, MusicalContext
from engine.player import Player
from engine.sampler.stochastic import ping_pong, sample_stochastic
from tests.engine.models.families import small_stable_audio_3

PROMPT = "warm techno pad"
SECONDS = 5.0


@pytest.fixture(scope="module", params=["distilled small", "base medium"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = request.param == "distilled small"
    found = tmp_path_factory.mktemp("model")
    small_stable_audio_3.save(found, paired=small, distilled=small)
    return found


@pytest.fixture(scope="module")
def small(folder: Path) -> StableAudio3:
    model = load_folder(folder, name="small")
    assert isinstance(model, StableAudio3)
    return model


def pipeline(kind: Any, small: StableAudio3, *, stochastic: bool) -> Any:
    """One of diffusers' pipelines on the same weights."""
    parts = dict(small.encoders.components)
    parts["scheduler"] = FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1, shift=1.0, stochastic_sampling=stochastic
    )
    found = kind(**parts)
    found.set_progress_bar_config(disable=True)
    return found


def told(model: StableAudio3) -> Conditioning:
    return model.encode_text(PROMPT, seconds=SECONDS, context=MusicalContext())


def noise(model: StableAudio3) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(model.latents_shape(SECONDS), generator=generator)


def played(model: StableAudio3, conditioning: Conditioning, x_T: Tensor) -> Tensor:
    """Its music by first-order steps, as its pipelines take them."""
    model = replace(model, solver="ddim")
    player = Player(model, conditioning, 6, model.latents_shape(SECONDS), model.device)
    return player.music(x_T)


def test_it_makes_what_its_pipeline_makes_without_fresh_noise(small: StableAudio3) -> None:
    x_T = noise(small)
    asked = partial(
        pipeline(StableAudio3Pipeline, small, stochastic=False),
        PROMPT,
        duration=SECONDS,
        num_inference_steps=6,
        guidance_scale=small.guidance,
        latents=x_T,
    )
    latents = asked(output_type="latent").audios
    x_0 = played(small, told(small), x_T)
    assert (x_0 - latents).abs().max() < 1e-4
    if not small.paired:
        audio = asked().audios
        heard = small.decode(x_0)[..., : audio.shape[-1]]
        assert (heard.clamp(-1, 1) - audio).abs().max() < 1e-4


def test_with_the_same_fresh_noise_too(small: StableAudio3) -> None:
    x_T = noise(small)
    made = pipeline(StableAudio3Pipeline, small, stochastic=True)(
        PROMPT,
        duration=SECONDS,
        num_inference_steps=6,
        guidance_scale=small.guidance,
        latents=x_T,
        generator=torch.Generator().manual_seed(2),
        output_type="latent",
    ).audios
    generator = torch.Generator().manual_seed(2)
    noises = [torch.randn(x_T.shape, generator=generator) for _ in range(5)]
    with torch.no_grad():
        x_0 = sample_stochastic(
            partial(small.denoise, conditioning=told(small)),
            x_T,
            small.noise_schedule,
            steps=6,
            renewal=ping_pong,
            noises=noises,
        )
    assert (x_0 - made).abs().max() < 1e-4


def test_it_fills_a_gap_as_its_pipeline_does(small: StableAudio3) -> None:
    assert isinstance(small, InpaintsNatively)
    x_T = noise(small)
    audio = 0.1 * torch.randn(1, 2, x_T.shape[-1] * small.hop_length)
    around = small.encode_audio(audio)
    keep = torch.ones(1, x_T.shape[-1])
    keep[:, 20:40] = 0
    filling = pipeline(StableAudio3InpaintPipeline, small, stochastic=False)
    filling._encode_reference_audio = lambda *_: around  # SAME-S is encoded wrong there
    latents = filling(
        PROMPT,
        duration=SECONDS,
        num_inference_steps=6,
        latents=x_T,
        audio=audio,
        mask=keep[:, None],
        output_type="latent",
    ).audios
    conditioning = told(small)
    unguided = Conditioning(conditioning.given)
    x_0 = played(small, small.knowing(unguided, around, keep), x_T)
    assert (x_0 - latents).abs().max() < 1e-4


def test_what_is_not_known_is_not_told(small: StableAudio3) -> None:
    around = noise(small)
    keep = torch.ones(1, around.shape[-1])
    keep[:, 20:40] = 0
    lost = torch.where(keep[:, None] > 0, around, torch.nan)
    one, other = (small.knowing(told(small), each, keep) for each in (around, lost))
    assert torch.equal(one.given["around"], other.given["around"])


def test_distilled_weights_know_no_guidance(small: StableAudio3) -> None:
    asked = (small.steps, small.guidance, small.solver, told(small).without is None)
    distilled, base = (8, 1.0, "ddim", True), (24, 7.0, "dpmpp_2m", False)
    assert asked == (distilled if small.paired else base)


def test_its_levels_go_from_noise_to_music_evenly_in_their_logarithm() -> None:
    times = LogSnr().timesteps(8).double()
    assert (float(times[0]), float(times[-1])) == (1.0, 0.0)
    inner = torch.log((1 - times[1:-1]) / times[1:-1])
    assert inner.diff().allclose(torch.tensor(8.2 / 8, dtype=torch.float64), atol=1e-3)


def test_windows_are_of_five_seconds_to_a_minute(small: StableAudio3) -> None:
    def frames(seconds: float) -> int:
        return math.ceil(seconds * small.sample_rate / small.hop_length)

    asked = [small.latents_shape(seconds)[-1] for seconds in (1.0, 5.0, 20.0, 99.0)]
    assert asked == [frames(5), frames(5), frames(20), frames(60)]
    assert small.max_latent_frames == frames(60)
