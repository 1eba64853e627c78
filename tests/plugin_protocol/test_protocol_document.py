"""PROTOCOL.md says what the structs say."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import plugin_protocol
from plugin_protocol import controls, reports, rules, values
from plugin_protocol.framing import CLIENT_TYPES, DAEMON_TYPES

ROOT = Path(plugin_protocol.__file__).parent
DOCUMENT = (ROOT / "PROTOCOL.md").read_text()
ASKED = (values.Task, values.AudioRef, values.Music, values.Start, values.Region)
TOLD = (
    values.Result, values.Take, values.Span, values.MeasuredCurve, values.MeasuredMatrix,
)  # fmt: skip
OBJECTIVES = get_args(values.Objective)
REPORTS = (reports.JobSummary, reports.ModelReport, reports.WorkerReport, values.Failure)
MESSAGES = tuple({**CLIENT_TYPES, **DAEMON_TYPES}.values())
ALL = (*ASKED, *TOLD, *OBJECTIVES, *REPORTS, *MESSAGES)
WRITTEN = {2**29: "2²⁹", 2**53: "2⁵³", 1e6: "10⁶", 1e7: "10⁷", 1e9: "10⁹"}
UNSTATED = {0, 2**31 - 1, 1e12, -1e12, values.MATRIX_SIZE**2}
"""Bounds that no client meets or that follow from others."""
NAMED = {200: "text", 32: "digest", 1e6: "weight"}
"""Bounds that have a name in the document."""
NUMBERS = ("i", "re")
"""Fields of all messages."""


def section(number: int) -> str:
    return DOCUMENT.split(f"\n## {number}. ")[1].split("\n## ")[0]


def rows() -> dict[tuple[str, str], str]:
    """Return {(value, field): bounds} of all tables that have a line for each field."""
    found, value = {}, ""
    tables = section(6) + section(7) + section(8).split("### 8.2")[1]
    for line in re.findall(r"^\|(?!-)(.*)\|$", tables, re.MULTILINE):
        cells = line.split(" | ")
        if len(cells) != 4:
            continue
        value = cells[0].strip(" *`") or value
        found |= {(value, field): cells[2] for field in re.findall(r"`(\w+)`", cells[1])}
    return found


def name_of(kind: Any) -> str:
    """Return what the tables call the struct: its tag, or its own name."""
    return str(kind.__struct_config__.tag or kind.__name__)


def inside(kind: Any) -> Iterator[Any]:
    """Yield the type and those it is made of; of structs only those that are lists on the wire."""
    yield kind
    parts = [*getattr(kind, "item_types", ()), *getattr(kind, "types", ())]
    if hasattr(kind, "item_type"):
        parts.append(kind.item_type)
    if getattr(kind, "array_like", False):
        parts += [field.type for field in kind.fields]
    for part in parts:
        yield from inside(part)


def bounds_of(kind: Any) -> set[float]:
    """Return the numbers that limit a type."""
    names = ("gt", "ge", "le", "min_length", "max_length")
    numbers = {getattr(part, name, None) for part in inside(kind) for name in names}
    return {number for number in numbers if number is not None} - UNSTATED


def choices_of(kind: Any) -> set[str]:
    """Return the words that a type allows."""
    literals = [p for p in inside(kind) if isinstance(p, msgspec.inspect.LiteralType)]
    return {str(word) for literal in literals for word in literal.values}


def test_it_is_about_this_version() -> None:
    version = f"{values.PROTOCOL_MAJOR}.{values.PROTOCOL_MINOR}"
    assert DOCUMENT.startswith(f"# DITTO wire protocol, version {version}\n")


def test_it_says_who_sends_each_message_and_what_answers_it() -> None:
    overview, _ = section(8).split("### 8.2")
    lines = [line.split("|")[1:5] for line in re.findall(r"^\|.*`.*\|$", overview, re.MULTILINE)]
    asked, answers, told, _ = (
        [cell.strip(" `") for cell in column] for column in zip(*lines, strict=True)
    )
    assert sorted(tag for tag in asked if tag) == sorted(CLIENT_TYPES)
    assert sorted(tag for tag in told if tag) == sorted(DAEMON_TYPES)
    assert {tag for tag in answers if tag} <= set(DAEMON_TYPES)


def test_it_has_a_line_for_each_message_without_fields() -> None:
    for tag, struct in CLIENT_TYPES.items():
        if set(struct.__struct_fields__) == set(NUMBERS):
            assert f"\n| `{tag}` | — | — | " in DOCUMENT


def test_it_states_the_limits() -> None:
    header, chunk = values.HEADER_BYTES // 2**10, values.CHUNK_BYTES // 2**10
    blob, window = values.BLOB_BYTES // 2**20, values.WINDOW_CHUNKS
    assert f"| header, chunk, blob | {header} KiB, {chunk} KiB, {blob} MiB |" in DOCUMENT
    assert f"| chunks in flight per client and direction | {window} |" in DOCUMENT
    noise = values.NOISE_BYTES // 2**20
    assert f"| task, noise | {rules.TASK_BYTES} bytes, {noise} MiB |" in DOCUMENT
    assert f"at most {rules.TASK_BYTES} bytes" in section(7)


def test_its_tables_hold_every_field_and_no_other() -> None:
    shared = controls.Control.__struct_fields__
    fields = {("all", field) for field in shared}
    for struct in ALL:
        skipped = shared if issubclass(struct, controls.Control) else NUMBERS
        own = set(struct.__struct_fields__) - set(skipped)
        fields |= {(name_of(struct), field) for field in own}
    assert set(rows()) == fields


@pytest.mark.parametrize("struct", ALL, ids=name_of)
def test_its_tables_state_bounds_choices_and_defaults(struct: Any) -> None:
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    for field in info.fields:
        if field.name in NUMBERS:
            continue
        table = rows()
        bounds = table.get((name_of(struct), field.name)) or table["all", field.name]
        for number in bounds_of(field.type):
            stated = WRITTEN.get(number, f"{number:g}").replace("-", "−")
            assert stated in bounds or NAMED.get(number, "-") in bounds, field.name
        assert {word for word in choices_of(field.type) if f"`{word}`" not in bounds} == set()
        has_default = "[" in re.sub(r"`[^`]*`", "", bounds)
        assert has_default != field.required, field.name


def test_it_explains_every_code_in_use() -> None:
    packages = [ROOT, ROOT.parent / "bridge", ROOT.parent / "engine"]
    sources = [path.read_text() for package in packages for path in package.rglob("*.py")]
    codes = set(
        re.findall(
            r'(?:Refusal|BadMessageError|RequestRefusedError)\(\s*"([A-Z_]+)"', "".join(sources)
        )
    )
    codes |= set(re.findall(r'\bcode\s*=\s*"([A-Z_]+)"', "".join(sources)))
    assert codes
    assert {code for code in codes if code not in DOCUMENT} == set()


def test_it_explains_no_code_that_nobody_uses() -> None:
    listed = set(
        re.findall(r"[A-Z_]{4,}", "".join(re.findall(r"^\| [A-Z_, ]+ \|", DOCUMENT, re.M)))
    )
    packages = [ROOT, ROOT.parent / "bridge", ROOT.parent / "engine"]
    sources = "".join(path.read_text() for package in packages for path in package.rglob("*.py"))
    assert len(listed) > 20
    assert {code for code in listed if f'"{code}"' not in sources} == set()
