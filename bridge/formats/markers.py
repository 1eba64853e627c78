"""Musical forms from marker files: Audacity's labels (.txt), .csv and .json.

A marker with an end is a section; one without lasts until the next, the last until the music ends.
What lies between sections asks for nothing.
"""

import math
from pathlib import Path
from typing import Any

from bridge.formats.lengths import number_of
from bridge.formats.problems import ProblemsError
from bridge.formats.tables import is_number, is_real, json_of, rows_of
from plugin_protocol.controls import Section

CLOSE_SECONDS = 1e-3
"""Markers set by hand meet no better."""

Marker = tuple[float, float, str]
"""(start, end, label); the end is the start where the marker is a point."""


def markers_of(path: Path, ends_at: float) -> tuple[Section, ...]:
    """Return the sections of a file, in seconds; `ends_at` is where the last point's ends."""
    markers, problems = _from_json(path) if path.suffix.lower() == ".json" else _from_rows(path)
    if not markers and not problems:
        problems.append(f"{path} holds no markers. Write start, end and label of each section.")
    for start, end, label in markers:
        if not (0 <= start <= end < math.inf):
            problems.append(
                f"{path}: marker '{label}' at {start:g} s has no right times. "
                "Let it start at 0 or later and end after its start."
            )
    if problems:
        raise ProblemsError(problems)
    return _sections(path, sorted(markers), ends_at)


def _sections(path: Path, markers: list[Marker], ends_at: float) -> tuple[Section, ...]:
    problems: list[str] = []
    sections: list[Section] = []
    now = 0.0
    following = [start for start, _, _ in markers[1:]] + [ends_at]
    for (start, end, label), limit in zip(markers, following, strict=True):
        last = limit if end == start else end
        if not math.isfinite(last) or last <= start:
            problems.append(f"{path}: marker '{label}' at {start:g} s has no length. Give its end.")
        if start < now - CLOSE_SECONDS:
            problems.append(
                f"{path}: marker '{label}' starts at {start:g} s, before the one before it ends "
                f"({now:g} s). Let sections follow each other."
            )
        if start > now + CLOSE_SECONDS:
            sections.append(Section(label="", length=start - now))
        sections.append(Section(label=label, length=last - start))
        now = last
    if problems:
        raise ProblemsError(problems)
    return tuple(sections)


def _from_rows(path: Path) -> tuple[list[Marker], list[str]]:
    """Read start, end, label; or start, label."""
    markers: list[Marker] = []
    problems: list[str] = []
    for line, cells in rows_of(path):
        if cells[0].startswith("\\"):
            continue  # Audacity's frequencies of the label above
        times = [number_of(cell) for cell in cells[:2] if is_number(cell)]
        if len(cells) > 2 and len(times) == 2:
            markers.append((times[0], times[1], cells[2]))
        elif len(cells) == 2 and is_number(cells[0]):
            markers.append((times[0], times[0], cells[1]))
        else:
            problems.append(f"{path}, line {line}: write start, end and label, such as 0,2,A.")
    return markers, problems


def _from_json(path: Path) -> tuple[list[Marker], list[str]]:
    """Read [[start, end, label], ...] or [{"start": ..., "end": ..., "label": ...}, ...]."""
    value = json_of(path)
    items = value.get("markers") if isinstance(value, dict) else value
    markers: list[Marker] = []
    problems: list[str] = []
    for number, item in enumerate(items if isinstance(items, list) else [], 1):
        start, end, label = _parts(item)
        if is_real(start) and is_real(end) and isinstance(label, str):
            markers.append((float(start), float(end), label))
        else:
            problems.append(
                f'{path}, marker {number}: write [start, end, label], such as [0, 2, "A"].'
            )
    return markers, problems


def _parts(item: Any) -> tuple[Any, Any, Any]:
    if isinstance(item, dict):
        return item.get("start"), item.get("end", item.get("start")), item.get("label")
    if isinstance(item, list) and len(item) == 3:
        return item[0], item[1], item[2]
    return None, None, None
