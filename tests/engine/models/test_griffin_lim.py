"""Phases from magnitudes."""

import librosa
import torch

from engine.models.griffin_lim import griffin_lim, mel_to_magnitude

WINDOW = torch.hann_window(1024)


def magnitude(signal: torch.Tensor) -> torch.Tensor:
    return torch.stft(signal, 1024, 256, window=WINDOW, return_complex=True).abs()[..., :-1]


def chord() -> torch.Tensor:
    time = torch.arange(16384) / 22050
    return sum(torch.sin(2 * torch.pi * f * time) for f in (220.0, 277.2, 329.6))[None] / 3  # type: ignore[union-attr]


def convergence(rounds: int) -> float:
    wanted = magnitude(chord())
    made = griffin_lim(wanted, window=WINDOW, hop=256, samples=16384, iterations=rounds)
    return float((magnitude(made) - wanted).norm() / wanted.norm())


def test_more_rounds_come_closer_to_the_magnitudes() -> None:
    assert convergence(32) < 0.5 * convergence(1)
    assert convergence(32) < 0.2


def test_from_the_right_phases_no_round_is_needed() -> None:
    spectrum = torch.stft(chord(), 1024, 256, window=WINDOW, return_complex=True)[..., :-1]
    phases = torch.sgn(spectrum)
    made = griffin_lim(
        spectrum.abs(), window=WINDOW, hop=256, samples=16384, iterations=0, phases=phases
    )
    # The last frame is not among the magnitudes.
    assert made[:, :-1024].allclose(chord()[:, :-1024], atol=1e-4)


def test_the_same_magnitudes_make_the_same_sound() -> None:
    wanted = magnitude(chord())
    one, other = (
        griffin_lim(wanted, window=WINDOW, hop=256, samples=16384, iterations=2) for _ in range(2)
    )
    assert torch.equal(one, other)


def test_the_linear_magnitudes_have_the_mel_they_were_made_from() -> None:
    bank = torch.from_numpy(librosa.filters.mel(sr=22050, n_fft=1024, n_mels=40))
    mel = bank @ magnitude(chord())
    again = bank @ mel_to_magnitude(mel, bank, torch.linalg.pinv(bank))
    assert (again - mel).norm() / mel.norm() < 0.02


def test_the_linear_magnitudes_of_silence_have_a_finite_gradient() -> None:
    bank = torch.from_numpy(librosa.filters.mel(sr=22050, n_fft=1024, n_mels=40))
    mel = torch.zeros(1, 40, 8, requires_grad=True)
    mel_to_magnitude(mel, bank, torch.linalg.pinv(bank)).sum().backward()
    assert mel.grad is not None
    assert mel.grad.isfinite().all()


def test_twice_the_magnitude_is_twice_the_audio_to_the_gradient_too() -> None:
    wanted = magnitude(chord()).requires_grad_()
    made = griffin_lim(wanted, window=WINDOW, hop=256, samples=16384, iterations=4)
    energy = made.square().sum()
    energy.backward()
    assert wanted.grad is not None
    # Euler: audio is of degree 1 in the magnitudes while phases stay, so its energy is of degree 2.
    torch.testing.assert_close((wanted.grad * wanted).sum(), 2 * energy)
