"""Phases from how they turn: with the true turns, the true phases."""

import pytest
import torch

from engine.models.phase_sweep import sweep

SIZE, HOP = 256, 64
WINDOW = torch.hann_window(SIZE)


def spectrum() -> torch.Tensor:
    """Two tones and some noise, (1, bins, frames)."""
    time = torch.arange(4096) / 22050
    noise = torch.randn(4096, generator=torch.Generator().manual_seed(0)) * 0.1
    tones = torch.sin(2 * torch.pi * 440 * time) + torch.sin(2 * torch.pi * 3000.5 * time)
    return torch.stft((tones + noise)[None], SIZE, HOP, window=WINDOW, return_complex=True)


def turns(spectrum: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how the phases of a spectrum turn: since the frame before, to the next bin."""
    phases = torch.sgn(spectrum)
    advance, slope = torch.zeros_like(phases), torch.zeros_like(phases)
    advance[..., 1:] = phases[..., 1:] * phases[..., :-1].conj()
    slope[:, :-1] = phases[:, 1:] * phases[:, :-1].conj()
    return advance, slope


def test_true_turns_give_the_true_phases_but_for_where_they_begin() -> None:
    wanted = spectrum()
    made = sweep(wanted.abs(), *turns(wanted))
    apart = made * torch.sgn(wanted).conj()
    assert (apart - apart[0, 0, 0]).abs().max() < 1e-3
    assert made.abs().allclose(torch.ones(()))


def test_a_gap_goes_on_from_both_of_its_edges() -> None:
    wanted = spectrum()
    fixed = torch.ones(wanted.shape[-1], dtype=torch.bool)
    fixed[20:33] = False
    made = sweep(wanted.abs(), *turns(wanted), known=wanted, fixed=fixed)
    assert (made - torch.sgn(wanted)).abs().max() < 1e-3

    # Turns that say nothing true do so on either side of the middle, not across it.
    advance, slope = turns(wanted)
    advance[..., 26] = -advance[..., 26]
    left = sweep(wanted.abs(), advance, torch.zeros_like(slope), known=wanted, fixed=fixed)
    wrong = (left - torch.sgn(wanted)).abs().amax(dim=(0, 1)) > 1
    assert wrong.nonzero().flatten().tolist() == [26]


def test_what_is_known_at_one_end_only_leads_everything() -> None:
    wanted = spectrum()
    frames = torch.arange(wanted.shape[-1])
    for fixed in (frames < 5, frames > 50):
        made = sweep(wanted.abs(), *turns(wanted), known=wanted, fixed=fixed)
        assert (made - torch.sgn(wanted)).abs().max() < 1e-3


def test_what_follows_known_silence_has_phases_too() -> None:
    wanted = spectrum()
    fixed = torch.arange(wanted.shape[-1]) < 5
    known = torch.where(fixed, 0, wanted)
    made = sweep(wanted.abs(), *turns(wanted), known=known, fixed=fixed)
    assert made.abs().allclose(torch.ones(()))


@pytest.mark.parametrize("level", [0.0, 1e-43, 1e-20])
def test_silence_has_phases_too(level: float) -> None:
    nothing = torch.full((1, 129, 8), level)
    made = sweep(nothing, *turns(spectrum()[..., :8]))
    assert made.abs().allclose(torch.ones(()))
