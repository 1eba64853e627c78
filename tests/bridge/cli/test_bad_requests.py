"""Bad requests: one line, a status that is not 0, no daemon asked, nothing written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

RATE = 44_100


def assert_refused(outcome: Any, words: str, daemon: Any) -> None:
    assert outcome.status in (1, 2)
    assert outcome.out == ""
    assert outcome.err.startswith("ditto: ")
    assert outcome.err.count("\n") == 1
    assert words in outcome.err
    assert daemon.calls == []


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        (["1.5-1"], "--region 1.5-1 does not end after it starts"),
        (["1-1"], "--region 1-1 does not end after it starts"),
        (["0.5-1.2", "1-1.5"], "0.5-1.2 and --region 1-1.5 overlap. Join them to one region"),
        (["1-2.5"], "ends outside the clip, which is 2 s long"),
        (["3-4"], "ends outside the clip, which is 2 s long"),
        (["0-2"], "cover the whole clip"),
        (["0-1", "1-2"], "cover the whole clip"),
        (["0.5-0.500001"], "shorter than one sample"),
        (["abc"], "--region takes START-END in seconds, such as 2.5-4; you gave 'abc'"),
        (["-1-1"], "you gave '-1-1'"),
        (["nan-1"], "you gave 'nan-1'"),
    ],
)
def test_a_region_that_cannot_be_is_refused(
    regions: list[str], words: str, ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    asked = [word for region in regions for word in ("--region", region)]
    outcome = ditto("inpaint", clip, "-o", tmp_path / "o.wav", *asked)
    assert_refused(outcome, words, daemon)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--seconds", "0"], "--seconds takes a number of seconds above 0 and up to 600"),
        (["--seconds", "-1"], "you gave '-1'"),
        (["--seconds", "601"], "you gave '601'"),
        (["--seconds", "nan"], "you gave 'nan'"),
        (["--overlap", "2.5"], "--overlap 2.5 s is longer than the clip (2 s)"),
        (["--overlap", "31"], "up to 30; you gave '31'"),
        (["--bpm", "fast"], "--bpm takes a number of beats per minute from 20 to 400"),
        (["--bpm", "1000"], "you gave '1000'"),
        (["--beat-offset", "inf"], "--beat-offset takes"),
        (["--takes", "9"], "--takes takes a whole number of takes from 1 to 8"),
        (["--takes", "1.5"], "you gave '1.5'"),
        (["--seed", "-1"], "--seed takes a whole number"),
        (["--model", "../x"], "--model takes a name such as embedded; you gave '../x'"),
        (["--prompt", "x" * 2001], "--prompt takes up to 2000 characters; you gave 2001"),
        (["--side", "left"], "'left' is not one of"),
        (["--quality", "great"], "'great' is not one of"),
        (["--secnds", "3"], "--secnds"),
        (["--plot", "picture.jpg"], "--plot draws a PNG; picture.jpg ends in '.jpg'"),
    ],
)
def test_an_option_out_of_range_is_refused(
    words: list[str], sentence: str, ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", *words)
    assert_refused(outcome, sentence, daemon)


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("nowhere/o.wav", "does not exist. Create it first"),
        ("o.xyz", "ends in '.xyz', which is no format that DITTO writes"),
        ("o", "ends in '', which is no format"),
        ("", "is a folder"),
        ("clip.wav", "is the clip itself, which is never overwritten"),
        ("../{folder}/clip.wav", "is the clip itself"),
    ],
)
def test_an_output_that_cannot_be_is_refused(
    out: str, words: str, ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    before = clip.read_bytes()
    outcome = ditto("outpaint", clip, "-o", tmp_path / out.format(folder=tmp_path.name))
    assert_refused(outcome, words, daemon)
    assert (clip.read_bytes(), list(tmp_path.iterdir())) == (before, [clip])


def test_a_later_take_never_overwrites_the_clip(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    clip = clip.rename(tmp_path / "out-2.wav")
    outcome = ditto("outpaint", clip, "-o", tmp_path / "out.wav", "--takes", 2)
    assert_refused(outcome, "is the clip itself", daemon)


def test_a_link_to_the_clip_is_the_clip(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.wav").symlink_to(clip)
    outcome = ditto("outpaint", clip, "-o", tmp_path / "link.wav")
    assert_refused(outcome, "is the clip itself", daemon)


def test_a_clip_that_cannot_be_read_is_refused(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", tmp_path / "no.wav", "-o", tmp_path / "o.wav")
    assert_refused(outcome, "no.wav does not exist", daemon)


def test_a_result_beyond_the_daemons_limit_is_refused(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "high.wav", np.zeros((192_000, 2), np.int16), 192_000)
    words = ("--seconds", 600, "--side", "both")
    outcome = ditto("outpaint", tmp_path / "high.wav", "-o", tmp_path / "o.wav", *words)
    assert_refused(outcome, "512 MiB is the most", daemon)


def test_a_missing_option_is_named(ditto: Callable, daemon: Any, clip: Path) -> None:
    assert_refused(ditto("outpaint", clip), "Missing option '-o'", daemon)


def test_an_unknown_command_points_to_the_help(ditto: Callable, daemon: Any) -> None:
    assert_refused(ditto("sing"), "No such command 'sing'. `ditto --help`", daemon)
