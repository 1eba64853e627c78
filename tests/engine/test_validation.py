"""Bad requests: each is refused with a sentence that says what to do."""

import pytest
import torch

from engine.errors import InvalidRequestError
from engine.models.music_model import MusicalContext
from engine.models.toy import ToyModel
from engine.requests import Clip, Request
from engine.validation import check

RATE = 8000
CLIP = Clip(torch.ones(1, 3 * RATE), RATE)
NAN = float("nan")


def test_only_so_much_of_a_clip_is_varied_at_once() -> None:
    check(Request("vary"), CLIP, ToyModel())
    with pytest.raises(InvalidRequestError, match=r"up to 600 s can be varied"):
        check(Request("vary"), Clip(torch.zeros(1, 601 * RATE), RATE), ToyModel())


def clip(audio: torch.Tensor, rate: int = RATE) -> Clip:
    return Clip(audio, rate)


@pytest.mark.parametrize(("request_", "message"), [
    (Request("remix"), "There is no task named 'remix'. Choose one of: outpaint, inpaint"),
    (Request("outpaint", seconds=1.0, side="up"), "There is no side named 'up'"),
    (Request("outpaint", seconds=1.0, quality="hifi"), "There is no quality named 'hifi'"),
    (Request("outpaint"), "you asked for 0 s"),
    (Request("outpaint", seconds=-2.0), "you asked for -2 s"),
    (Request("outpaint", seconds=601.0), r"0.02 s to 600 s long; you asked for 601 s"),
    (Request("outpaint", seconds=NAN), "finite"),
    (Request("outpaint", seconds=1.0, overlap=3.5), "longer than the clip of 3.000 s"),
    (Request("outpaint", seconds=1.0, overlap=2.5), "windows of 2.97 s. Use at most 1.97 s"),
    (Request("outpaint", seconds=1.0, overlap=-1.0), "overlap of -1 s is too short"),
    (Request("outpaint", seconds=1.0, overlap=0.01), "at least 0.1 s"),
    (Request("loop", seconds=-1.0), "you asked for -1 s"),
    (Request("inpaint"), "needs at least one region"),
    (Request("inpaint", regions=((2.0, 1.0),)), "2-1 s ends before it begins"),
    (Request("inpaint", regions=((1.0, 1.0),)), "ends before it begins"),
    (Request("inpaint", regions=((2.0, 3.5),)), "outside the clip, which is 3.000 s long"),
    (Request("inpaint", regions=((-0.1, 1.0),)), "outside the clip"),
    (Request("inpaint", regions=((1.0, 1.005),)), "too short"),
    (Request("inpaint", regions=((1.0, 2.0), (0.5, 1.1))), "0.5-1.1 s and 1-2 s overlap"),
    (Request("inpaint", regions=((0.0, 3.0),)), "cover the whole clip"),
    (Request("inpaint", regions=((0.0, 1.5), (1.5, 2.95))), "cover the whole clip"),
    (Request("inpaint", regions=((0.5, NAN),)), "finite"),
    (Request("outpaint", seconds=1.0, context=MusicalContext(key="H major")), "no key named 'H m"),
    (Request("outpaint", seconds=1.0, takes=0), "Between 1 and 8 takes"),
    (Request("outpaint", seconds=1.0, takes=9), "you asked for 9"),
    (Request("outpaint", seconds=1.0, seed=-1), "A seed is a whole number"),
    (Request("outpaint", seconds=1.0, context=MusicalContext(bpm=900.0)), "you gave 900 bpm"),
    (Request("outpaint", seconds=1.0, context=MusicalContext(beat_offset=NAN)), "beat offset"),
    (Request("outpaint", seconds=1.0, context=MusicalContext(beats_per_bar=0)), "1 to 32 beats"),
])  # fmt: skip
def test_a_bad_request_is_refused(request_: Request, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        check(request_, CLIP, ToyModel())


@pytest.mark.parametrize(("bad", "message"), [
    (None, "needs a clip"),
    (clip(torch.ones(1, 0)), "at least 0.1 s"),
    (clip(torch.ones(1, 1)), r"has 1 samples \(0.000 s\)"),
    (clip(torch.ones(100, RATE)), "has 100 channels"),
    (clip(torch.ones(1, 1000), 1000), "this clip has 1000 Hz"),
    (clip(torch.tensor([[NAN, 1.0] * RATE])), "8000 samples that are not numbers"),
    (clip(32767 * torch.ones(1, RATE)), "peaks at 32767, where full scale is 1"),
    (clip(torch.tensor([[float("inf")] + [0.0] * RATE])), "1 samples that are not numbers"),
])  # fmt: skip
def test_a_bad_clip_is_refused(bad: Clip | None, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        check(Request("outpaint", seconds=1.0), bad, ToyModel())


def test_generating_takes_no_clip() -> None:
    with pytest.raises(InvalidRequestError, match="takes no clip"):
        check(Request("generate", seconds=1.0), CLIP, ToyModel())


def test_generating_wants_an_overlap_within_the_music() -> None:
    with pytest.raises(InvalidRequestError, match=r"longer than the music of 1\.000 s"):
        check(Request("generate", seconds=1.0, overlap=1.5), None, ToyModel())


def test_more_than_ten_minutes_are_not_made_at_once() -> None:
    request = Request("inpaint", regions=((0.0, 400.0), (500.0, 701.0)))
    with pytest.raises(InvalidRequestError, match=r"601 s long together; at most 600 s"):
        check(request, clip(torch.zeros(1, 800 * RATE)), ToyModel())


@pytest.mark.parametrize("good", [
    Request("outpaint", seconds=600.0, side="both", overlap=1.5),
    Request("inpaint", regions=((2.5, 3.0), (0.0, 1.0), (1.0, 1.5))),
    Request("loop"),
])  # fmt: skip
def test_a_good_request_passes(good: Request) -> None:
    check(good, CLIP, ToyModel())
    check(good, clip(torch.zeros(2, 3 * RATE)), ToyModel())
