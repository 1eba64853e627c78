"""What holds for every public model, whatever its family."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.controls import (
    Control,
    Intensity,
    Melody,
    Note,
    Repeat,
    Section,
    Structure,
    TextMatch,
)
from engine.models.clap import Clap, load_clap
from engine.models.music_model import (
    ChoosesSolver,
    Conditioning,
    MusicalContext,
    MusicModel,
    OnDevice,
)
from engine.sampler.checkpointing import BlockCheckpointed, Checkpointing, recompute_blocks
from engine.sampler.sample import sample
from engine.tasks import Clip, Request, TakeResult, TaskResult, perform
from engine.windowed_decode import decode_windowed
from tests.engine.objectives.test_text import save_random_clap


def seconds(model: MusicModel) -> float:
    """The length of its longest window, or 1.5 s of it."""
    return min(1.5, model.max_latent_frames * model.hop_length / model.sample_rate)


def noise(model: MusicModel, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(model.latents_shape(seconds(model)), generator=generator)


def told(model: MusicModel, prompt: str = "warm piano") -> Conditioning:
    return model.encode_text(prompt, seconds=seconds(model), context=MusicalContext())


def music(
    model: MusicModel, x_T: Tensor, *, prompt: str = "warm piano", way: Checkpointing = "none"
) -> Tensor:
    able, used = recompute_blocks(model, way)
    return sample(
        partial(able.denoise, conditioning=told(model, prompt)),
        x_T,
        model.noise_schedule,
        steps=3,
        solver=model.solver if isinstance(model, ChoosesSolver) else "ddim",
        checkpointing=used,
    )


def gradient(loss: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    at = at.clone().requires_grad_()
    (found,) = torch.autograd.grad(loss(at), at)
    return found


def test_it_keeps_the_contract(model: MusicModel) -> None:
    assert isinstance(model, MusicModel)
    assert isinstance(model, OnDevice)


def test_nothing_of_it_is_trained(model: MusicModel) -> None:
    modules = [part for part in vars(model).values() if isinstance(part, nn.Module)]
    assert modules
    for module in modules:
        assert not module.training
        assert not any(each.requires_grad for each in module.parameters())


def test_audio_and_latents_are_as_long_as_the_contract_says(model: MusicModel) -> None:
    x_0 = noise(model)
    audio = model.decode(x_0)
    assert audio.shape == (1, model.channels, x_0.shape[-1] * model.hop_length)
    assert model.encode_audio(audio).shape == x_0.shape
    # A sample more is a frame more, filled up with silence.
    first = model.encode_audio(audio[..., : 8 * model.hop_length + 1])
    assert first.shape == (*x_0.shape[:2], 9)


def test_decoding_in_windows_is_decoding(model: MusicModel) -> None:
    x_0 = noise(model)
    whole = model.decode(x_0)
    windowed = decode_windowed(model, x_0, window=max(1, x_0.shape[-1] // 5))
    assert (windowed - whole).abs().max() <= 1e-5 * whole.abs().max()


def test_the_prompt_and_the_noise_are_heard(model: MusicModel) -> None:
    x_0 = music(model, noise(model))
    assert torch.equal(music(model, noise(model)), x_0)
    assert not music(model, noise(model), prompt="techno").allclose(x_0, atol=1e-4)
    assert not music(model, noise(model, seed=1)).allclose(x_0, atol=1e-2)


@pytest.mark.parametrize("way", ["block", "step"])
def test_recomputing_changes_no_bit_of_the_gradient(model: MusicModel, way: Checkpointing) -> None:
    def loss(x_T: Tensor, way: Checkpointing = "none") -> Tensor:
        return music(model, x_T, way=way).square().mean()

    plain = gradient(loss, noise(model))
    assert plain.isfinite().all()
    assert plain.abs().max() > 0
    assert torch.equal(gradient(partial(loss, way=way), noise(model)), plain)


def test_recomputing_is_asked_of_a_twin(model: MusicModel) -> None:
    if isinstance(model, BlockCheckpointed):
        twin = model.with_block_checkpointing()
        assert twin is not model
        assert twin.network.gradient_checkpointing
        assert not model.network.gradient_checkpointing
        weights = zip(twin.network.parameters(), model.network.parameters(), strict=True)
        assert all(one is other for one, other in weights)


def test_what_is_heard_has_a_gradient_in_the_noise(model: MusicModel) -> None:
    found = gradient(lambda x_T: model.decode(music(model, x_T)).square().mean(), noise(model))
    assert found.isfinite().all()
    assert found.abs().max() > 0


# ---- whole jobs ------------------------------------------------------------------------------


def clip(model: MusicModel) -> Clip:
    """What the model itself has made, so that it can be made."""
    with torch.no_grad():
        audio = model.decode(music(model, noise(model, seed=5)))[0]
    return Clip(audio / audio.abs().max() / 2, model.sample_rate)


def run(
    request: Request, clip: Clip | None, model: Any, iterations: int, clap: Clap | None = None
) -> TaskResult:
    """Return what the model makes in fewer steps than it is made for, after so many iterations."""
    asked, model = iter(range(1, 1000)), replace(model, steps=2)
    *_, last = perform(request, clip, model, clap=clap, finish=lambda: next(asked) >= iterations)
    assert last.result is not None
    return last.result


def test_a_gap_is_filled_and_every_old_bit_stays(model: MusicModel) -> None:
    before = clip(model)
    end = before.audio.shape[-1] / before.sample_rate
    region = (round(0.4 * end, 2), round(0.6 * end, 2))
    result = run(Request("inpaint", regions=(region,), quality="draft"), before, model, 5)
    (take,) = result.takes
    assert take.losses["overlap"] < 0.9 * take.first_losses["overlap"]
    ((start, stop),) = result.new
    assert torch.equal(take.audio[:, :start], before.audio[:, :start])
    assert torch.equal(take.audio[:, stop:], before.audio[:, stop:])
    assert take.audio.isfinite().all()
    assert not torch.equal(take.audio[:, start:stop], before.audio[:, start:stop])


@pytest.fixture(scope="session")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Clap:
    return load_clap(save_random_clap(tmp_path_factory.mktemp("clap")))


def everything(end: float) -> tuple[Control, ...]:
    rising = ((0.0, -50.0), (end, -20.0))
    return (
        Intensity(points=rising, match="shape"),
        Melody(notes=(Note(0.0, end / 2, 69), Note(end / 2, end, 73))),
        Structure(sections=(Section("A", end / 2), Section("B", end / 2))),
        TextMatch(description="warm piano"),
    )


def steered(model: MusicModel, *controls: Control, seconds: float, clap: Clap) -> TakeResult:
    request = Request(
        "generate", seconds=seconds, quality="draft", controls=controls, balance=len(controls) > 1
    )
    (take,) = run(request, None, model, 3, clap).takes
    assert take.audio.isfinite().all()
    return take


def test_music_follows_a_curve(model: MusicModel, clap: Clap) -> None:
    end = seconds(model)
    rising = Intensity(points=((0.0, -50.0), (end, -20.0)))
    take = steered(model, rising, seconds=end, clap=clap)
    assert take.losses["intensity"] < take.first_losses["intensity"]
    assert take.audio.shape == (model.channels, round(end * model.sample_rate))


def test_music_repeats_itself(model: MusicModel, clap: Clap) -> None:
    take = steered(model, Repeat(period=0.5), seconds=0.0, clap=clap)
    assert take.losses["repeat"] < take.first_losses["repeat"]


def test_music_follows_everything_at_once(model: MusicModel, clap: Clap) -> None:
    end = seconds(model)
    take = steered(model, *everything(end), seconds=end, clap=clap)
    asked = ("shape", "melody", "structure", "text")
    assert sum(take.losses[name] / take.first_losses[name] for name in asked) < len(asked)


def test_a_clip_is_varied(model: MusicModel) -> None:
    before = clip(model)
    (take,) = run(Request("vary", strength=0.5, quality="draft"), before, model, 1).takes
    assert take.audio.shape == before.audio.shape
    assert take.audio.isfinite().all()
