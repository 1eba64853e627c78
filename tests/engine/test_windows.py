"""Which windows make which samples. Numbers are plain units: a window of 60, an overlap of 20."""

import pytest

from engine.spans import Spans, outside, union
from engine.windows import Reach, Window, plan_windows

REACH = Reach(window=60, overlap=20, most_overlap=20, guard=1)

PLANS: list[tuple[str, Spans, int, list[tuple[int, int, Spans]]]] = [
    ("continue a clip", ((100, 130),), 130, [(80, 131, ((100, 130),))]),
    ("lead into a clip", ((0, 30),), 130, [(-1, 50, ((0, 30),))]),
    (
        "continue for longer than a window",
        ((100, 170),),
        170,
        [(80, 136, ((100, 135),)), (115, 171, ((135, 170),))],
    ),
    (
        "lead in for longer than a window",
        ((0, 70),),
        170,
        [(34, 90, ((35, 70),)), (-1, 55, ((0, 35),))],
    ),
    ("fill a gap", ((100, 120),), 200, [(80, 140, ((100, 120),))]),
    ("fill a wide gap with what context fits", ((100, 136),), 200, [(88, 148, ((100, 136),))]),
    (
        "fill a gap wider than a window",
        ((100, 200),),
        300,
        [
            (80, 136, ((100, 135),)),
            (115, 171, ((135, 170),)),
            (155, 215, ((170, 200),)),
        ],
    ),
    ("two gaps share a window", ((50, 60), (70, 80)), 200, [(35, 95, ((50, 60), (70, 80)))]),
    (
        "two gaps far apart do not",
        ((50, 60), (150, 160)),
        200,
        [(30, 80, ((50, 60),)), (130, 180, ((150, 160),))],
    ),
    (
        "a short clip grows both ways at once",
        ((0, 10), (30, 40)),
        40,
        [(-1, 41, ((0, 10), (30, 40)))],
    ),
    (
        "a long one on one side after the other",
        ((0, 10), (90, 100)),
        100,
        [(-1, 30, ((0, 10),)), (70, 101, ((90, 100),))],
    ),
    ("a clip shorter than the overlap", ((5, 35),), 35, [(0, 36, ((5, 35),))]),
    ("a gap near the start", ((5, 15),), 100, [(0, 35, ((5, 15),))]),
    ("from nothing, one window", ((0, 60),), 60, [(0, 60, ((0, 60),))]),
    (
        "from nothing, more than one",
        ((0, 120),),
        120,
        [(0, 60, ((0, 60),)), (40, 91, ((60, 90),)), (70, 121, ((90, 120),))],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("new", "samples", "expected"), [plan[1:] for plan in PLANS],
                         ids=[plan[0] for plan in PLANS])  # fmt: skip
def test_plan(new: Spans, samples: int, expected: list[tuple[int, int, Spans]]) -> None:
    windows = plan_windows(new, samples, REACH)
    assert [(w.start, w.start + w.samples, w.new) for w in windows] == expected


def test_context_grows_where_the_window_has_room() -> None:
    reach = Reach(window=60, overlap=20, most_overlap=35, guard=1)
    (window,) = plan_windows(((100, 110),), 110, reach)
    assert window == Window(65, 46, ((65, 100),), ((100, 110),))


@pytest.mark.parametrize("new", [
    ((0, 500),), ((0, 300),), ((200, 500),), ((0, 100), (400, 500)), ((3, 497),),
    ((10, 20), (25, 40), (41, 90), (200, 390), (391, 499)), ((0, 1), (2, 499)), ((0, 3), (4, 490)),
])  # fmt: skip
def test_every_plan_is_sound(new: Spans) -> None:
    known = outside(new, 500)
    for window in plan_windows(new, 500, REACH):
        end = window.start + window.samples
        assert 0 < window.samples <= REACH.window
        assert all(window.start <= a < b <= end for a, b in (*window.keep, *window.new))
        # Keeping a sample adds nothing to what is known; making one does.
        assert union((*known, *window.keep)) == known
        assert not any(a < d and c < b for a, b in known for c, d in window.new)
        known = union((*known, *window.new))
    assert known == ((0, 500),)
