"""Lengths in seconds or bars, as people write them: "2", "1.5s", "2bars"."""

import math
import re
from typing import Literal

from bridge.formats.problems import ProblemsError

Unit = Literal["seconds", "bars"]

_LENGTH = re.compile(r"(?P<number>[^a-z]+?)\s*(?P<unit>s|sec|seconds?|bars?)?", re.IGNORECASE)


def length_of(text: str, where: str) -> tuple[float, Unit]:
    """Return the number and its unit; above 0. Raises ProblemsError."""
    match = _LENGTH.fullmatch(text.strip())
    number = number_of(match["number"]) if match else math.nan
    if match is None or not (0 < number < math.inf):
        raise ProblemsError(
            [
                f"{where}: '{text}' is no length. Give seconds above 0, such as 2, or bars, "
                "such as 2bars."
            ]
        )
    return number, "bars" if (match["unit"] or "").lower().startswith("bar") else "seconds"


def number_of(text: str) -> float:
    """Return the number that the text is; NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
