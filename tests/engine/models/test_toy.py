"""The toy model: everything about it is known."""

import pytest
import torch

from engine.errors import InvalidRequestError
from engine.models.music_model import Conditioning, HasFeatureDomain, MusicalContext, MusicModel
from engine.models.toy import ToyModel, cosine_transform, prior_variance

TOY = ToyModel()
NOTHING = Conditioning(given={})


def music(frames: int = 16) -> torch.Tensor:
    return torch.randn(2, 32, frames, dtype=torch.float64)


def test_it_keeps_the_contract() -> None:
    assert isinstance(TOY, MusicModel)
    assert isinstance(TOY, HasFeatureDomain)


def test_encoding_undoes_decoding() -> None:
    latents = music()
    assert TOY.encode_audio(TOY.decode(latents)).allclose(latents)


def test_decoding_keeps_the_energy() -> None:
    latents = music()
    assert TOY.decode(latents).square().sum().allclose(latents.square().sum())


def test_a_latent_frame_is_a_hop_of_stereo_audio() -> None:
    assert TOY.decode(music(frames=3)).shape == (2, 2, 3 * TOY.hop_length)


def test_audio_that_ends_within_a_frame_is_followed_by_silence() -> None:
    audio = TOY.decode(music(frames=3))
    shortened = audio[..., :-100]
    silenced = torch.nn.functional.pad(shortened, (0, 100))
    assert torch.equal(TOY.encode_audio(shortened), TOY.encode_audio(silenced))


def test_features_of_audio_are_features_of_its_latents() -> None:
    latents = music()
    heard = TOY.encode_features(TOY.decode(latents))
    assert heard.allclose(TOY.decode_features(latents))


def test_a_tone_of_strength_10_reads_20_db_and_silence_minus_20() -> None:
    latents = torch.zeros(1, 32, 1)
    latents[0, 0] = 10
    features = TOY.decode_features(latents)
    assert features[0, 0].allclose(torch.tensor(20.0), atol=1e-3)
    assert features[0, 1:].allclose(torch.tensor(-20.0), atol=1e-3)


def test_the_cosine_transform_is_orthonormal() -> None:
    cosines = cosine_transform(16)
    assert (cosines @ cosines.T).allclose(torch.eye(16, dtype=torch.float64))


def test_denoising_is_the_textbook_estimate_of_a_gaussian() -> None:
    cosines = cosine_transform(16)
    covariance = cosines.T @ prior_variance(16).diag() @ cosines
    x_t, t = music(), torch.tensor([0.3, 0.8], dtype=torch.float64)
    for item, time in zip(range(2), t, strict=True):
        alpha, sigma = TOY.noise_schedule.alpha(time), TOY.noise_schedule.sigma(time)
        noisy = alpha**2 * covariance + sigma**2 * torch.eye(16, dtype=torch.float64)
        textbook = alpha * x_t[item] @ torch.linalg.solve(noisy, covariance)
        assert TOY.denoise(x_t, t, NOTHING)[item].allclose(textbook)


def test_pure_noise_tells_nothing_about_the_music() -> None:
    assert TOY.denoise(music(), torch.ones(2, dtype=torch.float64), NOTHING).abs().max() == 0


def test_at_the_clean_end_the_music_is_what_it_is() -> None:
    x_t = music()
    assert TOY.denoise(x_t, torch.zeros(2, dtype=torch.float64), NOTHING).allclose(x_t)


def test_its_music_is_as_loud_as_noise_and_slower() -> None:
    variance = prior_variance(64)
    assert variance.mean().item() == pytest.approx(1)
    assert (variance.diff() < 0).all()


def test_a_window_of_whole_frames_gains_none_by_rounding() -> None:
    for frames in range(1, 65):
        assert TOY.latents_shape(frames * 2048 / 44100) == (1, 32, frames)


def test_too_long_a_window_says_what_to_do() -> None:
    with pytest.raises(InvalidRequestError, match=r"3\.0 s is the longest .* asked for 60\.0 s\."):
        TOY.latents_shape(60.0)


def test_it_listens_to_no_prompt() -> None:
    conditioning = TOY.encode_text("angry techno", seconds=2.0, context=MusicalContext())
    assert conditioning == NOTHING
