"""Whole jobs with controls, on the toy model: what is asked is heard, where it is asked."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.controls import (
    Control,
    Intensity,
    Melody,
    Note,
    Reference,
    Repeat,
    Section,
    Structure,
)
from engine.errors import InvalidRequestError
from engine.job import kind
from engine.listening import Listening
from engine.models.music_model import MusicalContext
from engine.models.toy import ToyModel
from engine.preparation import prepare
from engine.requests import Clip, Request, Start
from engine.results import TaskResult
from engine.task_state import TaskState
from engine.tasks import perform
from engine.window_job import WindowJob
from tests.engine.test_tasks import CLIP, on_disk

MODEL = ToyModel()
RISE = Intensity(points=((0.0, -40.0), (2.5, -20.0)))
FORM = Structure(sections=(Section("A", 2.0), Section("B", 2.0), Section("A", 1.0)))
TUNE = Melody(notes=(Note(0.0, 1.2, 69), Note(1.2, 2.5, 73)))


def music(*controls: Control, seconds: float = 2.5, quality: str = "draft") -> Request:
    return Request("generate", seconds=seconds, quality=quality, controls=controls)


def run(request: Request, clip: Clip | None = None, resume: TaskState | None = None) -> TaskResult:
    *_, last = perform(request, clip, MODEL, resume=resume)
    assert last.result is not None
    return last.result


def level_db(audio: Tensor) -> float:
    return float(10 * audio.square().mean().log10())


def test_an_asked_rise_is_heard() -> None:
    audio = run(replace(music(RISE), quality="normal")).takes[0].audio
    quarters = [level_db(part) for part in audio.chunk(4, dim=-1)]
    assert quarters == sorted(quarters)
    assert quarters[3] - quarters[0] > 10


@pytest.mark.parametrize("control", [RISE, replace(RISE, match="shape"), TUNE, FORM], ids=str)
def test_a_control_falls_and_is_measured(control: Control) -> None:
    name = kind(control)
    result = run(music(control, seconds=5.0 if control is FORM else 2.5))
    (take,) = result.takes
    assert take.losses[name] < 0.9 * take.first_losses[name]
    assert name in {c.name for c in result.curves} | {m.name for m in result.matrices}
    for curve in result.curves:
        assert len(curve.seconds) == len(curve.target) == len(curve.measured) <= 512
    for matrix in result.matrices:
        assert matrix.target.shape == matrix.measured.shape == (64, 64)


def test_frames_outside_the_region_have_no_say() -> None:
    early = replace(RISE, region=(0.0, 1.0))
    elsewhere = replace(early, points=((0.0, -40.0), (1.0, -32.0), (1.5, -10.0), (2.5, -60.0)))
    one, other = run(music(early)), run(music(elsewhere))
    assert torch.equal(one.takes[0].audio, other.takes[0].audio)
    assert max(one.curves[0].seconds) < 1.0


def test_a_control_counts_in_new_material_only() -> None:
    job, _ = prepare(
        Request("outpaint", seconds=1.0, controls=(replace(RISE, points=((0, -40), (2.5, -20))),)),
        CLIP,
        MODEL,
    )
    window = WindowJob(job, job.windows[0], job.canvas)
    mask = window.objectives["intensity"].mask[0] > 0  # type: ignore[attr-defined]
    step = Listening(MODEL).hop / MODEL.sample_rate
    begins = job.canvas.origin + job.windows[0].start / MODEL.sample_rate
    asked = begins + mask.nonzero()[:, 0] * step
    assert 1.5 - 1e-3 <= float(asked.min()) < 1.5 + 2 * step
    assert 2.5 - 2 * step < float(asked.max()) <= 2.5


def test_structure_over_several_windows_remembers_the_first() -> None:
    job, _ = prepare(music(FORM, seconds=5.0), None, MODEL)
    assert len(job.windows) > 1
    first = WindowJob(job, job.windows[0], job.canvas)
    canvas, _ = first.place(first.player.music(job.fresh_noise(0, 0)))
    second = WindowJob(job, job.windows[1], canvas).objectives["structure"]
    before = second.before  # type: ignore[attr-defined]
    assert before is not None
    assert before.shape[-1] > 0
    # A's second time is compared with its first, which lies before this window.
    mask = second.mask[0]  # type: ignore[attr-defined]
    assert mask[: before.shape[-1], before.shape[-1] :].any()
    assert not mask[: before.shape[-1], : before.shape[-1]].any()


def test_a_window_searches_for_what_is_asked_in_it() -> None:
    early = replace(TUNE, notes=(Note(0.0, 1.0, 69),))
    late = replace(RISE, points=((4.0, -40.0), (5.0, -20.0)))
    job, _ = prepare(music(early, late, seconds=5.0), None, MODEL)
    first, *_, last = job.windows
    assert job.kinds(first) == {"melody", "texture"}
    assert job.kinds(last) == {"overlap", "intensity", "texture"}


def test_a_form_counts_where_its_sections_have_labels() -> None:
    half = Structure(sections=(Section("A", 0.5), Section("B", 0.5)))
    job, _ = prepare(music(half, seconds=5.0), None, MODEL)
    assert "structure" in job.kinds(job.windows[0])
    assert "structure" not in job.kinds(job.windows[-1])


def test_recordings_are_read_before_the_search() -> None:
    control = Intensity(reference=Reference(CLIP.audio, CLIP.sample_rate))
    job, _ = prepare(music(control), None, MODEL)
    (read,) = job.request.controls
    assert isinstance(read, Intensity)
    assert read.reference is None
    assert job.controls == (read,)


def test_the_paper_asks_for_no_texture() -> None:
    job, _ = prepare(music(TUNE), None, MODEL)
    assert "texture" in job.kinds(job.windows[0])
    paper = replace(job, request=replace(job.request, quality="paper"))
    assert paper.kinds(job.windows[0]) == {"melody"}


def test_each_of_two_curves_ends_the_search_at_its_threshold() -> None:
    later = Intensity(points=((1.0, -30.0), (2.0, -30.0)))
    early = replace(later, points=((0.0, -30.0), (0.5, -30.0)))
    job, _ = prepare(music(early, later), None, MODEL)
    thresholds = WindowJob(job, job.windows[0], job.canvas).settings.thresholds
    assert thresholds["intensity"] == thresholds["intensity 2"]


def test_a_form_shorter_than_a_moment_has_no_matrix() -> None:
    at = 1.0 + 0.1 * Listening(MODEL).hop / MODEL.sample_rate
    form = Structure(sections=(Section("A", 1e-4), Section("B", 1e-4)), region=(at, at + 2e-4))
    assert run(music(form)).matrices == ()


def test_a_repetition_is_exact() -> None:
    (take,) = run(music(Repeat(period=1.0), seconds=3.5)).takes
    period = MODEL.sample_rate
    assert take.audio.shape[-1] == round(3.5 * MODEL.sample_rate)
    for start in (period, 2 * period):
        assert torch.equal(take.audio[:, :period], take.audio[:, start : start + period])
    assert torch.equal(take.audio[:, : period // 2], take.audio[:, 3 * period :])
    steps = take.audio.diff(dim=-1).abs()
    assert steps[:, period - 1].max() <= steps.max()
    assert take.losses["repeat"] < take.first_losses["repeat"]


def test_a_repetition_in_bars_lasts_bars() -> None:
    request = replace(
        music(Repeat(period=1, unit="bars"), seconds=0.0), context=MusicalContext(bpm=120.0)
    )
    assert run(request).takes[0].audio.shape[-1] == 2 * MODEL.sample_rate


VARY = Request("vary", quality="draft", strength=0.3)
LONG = Clip(torch.cat([CLIP.audio, CLIP.audio.flip(-1), CLIP.audio], -1), CLIP.sample_rate)


def distance(one: Tensor, other: Tensor) -> float:
    features = (MODEL.encode_features(audio[None].float()) for audio in (one, other))
    return float(torch.stack(list(features)).diff(dim=0).square().mean())


def test_a_variation_is_new_and_the_nearer_the_weaker() -> None:
    clip = Clip(CLIP.audio, MODEL.sample_rate)
    results = {s: run(replace(VARY, strength=s), clip).takes[0] for s in (0.0, 0.3, 1.0)}
    apart = [distance(take.audio, clip.audio) for take in results.values()]
    assert apart == sorted(apart)
    for strength, take in results.items():
        assert take.audio.shape == clip.audio.shape
        assert 0.9 < float(take.noise[0].std()) < 1.15
        # At full strength nothing of the clip's noise would be left: it is not looked for.
        assert ("clip" in take.losses) == (strength < 1)
        assert strength == 1 or take.losses["clip"] < take.first_losses["clip"]


DUCK = Request(
    "outpaint",
    seconds=3.0,
    quality="draft",
    takes=2,
    balance=True,
    controls=(
        Intensity(points=((4.5, -20.0), (6.0, -40.0))),
        Melody(notes=(Note(5.0, 6.0, 69),)),
    ),
)


@pytest.mark.parametrize(
    "request_",
    [
        replace(VARY, takes=2),
        replace(VARY, takes=2, controls=(replace(RISE, match="shape"),)),
        DUCK,
    ],
    ids=["vary", "vary with a control", "outpaint with two controls"],
)
def test_a_resumed_job_makes_the_very_same_music(request_: Request) -> None:
    whole = run(request_, LONG)
    states = [u.state for u in perform(request_, LONG, MODEL) if u.state is not None]
    for part in (1, 3, 6):
        resumed = run(request_, LONG, resume=on_disk(states[len(states) * part // 7]()))
        for a, b in zip(whole.takes, resumed.takes, strict=True):
            assert torch.equal(a.audio, b.audio)
            assert all(torch.equal(x, y) for x, y in zip(a.noise, b.noise, strict=True))
            assert (a.losses, a.first_losses, a.iterations) == (
                b.losses, b.first_losses, b.iterations)  # fmt: skip
        assert whole.curves == resumed.curves


@pytest.mark.parametrize("clip", [None, LONG], ids=["generate", "vary"])
def test_steps_never_go_back(clip: Clip | None) -> None:
    request = music(RISE) if clip is None else replace(VARY, takes=2)
    progress = [u for u in perform(request, clip, MODEL) if u.steps]
    assert [u.step for u in progress] == sorted(u.step for u in progress)
    assert progress[-1].step == progress[-1].steps


def test_the_noise_of_a_result_holds_its_music() -> None:
    result = run(music(RISE))
    job, _ = prepare(music(RISE), None, MODEL)
    window = WindowJob(job, job.windows[0], job.canvas)
    canvas, _ = window.place(window.player.music(result.takes[0].noise[0]))
    assert torch.equal(canvas.audio, result.takes[0].audio)


def test_going_on_from_noise_starts_where_the_search_ended() -> None:
    (first,) = run(music(RISE)).takes
    (more,) = run(replace(music(RISE), start=Start(first.noise))).takes
    assert more.first_losses["intensity"] == pytest.approx(first.losses["intensity"])
    assert more.losses["intensity"] <= first.losses["intensity"]


def test_resampling_makes_other_music_of_the_same_noise() -> None:
    (first,) = run(music(RISE)).takes
    request = replace(music(), takes=2, start=Start(first.noise, "resample"))
    one, other = run(request).takes
    assert not torch.equal(one.audio, other.audio)
    assert torch.equal(one.noise[0], other.noise[0])
    assert one.iterations == 0


def test_resampling_beside_a_clip_keeps_the_clip() -> None:
    request = Request("outpaint", seconds=1.0, quality="draft")
    (first,) = run(request, CLIP).takes
    (again,) = run(replace(request, start=Start(first.noise, "resample")), CLIP).takes
    kept = CLIP.audio.shape[-1]
    assert torch.equal(again.audio[:, :kept], CLIP.audio)
    assert not torch.equal(again.audio[:, kept:], first.audio[:, kept:])


def test_a_clip_of_several_windows_comes_back_at_strength_0() -> None:
    (take,) = run(replace(VARY, strength=0.0), LONG).takes
    assert len(take.noise) > 1
    assert take.audio.shape == LONG.audio.shape
    assert set(take.losses) == {"clip"}


def test_noise_of_another_shape_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="shape"):
        run(replace(music(), start=Start((torch.zeros(1, 32, 3),))))
