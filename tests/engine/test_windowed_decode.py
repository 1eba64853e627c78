"""Decoding in windows is decoding: the same audio and the same gradient."""

import pytest
import torch
from diffusers import AutoencoderOobleck
from torch import Tensor, nn

from engine.errors import InvalidRequestError
from engine.windowed_decode import Decoder, decode_windowed


class ConvolutionDecoder:
    """Two convolutions that hear 1 + 2 latent frames to each side, then 4 samples per frame."""

    hop_length = 4
    halo = 3

    def __init__(self) -> None:
        torch.manual_seed(0)
        layers = nn.Sequential(
            nn.Conv1d(3, 8, 3, padding=1),
            nn.Tanh(),
            nn.Conv1d(8, 8, 5, padding=2),
            nn.Tanh(),
            nn.ConvTranspose1d(8, 2, 4, stride=4),
        )
        self.layers = layers.double().requires_grad_(False)

    def decode(self, latents: Tensor) -> Tensor:
        audio: Tensor = self.layers(latents)
        return audio


class OobleckDecoder:
    """Stable Audio's decoder, small and untrained. Its halo is measured, not looked up."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        vae = AutoencoderOobleck(
            encoder_hidden_size=4,
            downsampling_ratios=[2, 4],
            channel_multiples=[1, 2],
            decoder_channels=4,
            decoder_input_channels=3,
        )
        self.vae = vae.double().requires_grad_(False).eval()
        self.hop_length = 8
        self.halo = receptive_field(self)

    def decode(self, latents: Tensor) -> Tensor:
        audio: Tensor = self.vae.decode(latents).sample
        return audio


def receptive_field(model: "OobleckDecoder") -> int:
    """Latent frames to each side that change the audio of one frame, by the gradient."""
    latents = torch.randn(1, 3, 81, dtype=torch.float64, requires_grad=True)
    audio = model.decode(latents)[..., 40 * model.hop_length : 41 * model.hop_length]
    heard = torch.autograd.grad(audio.square().sum(), latents)[0].abs().sum((0, 1)).nonzero()
    return int((heard - 40).abs().max())


@pytest.fixture(params=[ConvolutionDecoder, OobleckDecoder])
def model(request: pytest.FixtureRequest) -> Decoder:
    decoder: Decoder = request.param()
    return decoder


def latents(frames: int = 50) -> Tensor:
    return torch.randn(1, 3, frames, dtype=torch.float64)


@pytest.mark.parametrize("window", [1, 7, 16, 50, 64])
def test_windows_decode_to_the_audio_of_one_piece(model: Decoder, window: int) -> None:
    z = latents()
    assert decode_windowed(model, z, window=window).allclose(model.decode(z), rtol=0, atol=1e-12)


def test_a_stretch_is_the_same_stretch_of_the_whole(model: Decoder) -> None:
    z, hop = latents(), model.hop_length
    stretch = decode_windowed(model, z, window=8, start=11, end=37)
    assert stretch.allclose(model.decode(z)[..., 11 * hop : 37 * hop], rtol=0, atol=1e-12)


def test_the_gradient_is_that_of_one_piece(model: Decoder) -> None:
    z = latents().requires_grad_()
    whole, windowed = (
        torch.autograd.grad(audio.pow(4).sum(), z)[0]
        for audio in (model.decode(z), decode_windowed(model, z, window=9))
    )
    assert windowed.allclose(whole, rtol=1e-12, atol=1e-12)


def test_with_less_context_than_the_halo_the_seams_are_wrong(model: Decoder) -> None:
    z = latents()
    model.halo -= 1
    assert not decode_windowed(model, z, window=9).allclose(model.decode(z), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("start", "end", "window"), [(5, 5, 8), (0, 51, 8), (-1, 9, 8), (0, 9, 0)])
def test_a_stretch_outside_the_latents_is_refused(start: int, end: int, window: int) -> None:
    with pytest.raises(InvalidRequestError, match=r"there are 50\. Choose 0 <= start"):
        decode_windowed(ConvolutionDecoder(), latents(), window=window, start=start, end=end)
