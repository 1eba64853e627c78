"""What cannot be asked of music is refused with every reason at once."""

import math
from dataclasses import replace

import pytest
import torch

from engine.controls import (
    Control,
    Intensity,
    Melody,
    Note,
    Reference,
    Repeat,
    Section,
    Structure,
    TextMatch,
)
from engine.errors import InvalidRequestError
from engine.models.music_model import MusicalContext
from engine.models.toy import ToyModel
from engine.requests import Clip, Request
from engine.validation_of_controls import check_controls

MODEL = ToyModel()
NO_CLIP = Clip(torch.zeros(2, 0), MODEL.sample_rate)
RISE = Intensity(points=((0.0, -30.0), (2.0, -12.0)))


def check(*controls: Control, seconds: float = 4.0, bpm: float | None = None) -> None:
    request = Request("generate", seconds=seconds, controls=controls)
    check_controls(request, NO_CLIP, MusicalContext(bpm=bpm), MODEL)


@pytest.mark.parametrize(("control", "said"), [
    (Intensity(), "either points or a recording"),
    (Intensity(points=((0, -20),)), "at least two"),
    (Intensity(points=((2, -20), (1, -20))), "from 2 s to 1 s"),
    (Intensity(points=((0, -20), (0, -10))), "each time once"),
    (Intensity(points=((0, math.nan), (1, -20))), "not a number"),
    (Intensity(points=((0, -20), (1, 30))), "30 dB at 1 s"),
    (Intensity(points=((0, -20), (9, -10))), "reaches to 9 s"),
    (replace(RISE, reference=Reference(torch.ones(1, 44100), 44100)), "not both"),
    (replace(RISE, points=((0, -20), (2, -20)), match="shape"), "does not move"),
    (replace(RISE, weight=0.0), "above 0"),
    (replace(RISE, schedule=(0.0, 0.0)), "not both 0"),
    (replace(RISE, region=(2.0, 1.0)), "Give its start first"),
    (replace(RISE, region=(5.0, 6.0)), "reaches to 6 s"),
    (Melody(), "either notes or a recording"),
    (Melody(notes=(Note(1.0, 1.0, 60),)), "End it after it begins"),
    (Melody(notes=(Note(0.0, 1.0, 128),)), "0 to 127"),
    (Structure(sections=(Section("A", 2.0),)), "two labelled sections"),
    (Structure(sections=(Section("A", 2.0), Section("B", -1.0))), "Give it a length"),
    (Structure(sections=(Section("A", 2.0), Section("B", 3.0))), "reaches to 5 s"),
    (Structure(sections=(Section("A", 1.0), Section("B", 1.0)), unit="bars"), "--bpm"),
    (Repeat(period=0.1), "Choose a period in between"),
    (Repeat(period=60.0), "Choose a period in between"),
    (Repeat(period=1.0, unit="bars"), "--bpm"),
    (Repeat(period=1.0, region=(0.0, 1.0)), "all of the music repeats"),
    (replace(RISE, region=(2.5, 3.0)), "outside its region"),
    (Melody(notes=(Note(2.0, 3.0, 60),), region=(0.0, 1.0)), "outside its region"),
    (TextMatch(description="calm"), "audio-text model"),
])  # fmt: skip
def test_bad_controls_are_refused_with_what_to_do(control: Control, said: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        check(control)
    assert said in str(error.value)


def test_all_reasons_come_at_once() -> None:
    with pytest.raises(InvalidRequestError) as error:
        check(Intensity(points=((2, -20), (1, 50))), Melody(), Repeat(period=60.0))
    said = str(error.value).splitlines()
    assert len(said) == 4
    assert all(line.startswith("The ") and line.endswith(".") for line in said)


@pytest.mark.parametrize("control", [RISE, Melody(notes=(Note(0.0, 1.0, 60),))])
def test_two_of_a_kind_may_not_ask_for_the_same_stretch(control: Control) -> None:
    with pytest.raises(InvalidRequestError, match="same stretch"):
        check(control, replace(control, weight=2.0))
    check(replace(control, region=(0.0, 0.5)), replace(control, region=(0.5, 1.0)))


def test_a_curve_where_nothing_is_new_is_refused() -> None:
    clip = Clip(torch.zeros(2, 44100 * 3), 44100)
    request = Request("outpaint", seconds=1.0, controls=(RISE,))
    with pytest.raises(InvalidRequestError, match=r"new: 3-4 s"):
        check_controls(request, clip, MusicalContext(), MODEL)


def test_a_curve_whose_region_is_new_but_whose_points_are_not_is_refused() -> None:
    clip = Clip(torch.zeros(2, 44100 * 3), 44100)
    request = Request("outpaint", seconds=1.0, controls=(replace(RISE, region=(0.0, 4.0)),))
    with pytest.raises(InvalidRequestError, match=r"lies at 0-2 s.*new: 3-4 s"):
        check_controls(request, clip, MusicalContext(), MODEL)


def test_a_bad_strength_is_one_reason_of_all() -> None:
    request = Request("generate", seconds=4.0, strength=2.0, controls=(Melody(),))
    with pytest.raises(InvalidRequestError) as error:
        check_controls(request, NO_CLIP, MusicalContext(), MODEL)
    assert len(str(error.value).splitlines()) == 2


def test_only_music_without_a_clip_repeats() -> None:
    clip = Clip(torch.zeros(2, 44100 * 3), 44100)
    request = Request("outpaint", seconds=1.0, controls=(Repeat(period=1.0),))
    with pytest.raises(InvalidRequestError, match="loop"):
        check_controls(request, clip, MusicalContext(), MODEL)


def test_what_can_be_asked_is_not_refused() -> None:
    check(RISE, Melody(notes=(Note(0.0, 1.0, 60), Note(0.5, 4.0, 64))))
    check(Structure(sections=(Section("A", 1.0), Section("B", 1.0)), unit="bars"), bpm=120.0)
    check(Repeat(period=1.0), TUNE, seconds=0.0)


TUNE = Melody(notes=(Note(0.0, 1.0, 60),))
