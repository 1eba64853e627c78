"""Stretches of a timeline as [start, end) pairs of samples, sorted and apart."""

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]


def union(spans: Iterable[Span]) -> Spans:
    """Return the stretches covered by any of `spans`; touching ones become one."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def within(spans: Iterable[Span], start: int, end: int) -> Spans:
    """Return what of `spans` lies in [start, end)."""
    cut = ((max(s, start), min(e, end)) for s, e in spans)
    return tuple(span for span in cut if span[0] < span[1])


def outside(spans: Spans, samples: int) -> Spans:
    """Return what of [0, samples) none of `spans` covers."""
    edges = [0, *(edge for span in spans for edge in span), samples]
    return tuple((s, e) for s, e in zip(edges[::2], edges[1::2], strict=True) if s < e)
