"""ACE-Step 1.5: its pipeline's own music, with and without guidance, made anew and repainted."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AceStepPipeline
from torch import Tensor

from engine.models.families import load_folder
from engine.models.families.ace_step import LYRICS, AceStep
from engine.models.music_model import (
    CarriesGuidance,
    Conditioning,
    InpaintsNatively,
    MusicalContext,
)
from engine.player import Player
from engine.sampler.checkpointing import Checkpointing, recompute_blocks
from engine.sampler.sample import sample_carrying
from tests.engine.models.families import small_ace_step

PROMPT = "warm techno pad"
CONTEXT = MusicalContext(bpm=120.0, key="A minor")
META = {"bpm": 120, "keyscale": "A minor", "timesignature": "4"}
SECONDS = 10.0


@pytest.fixture(scope="module", params=["turbo", "base"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp(request.param)
    small_ace_step.save(found, turbo=request.param == "turbo")
    return found


@pytest.fixture(scope="module")
def small(folder: Path) -> AceStep:
    model = load_folder(folder, name="small")
    assert isinstance(model, AceStep)
    return model


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> AceStepPipeline:
    found = AceStepPipeline.from_pretrained(folder, low_cpu_mem_usage=False)
    found.set_progress_bar_config(disable=True)
    return found


def told(model: AceStep) -> Conditioning:
    return model.encode_text(PROMPT, seconds=SECONDS, context=CONTEXT)


def noise(model: AceStep) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(model.latents_shape(SECONDS), generator=generator)


def played(model: AceStep, conditioning: Conditioning, x_T: Tensor, *, steps: int) -> Tensor:
    player = Player(model, conditioning, steps, model.latents_shape(SECONDS), model.device)
    return player.music(x_T)


def asked(pipeline: AceStepPipeline, x_T: Tensor, **more: Any) -> Tensor:
    """What the pipeline makes, its time last."""
    made = pipeline(
        PROMPT,
        lyrics=LYRICS,
        audio_duration=SECONDS,
        num_inference_steps=6,
        latents=x_T.transpose(1, 2),
        **(META | more),
    ).audios
    return made.transpose(1, 2) if more.get("output_type") == "latent" else made


def test_it_makes_what_its_pipeline_makes(small: AceStep, pipeline: AceStepPipeline) -> None:
    x_T = noise(small)
    latents = asked(pipeline, x_T, output_type="latent")
    x_0 = played(small, told(small), x_T, steps=6)
    assert (x_0 - latents).abs().max() < 1e-4
    audio = asked(pipeline, x_T)
    heard = small.decode(x_0)
    # The pipeline makes its loudest sample -1 dBFS; a job has a level to keep.
    assert (heard / heard.abs().max() * 10 ** (-1 / 20) - audio).abs().max() < 1e-4


def test_it_repaints_what_its_pipeline_repaints(small: AceStep, pipeline: AceStepPipeline) -> None:
    samples = small.latents_shape(SECONDS)[-1] * small.hop_length
    audio = 0.1 * torch.randn(2, samples, generator=torch.Generator().manual_seed(2))
    x_T = noise(small)
    # The pipeline draws the latents of the audio, from the generator of the process.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        around = pipeline.vae.encode(audio[None]).latent_dist.sample().detach()
        torch.manual_seed(3)
        repainted = asked(
            pipeline,
            x_T,
            task_type="repaint",
            src_audio=audio,
            repainting_start=3.0,
            repainting_end=6.0,
            output_type="latent",
        )
    per_second = small.sample_rate / small.hop_length
    keep = torch.ones(1, around.shape[-1])
    keep[:, int(3 * per_second) : int(6 * per_second)] = 0
    knowing = small.knowing(told(small), around, keep)
    assert (played(small, knowing, x_T, steps=6) - repainted).abs().max() < 1e-4


def test_what_is_not_known_is_not_told(small: AceStep) -> None:
    assert isinstance(small, InpaintsNatively)
    around = noise(small)
    keep = torch.ones(1, around.shape[-1])
    keep[:, 20:60] = 0
    lost = torch.where(keep[:, None] > 0, around, torch.nan)
    one, other = (small.knowing(told(small), each, keep) for each in (around, lost))
    assert torch.equal(one.given["around"], other.given["around"])


def test_turbo_knows_no_guidance(small: AceStep) -> None:
    turbo = small.encoders.is_turbo
    assert (told(small).without is None) == turbo
    assert (small.steps, small.guidance) == ((8, 1.0) if turbo else (30, 7.0))


def test_what_guidance_remembers_is_recomputed_to_the_last_bit(small: AceStep) -> None:
    assert isinstance(small, CarriesGuidance)

    def gradient(way: Checkpointing) -> Tensor:
        x_T = noise(small).requires_grad_()
        able, used = recompute_blocks(small, way)
        x_0 = sample_carrying(
            partial(able.denoise_carrying, conditioning=told(small)),
            x_T,
            small.noise_schedule,
            steps=3,
            checkpointing=used,
        )
        return torch.autograd.grad(x_0.square().mean(), x_T)[0]

    plain = gradient("none")
    assert plain.isfinite().all()
    assert plain.abs().max() > 0
    for way in ("block", "step"):
        assert torch.equal(gradient(way), plain)


def test_windows_have_lengths_that_it_was_taught(small: AceStep) -> None:
    rate = small.sample_rate / small.hop_length
    assert small.latents_shape(1.0)[-1] == small.latents_shape(10.0)[-1] == 10 * rate
    assert small.latents_shape(20.0)[-1] == 20 * rate
    assert small.latents_shape(99.0)[-1] == small.max_latent_frames == 60 * rate
