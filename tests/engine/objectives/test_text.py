"""Text adherence with a random audio-text model, built here and loaded from its folder."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    ClapAudioConfig,
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    ClapTextConfig,
    PreTrainedTokenizerFast,
)

from engine.errors import UnknownModelError
from engine.listening import Listening
from engine.models.clap import Clap, load_clap
from engine.models.clap_mel import clap_mel
from engine.models.toy import ToyModel
from engine.objectives.objective import Objective
from engine.objectives.text import text_match

from .conftest import HeardWith, Improvement

WORDS = ("<s>", "<pad>", "</s>", "<unk>", "warm", "piano", "loud", "drums", "a")
RATE = 16000


def extractor(truncation: str = "rand_trunc", padding: str = "repeatpad") -> ClapFeatureExtractor:
    """It hears two seconds at 16 kHz."""
    return ClapFeatureExtractor(
        feature_size=64,
        sampling_rate=RATE,
        hop_length=160,
        max_length_s=2,
        fft_window_size=512,
        frequency_min=50,
        frequency_max=7500,
        truncation=truncation,
        padding=padding,
    )


def save_random_clap(folder: Path, *, fuses: bool = False) -> Path:
    torch.manual_seed(0)
    text = ClapTextConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    audio = ClapAudioConfig(
        num_mel_bins=64,
        spec_size=256,
        patch_embeds_hidden_size=8,
        hidden_size=16,
        depths=[1, 1],
        num_attention_heads=[1, 2],
        enable_fusion=fuses,
        aff_block_r=2,
    )
    config = ClapConfig(text_config=text.to_dict(), audio_config=audio.to_dict(), projection_dim=16)
    ClapModel(config).save_pretrained(folder)
    vocabulary = Tokenizer(WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    vocabulary.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=vocabulary,
        unk_token="<unk>",
        pad_token="<pad>",
        model_max_length=32,
    ).save_pretrained(folder)
    extractor("fusion" if fuses else "rand_trunc").save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Clap:
    return load_clap(save_random_clap(tmp_path_factory.mktemp("clap")))


def music(seconds: float, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    noise = 0.1 * torch.randn(1, round(seconds * RATE), generator=generator, dtype=torch.float64)
    return noise + 0.3 * torch.sin(torch.arange(noise.shape[1]) / 9)


@pytest.mark.parametrize("truncation", ["rand_trunc", "fusion"])
@pytest.mark.parametrize("padding", ["repeatpad", "repeat", "pad"])
@pytest.mark.parametrize("seconds", [0.7, 1.5, 2.0])
def test_up_to_its_length_the_model_hears_what_its_extractor_gives_it(
    truncation: str, padding: str, seconds: float
) -> None:
    theirs = extractor(truncation, padding)
    audio = music(seconds)
    expected = theirs(audio[0].numpy(), sampling_rate=RATE, return_tensors="pt")
    mel, is_longer = clap_mel(audio, theirs)
    assert torch.equal(is_longer, expected["is_longer"])
    assert mel.shape == expected["input_features"].shape
    assert (mel - expected["input_features"]).abs().max() < 1e-4


def test_in_single_precision_it_is_within_a_hundredth_of_a_decibel() -> None:
    exact, _ = clap_mel(music(2.0), extractor())
    single, _ = clap_mel(music(2.0).float(), extractor())
    assert (exact - single).abs().max() < 0.01


def test_of_longer_music_the_middle_is_heard() -> None:
    audio = music(5.0)
    middle = audio[:, round(1.5 * RATE) : round(3.5 * RATE)]
    expected = extractor()(middle[0].numpy(), sampling_rate=RATE, return_tensors="pt")
    mel, _ = clap_mel(audio, extractor())
    assert (mel - expected["input_features"]).abs().max() < 1e-4


def test_a_fusing_model_hears_all_of_it_and_three_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    audio, theirs = music(5.0), extractor("fusion")
    starts = iter((0, 150, 300))  # of 501 frames, 201 at a time
    monkeypatch.setattr(np.random, "choice", lambda _range: next(starts))
    expected = theirs(audio[0].numpy(), sampling_rate=RATE, return_tensors="pt")
    mel, is_longer = clap_mel(audio, theirs)
    assert torch.equal(is_longer, expected["is_longer"])
    apart = (mel - expected["input_features"]).abs().amax(dim=(0, 2, 3))
    # The first is all of it, which the extractor shrinks in single precision.
    assert apart[0] < 1e-3
    assert apart[1:].max() < 1e-4


def test_the_model_says_the_same_of_the_same_features(clap: Clap) -> None:
    audio = music(1.0).float()
    inputs = clap.extractor(audio[0].numpy(), sampling_rate=RATE, return_tensors="pt")
    features = clap.model.get_audio_features(**inputs)
    theirs = features if isinstance(features, torch.Tensor) else features.pooler_output
    ours = clap.embed_audio(audio[None], sample_rate=RATE)
    assert ours.allclose(torch.nn.functional.normalize(theirs, dim=-1), atol=1e-3)


def test_directions_have_length_1(clap: Clap) -> None:
    embeddings = (
        clap.embed_text("a warm piano"),
        clap.embed_audio(music(1.0)[None].float(), sample_rate=44100),
    )
    for embedding in embeddings:
        assert embedding.norm().item() == pytest.approx(1, abs=1e-5)


def test_the_loss_is_1_minus_the_cosine(clap: Clap, heard_with: HeardWith) -> None:
    objective = text_match(clap, "loud drums", weight=1.0)
    audio = music(1.0)[None].float()
    heard = heard_with(audio=audio)
    rate = heard.listening.model.sample_rate
    made, words = clap.embed_audio(audio, sample_rate=rate)[0], clap.embed_text("loud drums")[0]
    cosine = torch.nn.functional.cosine_similarity(made, words, dim=0)
    assert isinstance(objective, Objective)
    assert objective.loss(heard).item() == pytest.approx(1 - cosine.item(), abs=1e-5)


def test_silence_has_a_finite_gradient(clap: Clap, heard_with: HeardWith) -> None:
    audio = torch.zeros(1, 2, 44100, requires_grad=True)
    loss = text_match(clap, "loud drums", weight=1.0).loss(heard_with(audio=audio))
    assert torch.autograd.grad(loss, audio)[0].isfinite().all()


def test_a_fusing_model_has_a_gradient_too(tmp_path: Path, heard_with: HeardWith) -> None:
    audio = music(5.0)[None].float().requires_grad_()
    fusing = load_clap(save_random_clap(tmp_path, fuses=True))
    loss = text_match(fusing, "loud drums", weight=1.0).loss(heard_with(audio=audio))
    (gradient,) = torch.autograd.grad(loss, audio)
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0


def test_fifteen_iterations_make_the_toy_agree_more(clap: Clap, improvement: Improvement) -> None:
    music_now = Listening(ToyModel()).hear(torch.randn(1, 32, 64))
    objective = text_match(clap, "warm piano", weight=1.0)
    assert objective.loss(music_now) > 0
    assert improvement(objective) < 0.99


def test_without_a_model_it_says_how_to_add_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match=r"no audio-text model .* Download a CLAP"):
        load_clap(tmp_path)


def test_another_kind_of_model_is_named(tmp_path: Path) -> None:
    save_random_clap(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UnknownModelError, match="is of type 'bert'"):
        load_clap(tmp_path)


def test_a_damaged_folder_is_refused(tmp_path: Path) -> None:
    save_random_clap(tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    with pytest.raises(UnknownModelError, match="cannot be read"):
        load_clap(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(UnknownModelError, match="cannot be read"):
        load_clap(tmp_path)
