"""Which stretches of audio the model works on, and in which order.

A model makes one window of a few seconds at a time. In each window some samples are known (the
clip, or what an earlier window made) and the model must reproduce them while it makes the new ones
beside them. Longer material is made window by window, each continuing the last `overlap` of the one
before (DITTO, arXiv:2401.12179, appendix H).

All positions are samples at the model's rate on one timeline that holds the clip and the new
material. A window may reach past the timeline's ends: what it makes there is dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.spans import Span, Spans, outside, union, within


@dataclass(frozen=True)
class Window:
    """One optimization: reproduce `keep`, make `new`; both lie in [start, start + samples)."""

    start: int
    samples: int
    keep: Spans
    new: Spans


@dataclass(frozen=True)
class Reach:
    """What a window may hold, in samples.

    `window` is its greatest length, `overlap` the known audio wanted beside new material, which
    may grow to `most_overlap` where the window has room; `guard` is made beyond an open end so that
    the new material can be shifted by that much.
    """

    window: int
    overlap: int
    most_overlap: int
    guard: int = 0

    @property
    def least_overlap(self) -> int:
        """Known audio needed on each side of a gap for one window to close it."""
        return min(self.overlap, self.window // 6)


def plan_windows(new: Spans, samples: int, reach: Reach) -> tuple[Window, ...]:
    """Return the windows, in order, that make all of `new` on a timeline of `samples`.

    Gaps that fit into one window together with the audio around them share it. A longer gap is
    filled from the left (from the right where nothing is on its left), and the last window meets
    both sides. Everything outside `new` is known from the beginning.
    """
    gaps = union(new)
    known = outside(gaps, samples)
    windows = []
    for group in _groups(gaps, samples, reach):
        for start, end, made in _passes(group, samples, reach):
            windows.append(Window(start, end - start, within(known, start, end), made))
            known = union((*known, *made))
    return tuple(windows)


_Pass = tuple[int, int, Spans]


def _groups(gaps: Spans, samples: int, reach: Reach) -> Iterator[Spans]:
    group: Spans = ()
    for gap in gaps:
        if group and not _fits((*group, gap), samples, reach):
            yield group
            group = ()
        group = (*group, gap)
    yield group


def _fits(group: Spans, samples: int, reach: Reach) -> bool:
    first, last = group[0][0], group[-1][1]
    if first == 0 and last == samples:
        # Two open ends with the whole clip between them: the clip is the context.
        context = 2 * reach.guard if len(group) > 1 else 0
    elif first == 0:
        context = reach.guard + min(reach.overlap, samples - last)
    elif last == samples:
        context = reach.guard + min(reach.overlap, first)
    else:
        context = min(reach.least_overlap, first) + min(reach.least_overlap, samples - last)
    return last - first + context <= reach.window


def _passes(group: Spans, samples: int, reach: Reach) -> Iterator[_Pass]:
    start, end = group[0][0], group[-1][1]
    if group == ((0, samples),):
        first = min(samples, reach.window)
        yield 0, first, ((0, first),)
        yield from _forward((first, samples), reach)
    elif _fits(group, samples, reach):
        yield _around(group, samples, reach)
    elif end == samples:
        yield from _forward((start, end), reach)
    elif start == 0:
        yield from _backward((start, end), samples, reach)
    else:
        closing = min(end - start, reach.window - 2 * min(reach.overlap, reach.window // 4))
        yield from _forward((start, end - closing), reach)
        yield _around(((end - closing, end),), samples, reach)


def _around(group: Spans, samples: int, reach: Reach) -> _Pass:
    """One window over all of `group`, with as much of the overlap on each side as fits."""
    start, end = group[0][0], group[-1][1]
    room = reach.window - (end - start)
    before = reach.guard if start == 0 else min(reach.most_overlap, start)
    after = reach.guard if end == samples else min(reach.most_overlap, samples - end)
    before = min(before, max(room // 2, room - after))
    return start - before, end + min(after, room - before), group


def _forward(gap: Span, reach: Reach) -> Iterator[_Pass]:
    """Equal stretches from left to right, each after the overlap before it."""
    start, end = gap
    passes = -(-(end - start) // (reach.window - reach.overlap - reach.guard))
    for i in range(passes):
        a = start + (end - start) * i // passes
        b = start + (end - start) * (i + 1) // passes
        room = reach.window - reach.guard - (b - a)
        yield max(0, a - min(room, reach.most_overlap)), b + reach.guard, ((a, b),)


def _backward(gap: Span, samples: int, reach: Reach) -> Iterator[_Pass]:
    mirrored = samples - gap[1], samples - gap[0]
    for start, end, ((a, b),) in _forward(mirrored, reach):
        yield samples - end, samples - start, ((samples - b, samples - a),)
