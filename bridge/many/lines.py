"""A file of requests -> checked requests; all that is wrong with any of them is told at once.

Each is one JSON value that begins with a { at the beginning of a line::

    {"out": "longer.wav", "spec": {"schema": "ditto-spec/1", ...}}

or what --print-spec prints, alone, where the music goes to a folder and is named by us.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec import Struct

from bridge.audio_files import CONTAINERS
from bridge.cli.order import Order, order_of
from bridge.cli.request import from_spec
from bridge.documents import anchored, decoded
from bridge.errors import BridgeError
from bridge.formats.problems import Problems, ProblemsError
from bridge.formats.tables import text_of
from bridge.many.window import Wanted, delivery_to
from bridge.spec import Intensity, Melody, Spec, Structure

_SHAPE = '{"out": "x.wav", "spec": ...}, or what --print-spec prints'


class _Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    out: str
    spec: Spec


@dataclass(frozen=True)
class _Value:
    """One JSON value of the file: the line it begins on, which of all it is, and its text."""

    line: int
    number: int
    text: str
    is_named: bool


@dataclass(frozen=True)
class _Traffic:
    """The files that a request writes and reads."""

    line: int
    written: list[Path]
    heard: list[Path]


def read_lines(path: Path, folder: Path | None) -> list[tuple[int, Wanted]]:
    """Return the requests of a file with the lines they begin on. Raises ProblemsError.

    Names of results count from `folder`, or else from where the file lies; without `folder` each
    request must have a name.
    """
    problems = Problems()
    found: list[tuple[int, Wanted]] = []
    traffic: list[_Traffic] = []
    for value in _values(path, problems):
        place = f"{path}:{value.line}"
        try:
            spec, out = _read(path, value, folder)
            # The audio is let go of with `request`, and read again when its turn comes.
            request = from_spec(spec, "")
            order = order_of(request, delivery_to(out))
        except BridgeError as error:
            sentences = error.sentences if isinstance(error, ProblemsError) else (str(error),)
            problems.add(*(_placed(place, sentence) for sentence in sentences))
            continue
        traffic.append(_Traffic(value.line, _written(order), _heard(request.spec)))
        ask = partial(from_spec, request.spec, f"{place}, ")
        found.append((value.line, Wanted(out.name, out, ask)))
    problems.add(*_collisions(path, traffic))
    problems.refuse()
    return found


def _values(path: Path, problems: Problems) -> Iterator[_Value]:
    """Yield every JSON value; what is none is a problem."""
    line, number = 1, 0
    for text in re.split(r"^(?=\{)", text_of(path), flags=re.MULTILINE):
        begins, line = line, line + text.count("\n")
        if not text.strip():
            continue
        number += 1
        try:
            value = json.loads(text.rstrip())
        except json.JSONDecodeError as error:
            place = f"{path}:{begins + error.lineno - 1}"
            problems.add(f"{place}: this is no JSON: {error.msg}. Each request is {_SHAPE}.")
            continue
        is_named = isinstance(value, dict) and bool({"out", "spec"} & value.keys())
        yield _Value(begins, number, text, is_named)


def _read(path: Path, value: _Value, folder: Path | None) -> tuple[Spec, Path]:
    place, data = Path(f"{path}:{value.line}"), value.text.encode()
    if value.is_named:
        asked = decoded(place, data, _Line)
        return anchored(asked.spec, path), (folder or path.parent) / asked.out
    spec = anchored(decoded(place, data, Spec), path)
    if folder is None:
        raise ProblemsError([f"it has no name. Write {_SHAPE} with --to FOLDER."])
    return spec, folder / _name(spec, value.number)


def _name(spec: Spec, number: int) -> str:
    """Return a name that no other request of the file has, and that it keeps."""
    clip = Path(spec.clip.path if spec.clip else "generated.wav")
    suffix = clip.suffix if clip.suffix.lower() in CONTAINERS else ".wav"
    return f"{number:03}-{clip.stem}{suffix}"


def _placed(place: str, sentence: str) -> str:
    return sentence if sentence.startswith(place) else f"{place}: {sentence}"


def _collisions(path: Path, traffic: list[_Traffic]) -> Iterator[str]:
    """Yield what two requests would write, or one would write and another reads."""
    writers: dict[Path, int] = {}
    for each in traffic:
        for file in each.written:
            if file in writers:
                yield (
                    f"{path}:{each.line}: {file} would be written by line {writers[file]}, too. "
                    "Give it another name."
                )
            writers.setdefault(file, each.line)
    for each in traffic:
        for file in each.heard:
            if file in writers:
                yield (
                    f"{path}:{each.line}: {file} would be written by line {writers[file]}, and may "
                    "not be there in time. Give that another name, or make two files of these."
                )


def _written(order: Order) -> list[Path]:
    beside = [order.manifest] if order.manifest else []
    return [file.resolve() for file in (*order.outputs, *beside)]


def _heard(spec: Spec) -> list[Path]:
    references = [
        control.reference
        for control in spec.controls
        if isinstance(control, Intensity | Melody | Structure)
    ]
    return [Path(file.path) for file in (spec.clip, *references) if file]
