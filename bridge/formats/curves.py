"""Curves: points of seconds and decibels, as text, .csv or .json."""

from pathlib import Path
from typing import Any

from bridge.formats.lengths import number_of
from bridge.formats.problems import ProblemsError
from bridge.formats.tables import is_number, is_real, json_of, rows_of

Points = tuple[tuple[float, float], ...]

EXAMPLE = "Write seconds:dB, such as 0:-30 4:-12 8:-20."


def curve_of(text: str, where: str) -> Points:
    """Return the points of "0:-30 4:-12 8:-20"; commas may part them too."""
    points, problems = [], []
    for word in text.replace(",", " ").split():
        seconds, _, decibels = word.partition(":")
        if is_number(seconds) and is_number(decibels):
            points.append((number_of(seconds), number_of(decibels)))
        else:
            problems.append(f"{where}: '{word}' is no point. {EXAMPLE}")
    if not points and not problems:
        problems.append(f"{where} is empty. {EXAMPLE}")
    return _whole(points, problems)


def curve_of_csv(path: Path) -> Points:
    """Return the points of a table with the columns seconds and dB; a header is skipped."""
    points, problems = [], []
    for line, cells in rows_of(path):
        if len(cells) >= 2 and is_number(cells[0]) and is_number(cells[1]):
            points.append((number_of(cells[0]), number_of(cells[1])))
        else:
            problems.append(f"{path}, line {line}: write seconds,dB, such as 4,-12.")
    if not points and not problems:
        problems.append(f"{path} holds no points. Write one seconds,dB on each line.")
    return _whole(points, problems)


def curve_of_json(path: Path) -> Points:
    """Return the points of [[seconds, dB], ...] or {"points": [[seconds, dB], ...]}."""
    value = json_of(path)
    pairs = value.get("points") if isinstance(value, dict) else value
    if not isinstance(pairs, list) or not pairs:
        raise ProblemsError([f"{path} holds no points. Write [[0, -30], [4, -12]]."])
    points, problems = [], []
    for number, pair in enumerate(pairs, 1):
        if _is_pair(pair):
            points.append((float(pair[0]), float(pair[1])))
        else:
            problems.append(f"{path}, point {number}: write [seconds, dB], such as [4, -12].")
    return _whole(points, problems)


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(is_real(item) for item in pair)


def _whole(points: list[tuple[float, float]], problems: list[str]) -> Points:
    if problems:
        raise ProblemsError(problems)
    return tuple(points)
