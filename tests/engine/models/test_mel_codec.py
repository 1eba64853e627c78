"""The codec: features that librosa would measure, and a linear map that inverts."""

import librosa
import numpy as np
import pytest
import torch

from engine.models.mel_bank import FLOOR
from engine.models.mel_codec import MelCodec

SECONDS = 65536 / 44100


@pytest.fixture(scope="module")
def codec() -> MelCodec:
    """A codec with as many components as numbers, so that nothing is lost."""
    made = MelCodec(mid_bins=20, side_bins=4, latent_channels=192)
    generator = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(192, 192, generator=generator))[0]
    made.components.copy_(basis)
    made.scales.copy_(torch.linspace(0.5, 2, 192))
    made.mean.copy_(torch.linspace(-30, 0, 192))
    return made.requires_grad_(False)


def tone(frequency: float, side: float = 0.0) -> torch.Tensor:
    time = torch.arange(65536) / 44100
    wave = torch.sin(2 * torch.pi * frequency * time)
    return torch.stack([wave * (1 + side), wave * (1 - side)])[None] * 0.5


def test_the_mid_features_are_librosas_mel_spectrogram() -> None:
    codec = MelCodec()
    audio = torch.randn(1, 2, 65536, generator=torch.Generator().manual_seed(0)) * 0.1
    ours = codec.encode_features(audio)[0, :128].numpy()
    theirs = librosa.feature.melspectrogram(
        y=audio.mean(1)[0].numpy(), sr=44100, n_fft=2048, hop_length=512, n_mels=128, power=1,
        pad_mode="reflect",
    )[:, : ours.shape[1]]  # fmt: skip
    np.testing.assert_allclose(ours, 20 * np.log10(theirs + FLOOR), atol=1e-3)


def test_a_mono_clip_has_a_silent_side() -> None:
    features = MelCodec().encode_features(tone(440))
    assert features[:, 128:].allclose(torch.tensor(20 * np.log10(FLOOR)).float())


def test_silence_has_a_finite_gradient() -> None:
    audio = torch.zeros(1, 2, 65536, requires_grad=True)
    MelCodec().encode_features(audio).sum().backward()
    assert audio.grad is not None
    assert audio.grad.isfinite().all()


def test_latents_keep_what_the_components_span(codec: MelCodec) -> None:
    features = torch.randn(2, 24, 64)
    assert codec.decode_features(codec.features_to_latents(features)).allclose(features, atol=1e-3)


def test_decoding_features_is_linear(codec: MelCodec) -> None:
    a, b = torch.randn(2, 1, 192, 8)
    zero = codec.decode_features(torch.zeros(1, 192, 8))
    both = codec.decode_features(a + b) - zero
    apart = codec.decode_features(a) + codec.decode_features(b) - 2 * zero
    assert both.allclose(apart, atol=1e-3)


def test_a_saved_codec_is_the_same_codec(
    codec: MelCodec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("codec")
    codec.save_pretrained(folder)
    loaded = MelCodec.from_pretrained(folder)
    latents = torch.randn(1, 192, 4)
    assert torch.equal(loaded.decode_features(latents), codec.decode_features(latents))


def test_known_audio_comes_back_where_it_is_kept() -> None:
    codec = MelCodec(griffin_lim_iterations=4)
    known = tone(330, side=0.2)
    keep = torch.zeros(65536)
    keep[:32768] = 1
    audio = codec.decode(torch.zeros(1, 192, 16), known, keep)
    assert audio.shape == known.shape
    # The last half window before the edge also hears what is new.
    assert (audio - known)[..., : 32768 - 2048].abs().max() < 1e-4
