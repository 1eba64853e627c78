"""How the vocoder learns, on a toy: tones and noise in place of music."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.models.mel_bank import mel_bank
from engine.models.mel_codec import MelCodec
from engine.models.vocoder import Sketch, Vocoder
from engine.training.loop import Budget, begin, train
from engine.training.vocoder.clips import FULL_SCALE, Crops
from engine.training.vocoder.contest import Contest, Contestants, distance
from engine.training.vocoder.discriminators import Discriminators, mistakes
from engine.training.vocoder.sketch_loss import BANDS, Heard, sketch_losses, total
from engine.training.vocoder.sketching import Sketching

SMALL = {"n_fft": 512, "mid_bins": 16, "side_bins": 4}
HOP, SAMPLES = 128, 16 * 1024


def codec() -> MelCodec:
    made = MelCodec(**SMALL, hop=HOP, latent_channels=160)
    made.components.copy_(torch.eye(160))
    return made


def vocoder() -> Vocoder:
    torch.manual_seed(0)
    return Vocoder(**SMALL, width=16, hidden=16, distances=(1,))


def contestants() -> Contestants:
    return Contestants(vocoder(), Discriminators(width=2, windows=(128, 256)))


def crops(batch: int = 4) -> Crops:
    draw = torch.Generator().manual_seed(2)
    time = torch.arange(SAMPLES) / 44100
    pitch = 200 * 2 ** (3 * torch.rand(6, 2, 1, generator=draw))
    audio = 0.3 * torch.sin(2 * torch.pi * pitch * time)
    audio += 0.01 * torch.randn(audio.shape, generator=draw)
    latents = codec().features_to_latents(codec().encode_features(audio))
    stored = np.round(audio.numpy() * FULL_SCALE).astype(np.int16)
    return Crops(stored, latents, batch, latent_frames=6)


def a_crop() -> tuple[torch.Tensor, torch.Tensor]:
    return crops().batch_at(0, 0.0, torch.Generator().manual_seed(0))


def test_a_crop_is_heard_where_its_latents_are() -> None:
    latents, audio = a_crop()
    frames = slice(4, -4, 3)
    heard = Sketching(codec()).hear(audio, frames)

    def spectrum(channel: torch.Tensor) -> torch.Tensor:
        window = torch.hann_window(512)
        whole = torch.stft(channel, 512, HOP, window=window, return_complex=True)
        return whole[..., 8 : 8 + 48]

    mid, side = audio.mean(dim=1), (audio[:, 0] - audio[:, 1]) / 2
    assert heard.mid.allclose(spectrum(mid)[..., frames], atol=1e-5)
    assert heard.side.allclose(spectrum(side)[..., frames], atol=1e-5)
    assert heard.before.allclose(spectrum(mid)[..., 3:-5:3], atol=1e-5)
    features = codec().decode_features(latents)[:, :16, frames]
    measured = 20 * torch.log10(mel_bank(44100, 512, 16) @ heard.mid.abs() + 1e-3)
    assert features.allclose(measured, atol=0.5)


def test_the_sketch_of_the_clip_itself_has_no_loss() -> None:
    draw = torch.Generator().manual_seed(0)
    mid, before, side = (
        torch.complex(*torch.randn(2, 2, 257, 5, generator=draw)) for _ in range(3)
    )
    slope = torch.zeros_like(mid)
    slope[:, :-1] = torch.sgn(mid[:, 1:] * mid[:, :-1].conj())
    sketch = Sketch(mid.abs(), side.abs(), torch.sgn(mid * before.conj()), slope)
    bank = mel_bank(44100, 512, BANDS)
    terms = sketch_losses(sketch, Heard(mid, before, side), bank)
    assert all(float(term) < 1e-3 for term in terms.values()), terms


def test_a_turn_that_is_sometimes_one_way_and_sometimes_another_is_best_told_by_its_mean() -> None:
    before = torch.ones(1, 257, 4, dtype=torch.complex64)
    mid = before * torch.tensor([1, 1, 1, -1])

    def loss(advance: float) -> float:
        turn = torch.full_like(mid, advance)
        sketch = Sketch(mid.abs(), mid.abs(), turn, torch.zeros_like(mid))
        return float(sketch_losses(sketch, Heard(mid, before, mid), torch.ones(80, 257))["advance"])

    assert loss(0.5) == min(loss(turn / 10) for turn in range(-10, 11))


def test_twenty_steps_lower_every_term(tmp_path: Path) -> None:
    sketching = Sketching(codec())
    before = sketching.validate(vocoder(), crops())
    budget = Budget(steps=20, warm_up=2, learning_rate=5e-3, ema=0.5)
    trained = train(vocoder(), crops().batch_at, budget, tmp_path, loss_of=sketching.loss_of_run)
    after = sketching.validate(trained, crops())
    assert all(after[name] < before[name] for name in before), (before, after)


def test_the_same_audio_is_at_no_distance() -> None:
    _, audio = a_crop()
    assert distance(audio, audio) < 1e-3
    assert distance(audio * 0.9, audio) > 0.1


def test_each_side_of_the_contest_holds_the_other_still() -> None:
    contest, budget = Contest(codec()), Budget(steps=1)
    run = begin(contestants(), budget)
    latents, audio = a_crop()
    contest.loss_of_run(run, latents, audio, torch.Generator()).backward()
    judges = run.model.discriminators
    hop = codec().hop_length
    with torch.no_grad():
        played = codec().decode(latents, vocoder=run.model.vocoder)[..., hop:-hop]
    found = mistakes(judges(audio[..., 2 * hop : -2 * hop]), judges(played))
    expected = torch.autograd.grad(found, list(judges.parameters()))
    for parameter, gradient in zip(judges.parameters(), expected, strict=True):
        assert parameter.grad is not None
        assert parameter.grad.allclose(gradient, rtol=1e-3, atol=1e-6)

    alone = vocoder()
    terms = Sketching(codec()).terms(alone, latents, audio, 0)
    total(terms).backward()
    # Magnitudes also learn from the sound; turns of phase from the clip's own alone.
    ours, theirs = run.model.vocoder.last.bias.grad, alone.last.bias.grad
    assert ours is not None
    assert theirs is not None
    assert not ours[: 2 * 257].allclose(theirs[: 2 * 257], rtol=1e-2)
    assert ours[2 * 257 :].allclose(theirs[2 * 257 :], rtol=1e-3, atol=1e-6)


def test_a_contest_interrupted_and_resumed_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    budget = Budget(steps=3, save_every=0.0, learning_rate=2e-4)
    batch_at, loss_of = crops(2).batch_at, Contest(codec()).loss_of_run
    whole = train(contestants(), batch_at, budget, tmp_path / "whole", loss_of=loss_of)

    def interrupt(average: Contestants) -> dict[str, float]:
        raise KeyboardInterrupt

    cut = tmp_path / "cut"
    with pytest.raises(KeyboardInterrupt):
        train(contestants(), batch_at, budget, cut, loss_of=loss_of, validate=interrupt)
    resumed = train(contestants(), batch_at, budget, cut, loss_of=loss_of)
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_discriminators_that_learn_tell_clips_from_noise() -> None:
    _, clip = a_crop()
    noise = torch.randn(clip.shape, generator=torch.Generator().manual_seed(0)) * clip.std()
    torch.manual_seed(0)
    judges = Discriminators(width=4, windows=(256,))
    adam = torch.optim.AdamW(judges.parameters(), lr=1e-2)
    for _ in range(20):
        loss = mistakes(judges(clip), judges(noise))
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert judges(clip)[0].places.mean() > judges(noise)[0].places.mean() + 0.5
