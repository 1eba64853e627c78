"""Where new material goes."""

import pytest
import torch

from engine.layout import Layout, lay_out, on_timeline
from engine.models.music_model import MusicalContext
from engine.requests import Clip, Request

CLIP = Clip(torch.arange(1.0, 8001)[None], 8000)
NO_CONTEXT = MusicalContext()


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("after", Layout(12000, 0, ((8000, 12000),))),
        ("before", Layout(12000, 4000, ((0, 4000),))),
        ("both", Layout(16000, 4000, ((0, 4000), (12000, 16000)))),
    ],
)
def test_outpainting_adds_a_stretch_per_side(side: str, expected: Layout) -> None:
    assert lay_out(Request("outpaint", seconds=0.5, side=side), CLIP, NO_CONTEXT) == expected


def test_inpainting_keeps_the_length_and_joins_touching_regions() -> None:
    request = Request("inpaint", regions=((0.5, 0.6), (0.1, 0.2), (0.2, 0.3)))
    assert lay_out(request, CLIP, NO_CONTEXT) == Layout(8000, 0, ((800, 2400), (4000, 4800)))


@pytest.mark.parametrize(
    ("clip_seconds", "bpm", "loop_seconds"),
    [
        (6.0, 120.0, 8.0),
        (8.0, 120.0, 10.0),
        (7.0, 120.0, 8.0),
        (7.01, 120.0, 10.0),
        (5.0, None, 7.0),
    ],
)
def test_a_loop_is_rounded_up_to_whole_bars_with_a_bridge_of_a_second(
    clip_seconds: float, bpm: float | None, loop_seconds: float
) -> None:
    clip = Clip(torch.ones(1, round(clip_seconds * 8000)), 8000)
    layout = lay_out(Request("loop"), clip, MusicalContext(bpm=bpm))
    assert layout.samples == round(loop_seconds * 8000)


def test_after_a_loop_comes_the_clip_again() -> None:
    layout = lay_out(Request("loop", seconds=0.5), CLIP, NO_CONTEXT)
    heard = on_timeline(CLIP, layout, (0, layout.timeline))
    assert heard.equal(torch.cat([CLIP.audio, torch.zeros(1, 4000), CLIP.audio], -1))


def test_a_stretch_of_the_timeline_is_cut_from_it() -> None:
    layout = lay_out(Request("outpaint", seconds=0.5, side="both"), CLIP, NO_CONTEXT)
    whole = on_timeline(CLIP, layout, (0, layout.samples))
    assert on_timeline(CLIP, layout, (3000, 13000)).equal(whole[:, 3000:13000])
