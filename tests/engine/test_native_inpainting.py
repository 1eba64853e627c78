"""A model that reads the music around a gap is told it, whenever a clip is continued or filled."""

from dataclasses import replace

import pytest
import torch

from engine.models.denoiser import Denoiser
from engine.models.embedded import EmbeddedModel
from engine.models.mel_codec import MelCodec
from engine.preparation import prepare
from engine.requests import Clip, Request
from engine.window_job import WindowJob

RATE, HOP = 44100, 4096
HEARD = 1024
"""Samples to either side that a frame listens to: half of its window of 2048."""


def small(*, context: bool) -> EmbeddedModel:
    torch.manual_seed(0)
    network = Denoiser(
        latent_channels=6, width=16, depth=1, heads=2, tag_width=8, context=context
    )  # fmt: skip
    codec = MelCodec(mid_bins=8, side_bins=2, latent_channels=6)
    torch.nn.init.normal_(codec.components)
    return EmbeddedModel("small", codec, network.requires_grad_(False), steps=4)


def first_window(model: EmbeddedModel, request: Request, audio: torch.Tensor) -> WindowJob:
    job, _ = prepare(request, Clip(audio, RATE), model)
    return WindowJob(job, job.windows[0], job.canvas)


def music(seconds: float) -> torch.Tensor:
    return 0.1 * torch.randn(2, round(seconds * RATE), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    "request_",
    [
        Request("outpaint", seconds=1.5, quality="draft"),
        Request("outpaint", seconds=1.5, side="before", quality="draft"),
        Request("inpaint", regions=((0.9, 1.7),), quality="draft"),
        Request("loop", quality="draft"),
    ],
    ids=["continue", "lead in", "fill", "loop"],
)
def test_every_frame_is_told_that_hears_nothing_but_what_stays(request_: Request) -> None:
    work = first_window(small(context=True), request_, music(3.0))
    told = work.conditioning.given["context"][0]
    known, keep_mask = work.known
    frames = told.shape[-1]
    for frame in range(frames):
        heard = keep_mask[0, max(0, frame * HOP - HEARD) : (frame + 1) * HOP + HEARD]
        assert bool(told[-1, frame]) == bool(heard.all())
    inside = told[-1] == 1
    assert 0 < inside.sum() < frames
    assert told[:-1, inside].std() > 0
    latents = work.job.model.encode_audio(known[None])[0]
    assert torch.equal(told[:-1, inside], latents[:, inside])
    assert not told[:, ~inside].any()


def test_who_cannot_read_it_is_told_the_rest() -> None:
    work = first_window(small(context=False), Request("loop", quality="draft"), music(3.0))
    assert "context" not in work.conditioning.given
    assert work.conditioning.given.keys() == work.told.given.keys()


def test_the_papers_own_settings_leave_it_to_the_search() -> None:
    model = replace(small(context=True), steps=16)
    work = first_window(model, Request("outpaint", seconds=1.5, quality="paper"), music(3.0))
    assert "context" not in work.conditioning.given


def test_silence_says_nothing_about_music() -> None:
    work = first_window(
        small(context=True), Request("outpaint", seconds=1.5, quality="draft"), 0 * music(3.0)
    )
    assert "context" not in work.conditioning.given


def test_music_from_words_has_nothing_around_it() -> None:
    model = small(context=True)
    job, _ = prepare(Request("generate", seconds=3.0, prompt="rock", quality="draft"), None, model)
    assert "context" not in WindowJob(job, job.windows[0], job.canvas).conditioning.given
