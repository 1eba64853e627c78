"""The click detector detects clicks."""

import math

import torch

from engine.evaluation.seams import seam_report
from engine.shapes import Samples

RATE = 22050


def music(samples: int = 2 * RATE) -> Samples:
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(samples) / RATE
    swell = 0.5 + 0.4 * torch.sin(2 * math.pi * 2 * time)
    tone = torch.sin(2 * math.pi * 220 * time) + torch.sin(2 * math.pi * 331 * time)
    return (0.2 * swell * tone + 0.001 * torch.randn(samples, generator=generator))[None]


def test_an_ordinary_place_in_the_music_is_no_seam() -> None:
    for report in seam_report(music(), RATE, [5000, 22222, 40000]):
        assert report.jump_percentile < 99.9
        assert report.flux_percentile < 99.9


def test_a_cut_is_a_seam_by_both_measures() -> None:
    audio = music()
    audio[:, 20000:] = audio[:, 20000:].flip(-1) + 0.2
    (report,) = seam_report(audio, RATE, [20000], reference=music())
    assert report.jump_percentile == 100
    assert report.flux_percentile > 99


def test_position_0_is_where_a_loop_meets_itself() -> None:
    audio = music(RATE)  # whole periods of both tones and of the swell
    (whole,) = seam_report(audio, RATE, [0])
    (cut,) = seam_report(audio + torch.linspace(0, 0.3, RATE), RATE, [0], reference=audio)
    assert whole.jump_percentile < 99.9
    assert cut.jump_percentile == 100


def test_the_jump_is_the_step_between_the_two_samples() -> None:
    audio = torch.zeros(2, 4000)
    audio[1, 2000:] = 0.25
    (report,) = seam_report(audio, RATE, [2000])
    assert report.jump == 0.25


def drum(samples: int) -> Samples:
    time = torch.arange(samples) / RATE
    return 0.5 * torch.sin(2 * math.pi * 60 * time) * torch.exp(-8 * time)


def test_an_attack_at_the_seam_is_no_burst() -> None:
    audio = music(RATE)
    audio[0] += drum(RATE)
    (report,) = seam_report(audio, RATE, [0], reference=music())
    assert report.flux_percentile == 100
    assert report.burst_percentile < 99


def test_a_click_is_a_burst() -> None:
    audio = music()
    audio[:, 20000:20003] += 0.3
    (report,) = seam_report(audio, RATE, [20000], reference=music())
    assert report.burst_percentile == 100
