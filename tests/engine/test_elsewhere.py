"""The engine on a device other than the CPU: the same music from the same seed, bit by bit."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.controls import (
    Control,
    Intensity,
    Melody,
    Note,
    Reference,
    Repeat,
    Section,
    Structure,
    TextMatch,
)
from engine.frugality import LADDER, LAVISH, Frugality
from engine.models import load
from engine.models.clap import Clap, load_clap
from engine.models.denoiser import Denoiser
from engine.models.embedded import EmbeddedModel
from engine.models.mel_codec import MelCodec
from engine.models.music_model import MusicModel, OnDevice
from engine.models.saved_network import SavedNetwork
from engine.models.toy import ToyModel
from engine.models.vocoder import Vocoder
from engine.preparation import prepare
from engine.requests import Clip, Request, Start
from engine.sampler.stochastic import ping_pong, sample_stochastic
from engine.task_state import TaskState
from engine.tasks import TaskResult, perform
from tests.engine.elsewhere import (
    CPU,
    ELSEWHERE,
    MixedDevicesError,
    elsewhere,
    same_arithmetic,
)
from tests.engine.objectives.test_text import save_random_clap

RATE = 8000
SIZES = {"sample_rate": RATE, "n_fft": 256, "mid_bins": 20, "side_bins": 8}


@cache
def parts() -> tuple[MelCodec, Denoiser, Vocoder]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        codec = MelCodec(
            **SIZES, hop=128, frames_per_latent=4, latent_channels=6, griffin_lim_iterations=2
        )
        denoiser = Denoiser(6, 12, width=16, depth=2, heads=2, tag_width=8, vocabulary=("warm",))
        vocoder = Vocoder(**SIZES, width=8, hidden=8, distances=(1,))
        for weights in (codec.components, *denoiser.parameters()):
            torch.nn.init.normal_(weights.data, std=0.3)
    codec.mean -= 20
    return codec, denoiser, vocoder


def small(device: torch.device, *, guidance: float = 1.0, plays: bool = True) -> EmbeddedModel:
    """The embedded model in small, untrained: windows of 0.77 s, two steps."""
    codec, denoiser, vocoder = (
        type(part)(**vars(part.config)).requires_grad_(False).eval() for part in parts()
    )
    for made, part in zip((codec, denoiser, vocoder), parts(), strict=True):
        made.load_state_dict(part.state_dict())
        made.to(device)
    return EmbeddedModel("small", codec, denoiser, 2, guidance, vocoder if plays else None)


class FarToy(ToyModel):
    device = ELSEWHERE


def toy(device: torch.device) -> ToyModel:
    return FarToy() if device == ELSEWHERE else ToyModel()


def noise(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


CLIP = Clip(noise(0, 2, 4800).cumsum(-1).mul(0.02).sin() * 0.3, 12000)
REFERENCE = Reference(noise(1, 1, 12000).cumsum(-1).mul(0.1).sin() * 0.3, 16000)
CURVE = Intensity(points=((0.0, -40.0), (0.7, -20.0)))
TUNE = Melody(notes=(Note(0.0, 0.3, 69), Note(0.3, 0.7, 73)))
FORM = Structure(sections=(Section("A", 0.3), Section("B", 0.4)))
HARMONY = Melody(reference=REFERENCE, reading="harmony")


def music(*controls: Control, seconds: float = 0.7, **more: Any) -> Request:
    return Request("generate", seconds=seconds, quality="draft", controls=controls, **more)


def made(
    request: Request,
    model: MusicModel,
    *,
    clap: Clap | None = None,
    frugality: Frugality = LAVISH,
    resume: TaskState | None = None,
) -> tuple[TaskResult, list[TaskState]]:
    """Return the result of two iterations in each window, and the states on the way."""
    asked, states = [0], []

    def finish() -> bool:
        asked[0] += 1
        return asked[0] % 2 == 0

    clip = None if request.task == "generate" else CLIP
    for update in perform(
        request, clip, model, clap=clap, finish=finish, frugality=frugality, resume=resume
    ):
        if update.preview is not None and not states:
            update.preview()
        if update.state is not None:
            states.append(update.state())
    assert update.result is not None
    return update.result, states


# ---- the device itself -----------------------------------------------------------------------


def test_what_a_gpu_refuses_is_refused() -> None:
    here, generator = torch.ones(3), torch.Generator()
    with elsewhere():
        there = torch.ones(3, device=ELSEWHERE)
        for mix in (
            lambda: there + here,
            lambda: torch.cat([there, here]),
            lambda: here[there.long()],
            lambda: here @ there,
            lambda: torch.where(there > 0, there, here),
            lambda: torch.randn(3, generator=generator, device=ELSEWHERE),
        ):
            with pytest.raises(MixedDevicesError):
                mix()
        with pytest.raises(RuntimeError, match="numpy"):
            there.numpy()


def test_what_a_gpu_allows_is_allowed() -> None:
    here = torch.tensor([3.0, 1.0, 2.0])
    with elsewhere():
        there = here.to(ELSEWHERE).requires_grad_()
        assert (there.device, there.cpu().device, float(there.detach()[1])) == (ELSEWHERE, CPU, 1.0)
        assert there[torch.tensor([2, 0])].tolist() == [2.0, 3.0]
        here[:2] = there.detach()[1:]
        (gradient,) = torch.autograd.grad((there * there.flip(0)).sum(), there)
        assert gradient.device == ELSEWHERE
        assert gradient.tolist() == [4.0, 2.0, 6.0]
    assert here.tolist() == [1.0, 2.0, 2.0]


# ---- what is made there ----------------------------------------------------------------------


REQUESTS = {
    "outpaint": Request("outpaint", seconds=0.3, quality="draft"),
    "inpaint": Request("inpaint", regions=((0.15, 0.25),), quality="draft"),
    "vary": Request("vary", strength=0.3, quality="draft"),
    "curve, tune and form": music(CURVE, TUNE, FORM, prompt="warm techno", seconds=1.0),
    "by recordings": music(
        replace(CURVE, points=(), reference=REFERENCE, match="shape"),
        HARMONY,
        Structure(reference=REFERENCE),
        balance=True,
    ),
    "repeat": music(Repeat(period=0.5)),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS.keys())
@pytest.mark.parametrize("model", [small, toy])
def test_a_job_makes_the_same_music(
    request_: Request, model: Callable[[torch.device], MusicModel]
) -> None:
    with same_arithmetic():
        here, _ = made(request_, model(CPU))
    with elsewhere():
        there, _ = made(request_, model(ELSEWHERE))
    assert torch.equal(there.takes[0].audio, here.takes[0].audio)
    assert there.takes[0].losses == here.takes[0].losses
    assert there.curves == here.curves
    for a, b in zip(there.matrices, here.matrices, strict=True):
        assert torch.equal(a.target, b.target)
        assert torch.equal(a.measured, b.measured)


@pytest.mark.parametrize("frugality", LADDER[1:], ids=["sparing", "as little as possible"])
def test_with_less_memory_it_is_the_same_music_too(frugality: Frugality) -> None:
    request = REQUESTS["outpaint"]
    with same_arithmetic():
        here, _ = made(request, small(CPU, guidance=2.0, plays=False), frugality=frugality)
    with elsewhere():
        model = small(ELSEWHERE, guidance=2.0, plays=False)
        there, _ = made(request, model, frugality=frugality)
    assert torch.equal(there.takes[0].audio, here.takes[0].audio)


def test_a_job_goes_on_there_from_its_state_and_from_its_noise() -> None:
    with elsewhere():
        whole, states = made(REQUESTS["vary"], small(ELSEWHERE, plays=False))
        assert {x.device for state in states for x in state.tensors.values()} == {CPU}
        resumed, _ = made(REQUESTS["vary"], small(ELSEWHERE, plays=False), resume=states[0])
        ((take,), (again,)) = whole.takes, resumed.takes
        assert {each.device for each in (take.audio, *take.noise)} == {CPU}
        # Two in each of both searches, the first of which had one behind it.
        assert again.iterations == take.iterations + 1
        request = music(start=Start(take.noise, "resample"))
        other, _ = made(request, small(ELSEWHERE, plays=False))
        assert other.takes[0].audio.isfinite().all()


def test_a_surrogate_hears_there_what_it_hears_here() -> None:
    request = music(CURVE, surrogate=2)
    with same_arithmetic():
        here, _ = made(request, toy(CPU))
    with elsewhere():
        there, _ = made(request, toy(ELSEWHERE))
    assert torch.equal(there.takes[0].audio, here.takes[0].audio)
    assert there.takes[0].losses == here.takes[0].losses


def test_a_text_is_matched_there(tmp_path: Path) -> None:
    folder = save_random_clap(tmp_path)
    request = music(TextMatch(description="warm piano"))
    with same_arithmetic():
        here, _ = made(request, toy(CPU), clap=load_clap(folder))
    clap = load_clap(folder)
    with elsewhere():
        clap.model.to(ELSEWHERE)
        there, _ = made(request, toy(ELSEWHERE), clap=clap)
    assert there.takes[0].losses["text"] == pytest.approx(here.takes[0].losses["text"], abs=1e-5)


# ---- seeds and models ------------------------------------------------------------------------


def test_a_seed_is_the_same_noise_everywhere() -> None:
    start = Start((noise(3, 1, 6, 12),), "resample")
    with elsewhere():
        here, there = (
            [job.noise(1, 0), job.fresh_noise(1, 0), job.inversion_noise(0), *job.renewals(1, 0)]
            for device in (CPU, ELSEWHERE)
            for job, _ in [prepare(music(start=start, seed=4), None, small(device))]
        )
        assert {each.device for each in there} == {ELSEWHERE}
        assert all(torch.equal(a, b.cpu()) for a, b in zip(here, there, strict=True))


def test_noise_that_a_sampler_draws_is_the_same_everywhere() -> None:
    def drawn(device: torch.device) -> torch.Tensor:
        return sample_stochastic(
            lambda x_t, t: x_t * t,
            noise(5, 1, 2, 4).to(device),
            ToyModel.noise_schedule,
            steps=3,
            renewal=ping_pong,
            noises=torch.Generator().manual_seed(6),
        ).cpu()

    with elsewhere():
        assert torch.equal(drawn(CPU), drawn(ELSEWHERE))


def test_models_are_loaded_where_they_are_told_and_the_toy_stays() -> None:
    with elsewhere():
        for name in ("embedded", "embedded-base"):
            model = load(name, device=ELSEWHERE)
            assert isinstance(model, OnDevice)
            assert model.device == ELSEWHERE
            networks = [part for part in vars(model).values() if isinstance(part, SavedNetwork)]
            assert len(networks) > 1
            devices = {t.device for each in networks for t in each.state_dict().values()}
            assert devices == {ELSEWHERE}
        assert not isinstance(load("toy", device=ELSEWHERE), OnDevice)
