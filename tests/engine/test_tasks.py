"""Whole jobs on the toy model: what a producer can rely on, whatever the task."""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
import safetensors.torch
import torch

from engine.models.music_model import Conditioning, MusicalContext
from engine.models.toy import ToyModel
from engine.tasks import Clip, Request, TaskResult, TaskState, Update, perform

RATE = 48000
MODEL = ToyModel()


def make_clip(rate: int = RATE, channels: int = 2, seconds: float = 1.5) -> Clip:
    time = torch.arange(round(seconds * rate)) / rate
    pulse = 0.3 + 0.2 * torch.cos(2 * math.pi * 4 * time)
    tones = [torch.sin(2 * math.pi * hertz * time + hertz) for hertz in (110, 220, 277, 330, 440)]
    mono = 0.2 * pulse * torch.stack(tones).sum(0)
    return Clip(torch.stack([mono, 0.8 * mono.roll(50)])[:channels].clone(), rate)


CLIP = make_clip()
REQUESTS = [
    Request("outpaint", seconds=1.0, quality="draft"),
    Request("outpaint", seconds=1.25, side="before", quality="draft"),
    Request("outpaint", seconds=2.0, side="both", quality="draft"),
    Request("inpaint", regions=((0.25, 0.5), (0.75, 1.125)), quality="draft"),
    Request("loop", quality="draft", context=MusicalContext(bpm=120.0)),
    Request("generate", seconds=3.5, quality="draft"),
]
IDS = [f"{request.task} {request.side}" for request in REQUESTS]
SAMPLES = [2.5, 2.75, 5.5, 1.5, 4.0, 3.5]
by_task = pytest.mark.parametrize("request_", REQUESTS, ids=IDS)


def run(request: Request, clip: Clip | None = CLIP, resume: TaskState | None = None) -> TaskResult:
    *_, last = perform(request, None if request.task == "generate" else clip, MODEL, resume=resume)
    assert last.result is not None
    return last.result


@cache
def finished(request: Request) -> TaskResult:
    return run(request)


def updates(request: Request) -> Iterator[Update]:
    return perform(request, None if request.task == "generate" else CLIP, MODEL)


def on_disk(state: TaskState) -> TaskState:
    """Return what would be read back: copies of the tensors and the text."""
    return TaskState({k: v.clone() for k, v in state.tensors.items()}, dict(state.text))


@pytest.mark.parametrize(("request_", "seconds"), zip(REQUESTS, SAMPLES, strict=True), ids=IDS)
def test_the_length_is_exact_and_every_old_bit_stays(request_: Request, seconds: float) -> None:
    result = finished(request_)
    (take,) = result.takes
    assert take.audio.shape == (2, round(seconds * result.sample_rate))
    assert take.audio.isfinite().all()
    if request_.task != "generate":
        old = torch.ones(take.audio.shape[-1], dtype=torch.bool)
        for start, end in result.new:
            old[start:end] = False
        begin = result.clip_start
        placed = take.audio.new_zeros(take.audio.shape)
        placed[:, begin : begin + CLIP.audio.shape[-1]] = CLIP.audio
        assert torch.equal(take.audio[:, old], placed[:, old])


@by_task
def test_new_material_is_no_silence(request_: Request) -> None:
    result = finished(request_)
    for start, end in result.new:
        assert result.takes[0].audio[:, start:end].square().mean().sqrt() > 0.01


@pytest.mark.parametrize("request_", REQUESTS[:5], ids=IDS[:5])
def test_the_overlap_loss_falls(request_: Request) -> None:
    (take,) = finished(request_).takes
    assert take.losses["overlap"] < 0.8 * take.first_losses["overlap"]


@by_task
def test_a_resumed_job_makes_the_very_same_music(request_: Request) -> None:
    request_ = replace(request_, takes=2)
    whole = run(request_)
    states = [update.state for update in updates(request_) if update.state is not None]
    # In the first search, where windows and takes meet, and in the last search.
    states = [states[len(states) * part // 8] for part in (1, 4, 7)]
    for state in states:
        resumed = run(request_, resume=on_disk(state()))
        for a, b in zip(whole.takes, resumed.takes, strict=True):
            assert torch.equal(a.audio, b.audio)
            assert all(torch.equal(x, y) for x, y in zip(a.noise, b.noise, strict=True))
            assert replace(a, noise=()) == replace(b, audio=a.audio, noise=())
        assert resumed.curves == whole.curves
        assert resumed.context == whole.context


def test_a_state_survives_a_file() -> None:
    *_, state = (update.state for update in updates(REQUESTS[0]) if update.phase == "optimizing")
    assert state is not None
    file = safetensors.torch.save(state().tensors)
    resumed = run(REQUESTS[0], resume=TaskState(safetensors.torch.load(file), state().text))
    assert torch.equal(resumed.takes[0].audio, finished(REQUESTS[0]).takes[0].audio)


def test_a_state_holds_latents_and_no_audio() -> None:
    request = Request("outpaint", seconds=20.0, quality="draft")
    *_, last = (update.state for update in updates(request) if update.state is not None)
    size = sum(tensor.nbytes for tensor in last().tensors.values())
    one_channel = 20 * RATE * CLIP.audio.element_size()
    assert size < one_channel / 10


def test_a_state_may_be_written_again_before_all_is_restored() -> None:
    request = replace(REQUESTS[0], takes=2)
    *_, state = (update.state for update in updates(request) if update.state is not None)
    again = next(u.state for u in perform(request, CLIP, MODEL, resume=state()) if u.state)
    assert again().tensors.keys() == state().tensors.keys()
    assert again().text == state().text


def test_the_same_seed_makes_the_same_music() -> None:
    again = run(REQUESTS[2])
    assert torch.equal(again.takes[0].audio, finished(REQUESTS[2]).takes[0].audio)


def test_takes_differ_and_the_second_is_the_next_seed() -> None:
    first, second = run(replace(REQUESTS[0], takes=2, seed=5)).takes
    (next_seed,) = run(replace(REQUESTS[0], seed=6)).takes
    assert not torch.equal(first.audio, second.audio)
    assert torch.equal(second.audio, next_seed.audio)
    assert (first.seed, second.seed) == (5, 6)


def test_finishing_early_gives_the_best_so_far_and_begins_no_other_take() -> None:
    asked = iter([False, False, True, True, True, True])
    *_, last = perform(replace(REQUESTS[0], takes=3), CLIP, MODEL, finish=lambda: next(asked))
    assert last.result is not None
    (take,) = last.result.takes
    assert (take.stopped, take.iterations) == ("finish", 3)
    assert take.audio.isfinite().all()


def test_closing_the_generator_ends_the_job() -> None:
    job = updates(REQUESTS[0])
    while next(job).phase != "optimizing":
        pass
    job.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(job)


@by_task
def test_steps_never_go_back_and_end_at_the_total(request_: Request) -> None:
    progress = [update for update in updates(request_) if update.steps]
    assert [u.step for u in progress] == sorted(u.step for u in progress)
    assert progress[-1].step == progress[-1].steps
    assert [u.result is not None for u in progress] == [False] * (len(progress) - 1) + [True]


def test_a_preview_is_the_result_so_far() -> None:
    previews = [u.preview for u in updates(REQUESTS[0]) if u.preview is not None]
    assert previews[0]().shape == (2, round(2.5 * RATE))
    assert torch.equal(previews[-1](), finished(REQUESTS[0]).takes[0].audio)


@pytest.mark.parametrize("rate", [8000, 22050, 192000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_channels_come_back(rate: int, channels: int) -> None:
    clip = make_clip(rate, channels)
    (take,) = run(REQUESTS[3], clip).takes
    assert take.audio.shape == clip.audio.shape


def test_64_bit_clips_stay_64_bit() -> None:
    clip = Clip(CLIP.audio.double() + 1e-12, RATE)
    (take,) = run(REQUESTS[0], clip).takes
    assert torch.equal(take.audio[:, : clip.audio.shape[-1]], clip.audio)


def test_a_silent_clip_is_continued_with_a_note() -> None:
    silent = Clip(torch.zeros(1, 48000), 48000)
    *heard, last = perform(REQUESTS[0], silent, MODEL)
    assert any("silent" in update.note for update in heard)
    assert last.result is not None
    (take,) = last.result.takes
    assert take.audio.isfinite().all()
    assert (take.losses, take.iterations) == ({}, 0)
    free = run(replace(REQUESTS[5], seconds=1.0)).takes[0].audio
    assert (take.audio[:, 48000:].std() / free.std()).log2().abs() < 1


def test_the_shortest_clip_is_continued() -> None:
    assert run(REQUESTS[2], make_clip(seconds=0.1)).takes[0].audio.isfinite().all()


def test_curves_show_the_overlap_and_are_short() -> None:
    (curve,) = run(Request("outpaint", seconds=20.0, quality="draft")).curves
    assert curve.unit == "dB"
    assert 0 < len(curve.seconds) == len(curve.target) == len(curve.measured) <= 512
    assert list(curve.seconds) == sorted(curve.seconds)


class Listening(ToyModel):
    """Remembers what it was told of each window."""

    def __init__(self) -> None:
        self.told: list[tuple[float, MusicalContext]] = []

    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        self.told.append((seconds, context))
        return super().encode_text(prompt, seconds=seconds, context=context)


def test_every_window_is_told_where_its_beat_falls() -> None:
    model = Listening()
    host = MusicalContext(bpm=100.0, beat_offset=0.3, key="A minor")
    request = Request("outpaint", seconds=3.0, overlap=0.5, quality="draft", context=host)
    list(perform(request, CLIP, model))
    offsets = [context.beat_offset for _, context in model.told]
    # Windows begin half a second before their new material, at 1.5 s and 3 s.
    assert offsets[:2] == [pytest.approx(0.3 - 1.0), pytest.approx(0.3 - 2.5)]
    assert {context.key for _, context in model.told} == {"A minor"}


@pytest.mark.parametrize(("prompt", "host", "bpm"), [
    ("techno, 130 bpm", None, 130), ("techno, 130 bpm", 99.0, 99), ("techno, 999 bpm", None, None),
])  # fmt: skip
def test_a_tempo_in_the_prompt_holds_for_every_window(
    prompt: str, host: float | None, bpm: float | None
) -> None:
    model = Listening()
    context = MusicalContext(bpm=host)
    request = Request("generate", seconds=4.0, prompt=prompt, quality="draft", context=context)
    list(perform(request, None, model))
    assert model.told[0][1].bpm == bpm
    if bpm:
        assert {told.bpm for _, told in model.told} == {bpm}
        assert min(told.beat_offset or 0.0 for _, told in model.told) < -1


def test_before_the_clip_the_beat_still_counts_from_the_clip() -> None:
    model = Listening()
    host = MusicalContext(bpm=100.0, beat_offset=0.0)
    list(
        perform(
            Request("outpaint", seconds=1.0, side="before", quality="draft", context=host),
            CLIP,
            model,
        )
    )
    # The window begins 5 ms, the reach of a shift, before the result; the clip 1 s after it.
    assert model.told[0][1].beat_offset == pytest.approx(1.005, abs=1e-4)
