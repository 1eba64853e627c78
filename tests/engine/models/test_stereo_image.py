"""Side beside mid: balance without context, the clip's own balance with it."""

import torch

from engine.models.stereo_image import balance, side_from_mid

WINDOW = torch.hann_window(1024)
SAMPLES = 32768


def noise(seed: int) -> torch.Tensor:
    return torch.randn(1, SAMPLES, generator=torch.Generator().manual_seed(seed)) * 0.1


def spectrum(signal: torch.Tensor) -> torch.Tensor:
    return torch.stft(signal, 1024, 256, window=WINDOW, return_complex=True)


def magnitude(signal: torch.Tensor) -> torch.Tensor:
    return spectrum(signal).abs()[..., :-1]


def test_without_context_both_speakers_are_equally_loud() -> None:
    mid = noise(0)
    side = side_from_mid(magnitude(mid) / 2, mid, window=WINDOW, hop=256)
    left, right = (mid + side).square().sum(), (mid - side).square().sum()
    torch.testing.assert_close(left, right, rtol=0.02, atol=0)
    # A quarter of a period apart, powers add.
    torch.testing.assert_close(left, mid.square().sum() * 1.25, rtol=0.02, atol=0)


def test_music_of_the_left_speaker_goes_on_there() -> None:
    # Left alone: side equals mid. The right speaker is silent in the clip, and stays so.
    mid = noise(1)
    keep = torch.zeros(SAMPLES)
    keep[: SAMPLES // 2] = 1
    for sign in (1, -1):
        side = side_from_mid(
            magnitude(mid), mid, window=WINDOW, hop=256, known=(mid, sign * mid), keep_mask=keep
        )
        # The features leave out the last frame, so the last half window is a guess.
        assert (sign * side - mid)[..., :-1024].abs().max() < 1e-4


def test_the_balance_is_the_cosine_between_mid_and_side() -> None:
    everywhere = torch.ones(spectrum(noise(0)).shape[-1], dtype=torch.bool)
    mid = spectrum(noise(2))
    for angle in (0.0, 1.0, 2.5):
        turned = balance(mid, 0.3 * torch.exp(torch.tensor(1j * angle)) * mid, everywhere)
        torch.testing.assert_close(turned, torch.full_like(turned, angle).cos())
    nothing = balance(mid, torch.zeros_like(mid), everywhere)
    assert not nothing.any()
    # Of unrelated sides, little is left of |r| = 1.
    assert balance(mid, spectrum(noise(3)), everywhere).abs().mean() < 0.2


def test_known_side_comes_back_where_it_is_kept() -> None:
    mid, known_side = noise(4), noise(5)
    keep = torch.zeros(SAMPLES)
    keep[: SAMPLES // 2] = 1
    side = side_from_mid(
        magnitude(mid), mid, window=WINDOW, hop=256, known=(mid, known_side), keep_mask=keep
    )
    assert (side - known_side)[..., : SAMPLES // 2 - 1024].abs().max() < 1e-5


def test_side_without_mid_is_heard() -> None:
    silent = torch.zeros(1, SAMPLES)
    side = side_from_mid(magnitude(noise(6)), silent, window=WINDOW, hop=256)
    assert side.square().mean() > 0.1 * noise(6).square().mean()


def test_the_gradient_of_the_energy_obeys_eulers_theorem() -> None:
    wanted = magnitude(noise(7)).requires_grad_()
    energy = side_from_mid(wanted, noise(8), window=WINDOW, hop=256).square().sum()
    energy.backward()
    assert wanted.grad is not None
    # Audio is of degree 1 in the magnitudes while phases stay, so its energy is of degree 2.
    torch.testing.assert_close((wanted.grad * wanted).sum(), 2 * energy)
