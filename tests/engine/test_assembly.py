"""The contract with the producer: length, format, every old bit, no click."""

import math
from collections.abc import Callable

import pytest
import torch

from engine.assembly import assemble
from engine.canvas import Canvas, open_canvas, paste
from engine.evaluation.seams import seam_report
from engine.layout import Layout, lay_out, on_timeline
from engine.matching import audio_levels
from engine.models.music_model import MusicalContext
from engine.requests import Clip, Request
from engine.shapes import Samples
from engine.windows import Reach, plan_windows

MODEL_RATE = 44100
REACH = Reach(window=131072, overlap=44100, most_overlap=44100, guard=220)
RATES = (8000, 22050, 44100, 48000, 96000, 192000)
REQUESTS = (
    Request("outpaint", seconds=0.3333, side="after"),
    Request("outpaint", seconds=0.3333, side="before"),
    Request("outpaint", seconds=2.5, side="both"),
    Request("inpaint", regions=((0.2, 0.3), (0.5, 0.77))),
    Request("inpaint", regions=((0.0, 0.3),)),
    Request("loop", seconds=0.4321),
)

# time in seconds of the result -> sample value
Tone = Callable[[torch.Tensor], torch.Tensor]


def tone(time: torch.Tensor) -> torch.Tensor:
    return 0.5 * torch.sin(2 * math.pi * 440 * time)


def make_clip(rate: int, channels: int = 1, dtype: torch.dtype = torch.float64) -> Clip:
    time = torch.arange(round(1.2345 * rate), dtype=torch.float64) / rate
    return Clip(tone(time).expand(channels, -1).to(dtype).clone(), rate)


def play(clip: Clip, request: Request, model: Tone) -> tuple[Layout, Canvas, Samples]:
    """Do what a job does, with `model` in the place of the model."""
    layout = lay_out(request, clip, MusicalContext())
    canvas = open_canvas(clip, layout, sample_rate=MODEL_RATE, channels=2, reach_seconds=3.0)
    for window in plan_windows(canvas.new, canvas.audio.shape[-1], REACH):
        time = (torch.arange(window.samples) + window.start) / MODEL_RATE + canvas.origin
        time -= layout.clip_start / clip.sample_rate
        made = model(time.double()).float().expand(2, -1)
        known, keep_mask = canvas.window(window, window.samples)
        canvas = paste(canvas, window, made, audio_levels(known, made, keep_mask, 2048))
    return layout, canvas, assemble(clip, layout, canvas)


def is_old(layout: Layout) -> torch.Tensor:
    old = torch.ones(layout.samples, dtype=torch.bool)
    for start, end in layout.new:
        old[start:end] = False
    return old


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("channels", "dtype"), [(1, torch.float32), (2, torch.float64)])
def test_length_and_channels_are_exact_and_every_old_bit_stays(
    rate: int, channels: int, dtype: torch.dtype
) -> None:
    clip = make_clip(rate, channels, dtype)
    for request in REQUESTS:
        layout, _, result = play(clip, request, tone)
        assert result.dtype == dtype
        assert result.shape == (channels, layout.samples)
        assert result.isfinite().all()
        before = on_timeline(clip, layout, (0, layout.samples))
        assert torch.equal(result[:, is_old(layout)], before[:, is_old(layout)])


@pytest.mark.parametrize("rate", RATES)
def test_a_model_that_goes_on_with_the_sine_is_heard_as_one_sine(rate: int) -> None:
    clip = make_clip(rate)
    layout, _, result = play(clip, Request("outpaint", seconds=0.5, side="both"), tone)
    time = (torch.arange(layout.samples) - layout.clip_start).double() / rate
    # The very ends meet nothing; 20 ms of them are the fade of the resampler.
    inner = slice(round(0.02 * rate), -round(0.02 * rate))
    assert (result[0] - tone(time))[inner].abs().max() < 0.02


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: f"{r.task} {r.side}")
def test_a_model_out_of_phase_and_too_loud_leaves_no_click(rate: int, request_: Request) -> None:
    clip = make_clip(rate)

    def shifted(time: torch.Tensor) -> torch.Tensor:
        return 1.7 * tone(time + 0.0007)

    _, _, result = play(clip, request_, shifted)
    largest = clip.audio.diff().abs().max()
    assert result.diff().abs().max() < 1.05 * largest


def test_a_loop_meets_its_start() -> None:
    clip = make_clip(44100)
    _, _, result = play(clip, Request("loop", seconds=0.4321), lambda time: tone(time + 0.001))
    four = result.repeat(1, 4)
    assert four.diff().abs().max() < 1.05 * clip.audio.diff().abs().max()
    (seam,) = seam_report(result, 44100, [0], reference=clip.audio)
    assert seam.jump <= clip.audio.diff().abs().max()


def test_the_new_material_has_the_level_of_the_clip() -> None:
    clip = make_clip(44100)
    layout, _, result = play(clip, REQUESTS[0], lambda time: 0.6 * tone(time))
    new = result[:, layout.new[0][0] :]
    assert float(new.std() / clip.audio.std()) == pytest.approx(1, rel=0.02)


def test_leveling_does_not_go_beyond_full_scale() -> None:
    clip = make_clip(44100)
    louder = Clip(1.9 * clip.audio, 44100)

    def peaky(time: torch.Tensor) -> torch.Tensor:
        # As soft as 0.55 of the clip, with one peak where the new material is.
        return 0.55 * tone(time) + 0.9 * torch.exp(-(((time - 1.4) / 0.01) ** 2))

    _, _, result = play(louder, REQUESTS[0], peaky)
    assert result.abs().max() < 1.05


def test_beside_silence_nothing_blows_up() -> None:
    clip = Clip(torch.zeros(2, 44100), 44100)
    for request in REQUESTS:
        _, _, result = play(clip, request, tone)
        assert result.isfinite().all()
        assert result.abs().max() <= 0.51


def test_the_model_hears_mono_on_both_channels_and_answers_in_mono() -> None:
    layout = lay_out(REQUESTS[0], make_clip(48000), MusicalContext())
    canvas = open_canvas(
        make_clip(48000), layout, sample_rate=MODEL_RATE, channels=2, reach_seconds=3.0
    )
    assert torch.equal(canvas.audio[0], canvas.audio[1])
    assert assemble(make_clip(48000), layout, canvas).shape[0] == 1


def test_regions_that_touch_at_the_models_rate_are_one_there() -> None:
    clip = Clip(torch.zeros(1, 3 * 192000), 192000)
    request = Request("inpaint", regions=((1.0, 1.5), (1.500005, 2.0)))
    layout = lay_out(request, clip, MusicalContext())
    canvas = open_canvas(clip, layout, sample_rate=MODEL_RATE, channels=2, reach_seconds=3.0)
    assert len(layout.new) == 2
    assert canvas.new == ((MODEL_RATE, 2 * MODEL_RATE),)


def test_a_long_clip_is_opened_around_the_edit_only() -> None:
    clip = Clip(torch.zeros(1, 60 * 8000), 8000)
    layout = lay_out(Request("inpaint", regions=((40.5, 41.0),)), clip, MusicalContext())
    canvas = open_canvas(clip, layout, sample_rate=MODEL_RATE, channels=2, reach_seconds=3.0)
    assert canvas.origin == 37
    assert canvas.new == ((round(3.5 * MODEL_RATE), 4 * MODEL_RATE),)
    assert canvas.audio.shape[-1] == 7 * MODEL_RATE
