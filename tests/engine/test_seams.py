"""Seams, stated as facts about sines and silence."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from engine.seams import burg, crossfade, extrapolate, join
from engine.shapes import Samples

RATE = 44100


def sine(hertz: float, start: int, samples: int, phase: float = 0.0) -> Samples:
    time = torch.arange(start, start + samples, dtype=torch.float64) / RATE
    return torch.sin(2 * math.pi * hertz * time + phase)[None]


def test_burg_finds_the_filter_that_made_a_signal() -> None:
    noise = np.random.default_rng(0).standard_normal(20000)
    wanted = np.array([1.0, -1.6, 0.9])
    assert np.allclose(burg(lfilter([1.0], wanted, noise), 2), wanted, atol=0.02)


def test_a_sine_is_extrapolated_as_itself() -> None:
    continued = extrapolate(sine(440, 0, 2205), 600)
    assert continued.allclose(sine(440, 2205, 600), atol=0.02)


def test_silence_is_extrapolated_as_silence() -> None:
    assert torch.equal(extrapolate(torch.zeros(2, 500), 100), torch.zeros(2, 100))


@pytest.mark.parametrize("known", [1, 2, 3, 10])
def test_a_few_samples_are_enough_to_go_on_from(known: int) -> None:
    continued = extrapolate(torch.full((1, known), 0.5), 100)
    assert continued.isfinite().all()
    assert continued.abs().max() <= 0.5 + 1e-6


def test_noise_is_never_extrapolated_louder() -> None:
    known = torch.randn(1, 2205, generator=torch.Generator().manual_seed(0))
    assert extrapolate(known, 2000)[:, 1000:].abs().max() < known.abs().max()


def test_a_fade_between_equal_signals_changes_nothing() -> None:
    signal = sine(440, 0, 1000)
    assert crossfade(signal, signal).allclose(signal, atol=1e-9)


def test_a_fade_between_unrelated_signals_holds_the_power() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(1, 40000, generator=generator) for _ in range(2))
    power = crossfade(a, b).square().unfold(-1, 4000, 4000).mean(-1)
    assert power.allclose(torch.ones_like(power), atol=0.1)


@pytest.mark.parametrize("phase", [0.5, 1.5, math.pi, 5.0])
def test_a_sine_goes_on_shifted_without_a_larger_step(phase: float) -> None:
    before, after = sine(440, 0, 4410), sine(440, 8820, 4410)
    whole = torch.cat([before, join(before, sine(440, 4410, 4410, phase), after, RATE), after], -1)
    steps = whole.diff().abs()
    # The fade itself turns the phase by a quarter in 15 ms: 4 % of this sine's step.
    assert steps.max() < 1.05 * before.diff().abs().max()
    assert steps[0, 4409] <= before.diff().abs().max() * 1.001


def test_only_the_edges_beside_known_audio_are_touched() -> None:
    new = sine(440, 0, 4410)
    joined = join(torch.ones(1, 100).double(), new, None, RATE)
    fade = round(0.015 * RATE)
    assert not torch.equal(joined[:, :fade], new[:, :fade])
    assert torch.equal(joined[:, fade:], new[:, fade:])


def test_loud_material_after_silence_fades_in() -> None:
    joined = join(torch.zeros(1, 4410).double(), torch.ones(1, 4410).double(), None, RATE)
    assert joined[0, 0] == 0
    assert joined.max() <= 1


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_even_a_sample_can_be_joined(samples: int) -> None:
    known = sine(440, 0, 400)
    assert join(known, torch.zeros(1, samples).double(), known, RATE).shape == (1, samples)
