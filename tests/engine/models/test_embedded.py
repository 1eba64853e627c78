"""The model that ships, as it ships."""

from dataclasses import replace

import pytest
import torch

from engine.errors import InvalidRequestError
from engine.features.power import power_spectrogram
from engine.models import load
from engine.models.denoiser import Denoiser
from engine.models.embedded import WEIGHTS, EmbeddedModel
from engine.models.mel_codec import MelCodec
from engine.models.music_model import (
    DecodesInContext,
    HasFeatureDomain,
    HasPower,
    MusicalContext,
    MusicModel,
)

TECHNO = "dark techno, 130 bpm, A minor, drums, synth bass"


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    made = load("embedded")
    assert isinstance(made, EmbeddedModel)
    return made


def noise(seed: int = 0) -> torch.Tensor:
    return torch.randn(1, 192, 64, generator=torch.Generator().manual_seed(seed))


def test_it_fulfils_the_contract(model: EmbeddedModel) -> None:
    for contract in (MusicModel, HasFeatureDomain, HasPower, DecodesInContext):
        assert isinstance(model, contract)


def test_what_ships_is_safetensors_and_no_more_than_32_mb() -> None:
    files = [f for f in WEIGHTS.rglob("*") if f.is_file()]
    assert {f.suffix for f in files} <= {".safetensors", ".json", ".md"}
    assert sum(f.stat().st_size for f in files) <= 32e6


def test_the_prompt_is_read_and_the_host_fills_its_gaps(model: EmbeddedModel) -> None:
    context = MusicalContext(bpm=90.0, beat_offset=0.1, key="D major")
    said = model.encode_text(TECHNO, seconds=5.9, context=context).recognized
    assert said["style"] == "techno"
    assert said["key"] == "A minor"
    assert said["tempo"] == "90 bpm"
    assert model.encode_text("", seconds=5.9, context=context).recognized["key"] == "D major"


def test_another_prompt_makes_other_music(model: EmbeddedModel) -> None:
    t = torch.ones(1)
    one, other = (
        model.denoise(noise(), t, model.encode_text(p, seconds=5.9, context=MusicalContext()))
        for p in (TECHNO, "calm ambient pad")
    )
    assert (one - other).abs().mean() > 0.05


def test_a_batch_is_its_items_one_by_one(model: EmbeddedModel) -> None:
    told = model.encode_text(TECHNO, seconds=5.9, context=MusicalContext())
    both = torch.cat([noise(0), noise(1)])
    together = model.denoise(both, torch.full((2,), 0.5), told)
    alone = [model.denoise(noise(i), torch.full((1,), 0.5), told) for i in range(2)]
    assert together.allclose(torch.cat(alone), atol=1e-4)


def test_the_feature_domain_is_the_latents_and_costs_no_waveform(model: EmbeddedModel) -> None:
    latents = noise().requires_grad_()
    features = model.decode_features(latents)
    assert features.shape == (1, 160, 512)
    features.square().mean().backward()
    assert latents.grad is not None
    assert latents.grad.isfinite().all()


def test_its_power_is_that_of_what_it_plays(model: EmbeddedModel) -> None:
    latents = 0.5 * noise()
    power = model.decode_power(latents)
    assert power.shape == (
        1,
        model.n_fft // 2 + 1,
        latents.shape[-1] * model.hop_length // model.hop,
    )
    played = power_spectrogram(model.decode(latents), n_fft=model.n_fft, hop=model.hop)
    assert 10 * (power.sum() / played.sum()).log10().abs() < 0.5


def test_both_ways_to_hear_it_have_a_gradient(model: EmbeddedModel) -> None:
    for way in (model.decode, model.decode_power):
        latents = (0.5 * noise()).requires_grad_()
        way(latents).square().mean().backward()
        assert latents.grad is not None
        assert latents.grad.isfinite().all()
        assert latents.grad.abs().max() > 0


def test_music_asked_for_no_gradient_carries_none(model: EmbeddedModel) -> None:
    assert not model.decode(noise()).requires_grad


def test_audio_through_the_codec_keeps_its_features_within_four_decibels(
    model: EmbeddedModel,
) -> None:
    time = torch.arange(64 * model.hop_length) / model.sample_rate
    pulse = (torch.sin(2 * torch.pi * 2 * time) > 0).float()
    tone = 0.2 * pulse * sum(torch.sin(2 * torch.pi * f * time) for f in (220.0, 277.2, 329.6))
    audio = torch.stack([tone, tone])[None]
    features = model.encode_features(audio)
    again = model.decode_features(model.encode_audio(audio))
    assert (features - again)[:, :128].abs().mean() < 4


def test_the_teacher_is_guided_and_the_student_is_not() -> None:
    teacher, student = load("embedded-base"), load("embedded")
    assert isinstance(teacher, EmbeddedModel)
    assert isinstance(student, EmbeddedModel)
    guided = teacher.encode_text(TECHNO, seconds=5.9, context=MusicalContext())
    free = student.encode_text(TECHNO, seconds=5.9, context=MusicalContext())
    assert guided.without is not None
    assert free.without is None
    assert teacher.digest != student.digest


def test_the_level_goes_on_unless_the_prompt_says_otherwise(model: EmbeddedModel) -> None:
    context = MusicalContext(dynamics="steady")
    plain = model.encode_text("rock", seconds=5.9, context=context).recognized
    fading = model.encode_text("rock, fading out", seconds=5.9, context=context).recognized
    assert plain["dynamics"] == "steady"
    assert fading["dynamics"] == "decrescendo"


def small(*, context: bool = True, stride: bool = True) -> EmbeddedModel:
    """Untrained, of the longer window; away from the zeros that training starts from."""
    torch.manual_seed(0)
    net = Denoiser(
        latent_channels=6, latent_frames=128, width=16, depth=1, heads=2, tag_width=8,
        styles=("jazz", "rock"), context=context, stride=stride,
    )  # fmt: skip
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    codec = MelCodec(mid_bins=8, side_bins=2, latent_channels=6)
    return EmbeddedModel("small", codec, net.requires_grad_(False), steps=4)


def test_the_window_is_the_shorter_one_that_holds_the_music() -> None:
    model = small()
    second = model.sample_rate / model.hop_length
    lengths = {seconds: model.latents_shape(seconds)[-1] for seconds in (0, 64 / second, 6, 40)}
    assert list(lengths.values()) == [64, 64, 128, 128]
    for seconds in (3.0, 9.0):
        told = model.encode_text("rock", seconds=seconds, context=MusicalContext())
        x = torch.randn(model.latents_shape(seconds))
        assert model.denoise(x, torch.ones(1), told).shape == x.shape


def test_tags_that_the_weights_do_not_know_are_not_claimed_to_be_understood() -> None:
    said = {
        style: small().encode_text(style, seconds=5.9, context=MusicalContext()).recognized
        for style in ("rock", "techno")
    }
    assert said == {"rock": {"style": "rock"}, "techno": {}}


def test_a_flow_map_answers_otherwise_for_every_number_of_steps() -> None:
    model, x = small(), torch.randn(1, 6, 64)
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    answers = [model.with_steps(n).denoise(x, torch.full((1,), 0.5), told) for n in (1, 2, 4)]
    assert not answers[0].allclose(answers[1])
    assert not answers[1].allclose(answers[2])
    with pytest.raises(InvalidRequestError, match="1, 2 and 4"):
        model.with_steps(3)


def test_weights_without_strides_say_so() -> None:
    model = small(stride=False)
    assert model.with_steps(4) is model
    with pytest.raises(InvalidRequestError, match="was made for 4 sampler steps"):
        model.with_steps(1)


def test_what_is_known_reaches_both_branches_and_only_where_it_is_kept() -> None:
    model, x, t = replace(small(), guidance=2.0), torch.randn(1, 6, 64), torch.full((1,), 0.5)
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    keep_mask = (torch.arange(64) < 30)[None].float()
    music = torch.randn(1, 6, 64)
    known = model.knowing(told, music, keep_mask)
    assert known.without is not None
    assert torch.equal(known.without["context"], known.given["context"])
    elsewhere = music + 5 * (1 - keep_mask[:, None])
    answer = model.denoise(x, t, known)
    assert torch.equal(answer, model.denoise(x, t, model.knowing(told, elsewhere, keep_mask)))
    assert not answer.allclose(model.denoise(x, t, told))
    nothing = model.knowing(told, music, torch.zeros(1, 64))
    assert torch.equal(model.denoise(x, t, nothing), model.denoise(x, t, told))


def test_weights_that_cannot_be_told_what_is_known_say_so() -> None:
    model = small(context=False)
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    with pytest.raises(InvalidRequestError, match="music around a gap"):
        model.knowing(told, torch.zeros(1, 6, 64), torch.ones(1, 64))
