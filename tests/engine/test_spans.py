"""Stretches of a timeline."""

from engine.spans import outside, union, within


def test_touching_and_overlapping_stretches_become_one() -> None:
    assert union([(5, 8), (0, 3), (3, 5), (7, 9), (20, 20)]) == ((0, 9),)


def test_a_cut_keeps_what_lies_inside() -> None:
    assert within([(0, 4), (6, 9), (12, 15)], 3, 12) == ((3, 4), (6, 9))


def test_outside_is_everything_else() -> None:
    assert outside(((0, 2), (5, 7)), 9) == ((2, 5), (7, 9))
    assert outside((), 3) == ((0, 3),)
