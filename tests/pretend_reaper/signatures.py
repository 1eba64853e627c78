"""The functions of REAPER that the scripts use, with their documented arguments and results.

Each line of api.txt is `results = module.Name(arguments)`, as REAPER's list of functions has it;
"optional" stands before what may be nil.
"""

import re
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).parent / "api.txt"
_LINE = re.compile(r"(?:(?P<results>.*) = )?(?P<module>reaper|gfx)\.(?P<name>\w+)\((?P<given>.*)\)")


@dataclass(frozen=True)
class Value:
    """One argument or result."""

    kind: str
    optional: bool


@dataclass(frozen=True)
class Signature:
    """One function."""

    arguments: tuple[Value, ...]
    results: tuple[Value, ...]


def _values(text: str | None) -> tuple[Value, ...]:
    words = [part.split() for part in text.split(",")] if text else []
    return tuple(
        Value(each[1], optional=True) if each[0] == "optional" else Value(each[0], optional=False)
        for each in words
    )


def read() -> dict[str, dict[str, Signature]]:
    """Return the functions by module and name."""
    found: dict[str, dict[str, Signature]] = {"reaper": {}, "gfx": {}}
    for line in LIST.read_text().splitlines():
        match = _LINE.fullmatch(line)
        assert match, line
        signature = Signature(_values(match["given"]), _values(match["results"]))
        found[match["module"]][match["name"]] = signature
    return found
