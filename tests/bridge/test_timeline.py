"""Where new music lies, for every kind of job."""

import math

import pytest

from bridge.timeline import in_seconds, length, overlap, timeline
from plugin_protocol.values import Generate, Inpaint, Kind, Loop, Outpaint, Region, Vary

REGIONS = (Region(start=4, end=5), Region(start=1, end=2))


@pytest.mark.parametrize(
    ("job", "new", "seconds"),
    [
        (Outpaint(seconds=3), ((6, 9),), 9),
        (Outpaint(seconds=3, side="before"), ((0, 3),), 9),
        (Outpaint(seconds=3, side="both"), ((0, 3), (9, 12)), 12),
        (Inpaint(regions=REGIONS), ((4, 5), (1, 2)), 6),
        (Loop(seconds=2), ((6, 8),), 8),
        (Loop(), ((6, math.inf),), math.inf),
        (Vary(), ((0, 6),), 6),
    ],
)
def test_on_a_clip_of_six_seconds(
    job: Kind, new: tuple[tuple[float, float], ...], seconds: float
) -> None:
    line = timeline(job, 6.0)
    assert (line.new, line.seconds) == (new, seconds)
    assert line.begins == min(start for start, _ in new)


def test_without_a_clip_all_is_new() -> None:
    line = timeline(Generate(seconds=6), 0.0)
    assert (line.new, line.begins, line.ends) == (((0, 6),), 0, 6)


def test_bars_have_four_beats_and_no_length_without_a_tempo() -> None:
    assert in_seconds(2, "bars", 120) == 4
    assert in_seconds(2, "bars", None) is None
    assert in_seconds(2, "seconds", None) == 2


def test_stretches_that_only_touch_do_not_overlap() -> None:
    assert not overlap((0, 1), (1, 2))
    assert overlap((0, 1.1), (1, 2))


def test_a_printed_length_is_never_longer_than_the_true_one() -> None:
    assert length(1.99999) == "1.999"
    assert length(2.0) == "2"
