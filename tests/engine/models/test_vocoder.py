"""The vocoder before any training, and decoding with it."""

import torch

from engine.models.mel_bank import mel_bank
from engine.models.mel_codec import MelCodec
from engine.models.vocoder import Vocoder

SMALL = {"n_fft": 512, "mid_bins": 16, "side_bins": 4}


def codec() -> MelCodec:
    """A small codec that loses nothing but what mel bands lose."""
    made = MelCodec(**SMALL, hop=128, latent_channels=160)
    made.components.copy_(torch.eye(160))
    return made


def vocoder() -> Vocoder:
    torch.manual_seed(0)
    return Vocoder(**SMALL, width=16, hidden=16, distances=(1,))


def clip() -> torch.Tensor:
    return torch.randn(1, 2, 16384, generator=torch.Generator().manual_seed(1)) * 0.1


def latents() -> torch.Tensor:
    return codec().features_to_latents(codec().encode_features(clip()))


def test_what_ships_is_at_most_4_million_parameters_and_8_megabytes() -> None:
    count = sum(p.numel() for p in Vocoder().parameters())
    assert count < 4e6
    assert 2 * count < 8e6


def test_a_flat_spectrum_is_flat_before_anything_is_learned() -> None:
    fresh = vocoder()
    torch.nn.init.zeros_(fresh.last.weight)
    mels = torch.cat([mel_bank(44100, 512, bins).sum(dim=1) for bins in (16, 4)])
    features = 20 * torch.log10(2.5 * mels + 1e-3)[None, :, None].expand(1, 20, 8)
    sketch = fresh(features)
    assert sketch.mid.allclose(torch.tensor(2.5), rtol=1e-3)
    assert sketch.side.allclose(torch.tensor(2.5), rtol=1e-3)


def test_silence_stays_silent_and_has_a_finite_gradient() -> None:
    silent = MelCodec()
    silent.mean.fill_(-60)
    silent.components.copy_(torch.eye(192, 1280))
    still = torch.zeros(1, 192, 4, requires_grad=True)
    audio = silent.decode(still, vocoder=Vocoder())
    # 16-bit audio is as loud in its last bit.
    assert audio.square().mean().sqrt() < 10 ** (-75 / 20)
    audio.square().sum().backward()
    assert still.grad is not None
    assert still.grad.isfinite().all()


def test_louder_features_are_louder_audio_to_the_gradient_too() -> None:
    x = latents().requires_grad_()
    codec().decode(x, vocoder=vocoder()).square().sum().backward()
    assert x.grad is not None
    # The components are the features themselves: most decibels more are more energy.
    assert (x.grad > 0).float().mean() > 0.9


def test_the_same_latents_are_the_same_audio() -> None:
    one, other = (codec().decode(latents(), vocoder=vocoder()) for _ in range(2))
    assert torch.equal(one, other)


def test_some_frames_are_sketched_as_they_are_among_all() -> None:
    features = codec().encode_features(clip())
    fresh, frames = vocoder(), slice(3, -2, 3)
    some, every = fresh(features, frames), fresh(features)
    assert some.mid.allclose(every.mid[..., frames], rtol=1e-4)
    assert some.advance.allclose(every.advance[..., frames], atol=1e-5)


def test_known_audio_comes_back_where_it_is_kept() -> None:
    keep = torch.ones(16384)
    keep[6000:9000] = 0
    made = codec().decode(latents(), clip(), keep, vocoder=vocoder())
    # Windows that lie in kept samples alone are kept.
    assert (made - clip())[..., : 6000 - 512].abs().max() < 1e-5
    assert (made - clip())[..., 9000 + 512 :].abs().max() < 1e-5
    assert (made - clip())[..., 6500:8500].abs().max() > 1e-2
