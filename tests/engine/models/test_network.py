"""Networks in another form: the same answers, the same gradients."""

from dataclasses import replace

import pytest
import torch
from diffusers import StableAudio3DiTModel

from engine.errors import EngineError
from engine.models.embedded import EmbeddedModel
from engine.models.families.stable_audio_3 import StableAudio3
from engine.models.music_model import Conditioning, MusicalContext, MusicModel
from engine.models.network import check_gradient, compiled, in_bf16
from engine.sampler.checkpointing import recompute_blocks
from tests.engine.models.families.small_stable_audio_3 import CHANNELS, codec
from tests.engine.models.test_embedded import small

T = torch.full((1,), 0.5)
X_T = torch.randn(1, 6, 64, generator=torch.Generator().manual_seed(0))


def drawn() -> EmbeddedModel:
    model = small()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        for weights in model.denoiser.parameters():
            torch.nn.init.normal_(weights.data, std=0.1)
    # As it is loaded: torch takes other paths where there is nothing to learn.
    model.denoiser.requires_grad_(False).eval()
    return model


def answer(model: MusicModel) -> torch.Tensor:
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    return model.denoise(X_T, T, told)


def test_half_the_bits_answer_about_the_same_in_float32() -> None:
    model = drawn()
    half = answer(in_bf16(model))
    assert half.dtype == torch.float32
    assert 0 < float((half - answer(model)).norm() / answer(model).norm()) < 0.02
    assert model.denoiser.enter.weight.dtype == torch.float32


def test_the_gradient_of_half_the_bits_points_where_that_of_all_does() -> None:
    model = drawn()
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    assert check_gradient(in_bf16(model), model, X_T, T, told) > 0.999


def public() -> tuple[StableAudio3, Conditioning]:
    """Return a small Stable Audio 3: while tests run, our own networks check their arguments,
    which no compiler can read."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        network = StableAudio3DiTModel(
            io_channels=CHANNELS,
            embed_dim=32,
            depth=2,
            num_heads=2,
            cond_token_dim=16,
            global_cond_dim=16,
            local_add_cond_dim=CHANNELS + 1,
            timestep_features_dim=16,
        )
        for weights in network.requires_grad_(False).parameters():
            torch.nn.init.normal_(weights, std=0.1)
        given = {"told": torch.randn(1, 3, 16), "mask": torch.ones(1, 3)}
        given["length"] = torch.randn(1, 16)
    model = StableAudio3("small", "", None, network, codec(), True, 8, guidance=1.0, solver="ddim")
    return model, Conditioning(given)


def test_compiled_it_is_the_same_network_and_the_first_stays_as_it_was() -> None:
    model, told = public()
    changed, x_T = compiled(model, backend="aot_eager"), X_T.repeat(1, 2, 1)[:, :CHANNELS]
    assert check_gradient(changed, model, x_T, T, told) == pytest.approx(1, abs=1e-5)
    assert changed.denoise(x_T, T, told).allclose(model.denoise(x_T, T, told), atol=1e-5)
    assert model.network._compiled_call_impl is None


def test_a_compiled_network_with_another_gradient_is_not_trusted() -> None:
    model = drawn()
    told = model.encode_text("rock", seconds=5.9, context=MusicalContext())
    with pytest.raises(EngineError, match="Use it as it is"):
        check_gradient(replace(drawn(), steps=1), replace(model, steps=4), X_T, T, told)


def test_half_the_bits_can_be_recomputed() -> None:
    model, _ = recompute_blocks(in_bf16(drawn()), "block")
    assert answer(model).equal(answer(in_bf16(drawn())))
