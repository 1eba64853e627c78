"""Words -> a checked request, as the command line makes it of the same options.

The keys are the options of `ditto inpaint` and its sisters without their dashes, and `in`, `out`
and `id`. Options that lead to files outside a request's own are left out.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
import msgspec

from bridge.audio_files import CONTAINERS
from bridge.cli.failures import RefusedError
from bridge.cli.music_commands import generate, inpaint, loop, outpaint, vary
from bridge.cli.options import Wishes
from bridge.cli.parameters import Stretch
from bridge.cli.request import Request, from_words
from bridge.osc.grounds import Grounds
from bridge.osc.words import by_key, regions, tune
from plugin_protocol.values import Generate, Inpaint, Kind, Loop, Outpaint, Region, Vary

COMMANDS: dict[str, tuple[click.Command, type[Kind]]] = {
    "inpaint": (inpaint, Inpaint),
    "outpaint": (outpaint, Outpaint),
    "loop": (loop, Loop),
    "vary": (vary, Vary),
    "generate": (generate, Generate),
}
OWN = ("id", "in", "out")
WITHIN = "region"
"""Of what is varied, only this stretch."""
CONTROLS_IN_FILES = ("intensity", "melody", "structure")
_FILES = frozenset({*CONTAINERS, ".csv", ".json", ".txt", ".mid", ".midi"})
_LEFT_OUT = frozenset(
    {"from", "from-take", "resample", "out", "plot", "json", "manifest", "print-spec", "help"}
)
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Asked:
    """A request: where the result goes, what it is, and `within` what of a clip to vary."""

    out: Path | None
    request: Request
    within: Region | None


def id_of(words: Sequence[str]) -> str:
    """Return the id that a request's words give, "" for none. Raises RefusedError."""
    at = [number for number, word in enumerate(words[:-1]) if word == "id"]
    return checked_id(words[at[0] + 1]) if at else ""


def checked_id(word: str) -> str:
    """Return an id that may be part of a file's name. Raises RefusedError."""
    if not _ID.fullmatch(word):
        raise RefusedError("'id' takes up to 64 letters, digits and _ . - without spaces.")
    return word


def asked(kind: str, words: Sequence[str], grounds: Grounds) -> Asked:
    """Return the request that the words make. Raises BridgeError."""
    command, struct = COMMANDS[kind]
    options = _options(command)
    keys = (*OWN, WITHIN) if struct is Vary else OWN
    given = by_key(words, [*keys, *options])
    own = {key: " ".join(value) for key, value in given if key in keys}
    clip = _clip(kind, own, grounds)
    out = grounds.output(own["out"]) if "out" in own else None
    arguments = [
        text
        for key, value in given
        if key not in keys
        for text in _arguments(options[key], key, value, grounds)
    ]
    behind = ["--", str(clip)] if clip else []
    with _told_in_words():
        parameters = command.make_context(kind, [*arguments, "--print-spec", *behind]).params
        within = _within(given) if WITHIN in own else None
    wishes = Wishes(**{f.name: parameters[f.name] for f in fields(Wishes) if f.name in parameters})
    request = from_words(_kind(struct, parameters), clip, wishes)
    return Asked(out, request, within)


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        # Ours begin with the option and are whole sentences; click's own it puts into words.
        is_ours = error.message.startswith(("--", "this option"))
        sentence = error.message if is_ours else error.format_message()
        raise RefusedError(_without_dashes(sentence)) from error


def in_words(error: Exception) -> str:
    """Return what is wrong in the words of a request, whose keys have no dashes.

    What it quotes may have come from anywhere: nothing in it steers a terminal.
    """
    sentence = _without_dashes(" ".join(str(error).split()))
    return "".join(letter if letter.isprintable() else "?" for letter in sentence)


def _options(command: click.Command) -> dict[str, click.Option]:
    found = {
        max(parameter.opts, key=len).removeprefix("--"): parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
    }
    return {name: option for name, option in found.items() if name not in _LEFT_OUT}


def _clip(kind: str, own: dict[str, str], grounds: Grounds) -> Path | None:
    if kind == "generate":
        if "in" in own:
            raise RefusedError("Generating takes no clip. Leave 'in' out, or vary the clip.")
        return None
    if "in" not in own:
        raise RefusedError("'in' is missing: the sound file to work on.")
    return grounds.place(own["in"])


def _arguments(option: click.Option, key: str, value: list[str], grounds: Grounds) -> Iterator[str]:
    """Yield the option as the command line has it; its value can never be taken for another."""
    if option.is_flag:
        if value not in (["0"], ["1"]):
            raise RefusedError(f"'{key}' takes 0 or 1.")
        if value == ["1"]:
            yield f"--{key}"
    elif key == "region":
        yield from (f"--{key}={region}" for region in regions(value))
    elif key in CONTROLS_IN_FILES:
        yield f"--{key}={_control(key, value, grounds)}"
    else:
        yield f"--{key}={' '.join(value)}"


def _control(key: str, value: list[str], grounds: Grounds) -> str:
    """Return a control's words; where they name a file, or could, the file in the grounds."""
    plain = " ".join(value)
    for text in (plain, tune(value)):
        is_there = _is_file(grounds.folder / text) or _is_file(Path(text))
        if is_there or Path(text).suffix.lower() in _FILES:
            return str(grounds.place(text))
    return tune(value) if key == "melody" else plain


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # too long for a name


def _within(given: list[tuple[str, list[str]]]) -> Region:
    stretches = [text for key, value in given if key == WITHIN for text in regions(value)]
    start, end = Stretch().convert(stretches[0], None, None)
    if len(stretches) > 1 or end <= start:
        raise RefusedError("Varied is one 'region', START END in seconds, or the whole clip.")
    return Region(start=start, end=end)


def _kind(struct: type[Kind], parameters: dict[str, Any]) -> Kind:
    if struct is Inpaint:
        stretches = parameters["regions"]
        return Inpaint(regions=tuple(Region(start=a, end=b) for a, b in stretches))
    given = {
        name: parameters[name]
        for name in struct.__struct_fields__
        if parameters.get(name) is not None
    }
    if struct is Generate:
        given.setdefault("seconds", 0.0)  # one period of music that repeats
    return msgspec.convert(given, struct)


def _without_dashes(text: str) -> str:
    return re.sub(r"(?<!\S)(['`]?)--(?=[a-z])", r"\1", text).replace("with -o", "with 'out'")
