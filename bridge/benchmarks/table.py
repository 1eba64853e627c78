"""What was measured beside what is wanted, as a Markdown table."""

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = "| what | measured | wanted |\n|---|---|---|"


@dataclass(frozen=True)
class Row:
    """One figure in words; `wanted` is empty where nothing in particular is."""

    what: str
    measured: str
    wanted: str = ""

    def __str__(self) -> str:
        return f"| {self.what} | {self.measured} | {self.wanted} |"


def as_markdown(rows: Iterable[Row]) -> str:
    """Return the whole table."""
    return "\n".join([HEAD, *map(str, rows)]) + "\n"
