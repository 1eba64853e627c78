"""Rows of a .csv and lists of a .json: the small files in which other programs keep times."""

import csv
import json
from pathlib import Path
from typing import Any

from bridge.formats.lengths import number_of
from bridge.formats.problems import ProblemsError

MOST_BYTES = 2**20


def text_of(path: Path) -> str:
    """Return what a small text file says. Raises ProblemsError."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ProblemsError(
                [f"{path} has {size / 2**20:.0f} MiB; 1 MiB of text is the most. Thin it out."]
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemsError([f"{path} is no text in UTF-8. Save it again as text."]) from error
    except FileNotFoundError as error:
        raise ProblemsError([f"{path} does not exist. Check the name."]) from error
    except OSError as error:
        raise ProblemsError([f"{path} cannot be read: {error.strerror}."]) from error


def rows_of(path: Path) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of every row with something in it, without the header.

    Cells are parted by tabs, semicolons or commas. A first row that begins with no number is the
    header.
    """
    text = text_of(path)
    delimiter = next((mark for mark in "\t;" if mark in text), ",")
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    rows = [(line, cells) for line, cells in rows if any(cells) and not cells[0].startswith("#")]
    has_header = bool(rows) and not is_number(rows[0][1][0])
    return rows[1:] if has_header else rows


def is_number(cell: str) -> bool:
    """Return whether the cell is a number, NaN and infinity included."""
    return cell.lower() in ("nan", "+nan", "-nan") or number_of(cell) == number_of(cell)


def json_of(path: Path) -> Any:
    """Return what a .json file holds. Raises ProblemsError."""
    try:
        return json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ProblemsError([f"{path} is no JSON{line}. Save it again."]) from error


def is_real(value: Any) -> bool:
    """Return whether a value of JSON is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
