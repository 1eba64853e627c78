"""The folder as REAPER and ReaPack see it."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pretend_reaper import signatures
from pretend_reaper.studio import SCRIPTS

ACTIONS = {
    "Fill selection", "Continue item after its end", "Continue item before its start", "Make loop",
    "Reshape to envelope", "Follow melody of item", "Structure from regions or markers",
    "Another take", "Cancel", "Finish now", "Settings",
}  # fmt: skip
FILES = sorted(SCRIPTS.glob("*.lua"))


def test_every_action_has_a_file() -> None:
    assert {file.stem for file in FILES if " - " in file.stem} == {f"DITTO - {a}" for a in ACTIONS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_scripts_are_short_and_start_with_what_reapack_reads(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert len(lines) <= 300
    assert max(map(len, lines)) <= 100
    assert re.match(r"-- @(noindex|description)", lines[0])


def test_all_documented_functions_that_are_listed_are_used() -> None:
    scripts = "\n".join(file.read_text() for file in FILES)
    used = set(re.findall(r"\b((?:reaper|gfx)\.\w+)\b", scripts))
    listed = {f"{m}.{name}" for m, functions in signatures.read().items() for name in functions}
    variables = {f"gfx.{name}" for name in ("x", "y", "w", "h", "mouse_x", "mouse_y", "mouse_cap")}
    assert used == listed | variables


def test_the_index_names_every_file_once_at_its_address() -> None:
    words = [sys.executable, SCRIPTS.parent / "reapack_index.py", "https://example.org/r"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
    index = ElementTree.fromstring(done.stdout.encode())
    assert (index.tag, index.attrib) == ("index", {"version": "1", "name": "DITTO"})
    sources = index.findall("category/reapack[@type='script']/version/source")
    names = [source.attrib["file"] for source in sources]
    assert sorted(names) == sorted(file.name for file in FILES)
    assert sum(source.get("main") == "main" for source in sources) == len(ACTIONS)
    assert "https://example.org/r/DITTO%20-%20Fill%20selection.lua" in {s.text for s in sources}


def test_one_line_says_where_ditto_is() -> None:
    lines = [line for file in FILES for line in file.read_text().splitlines()]
    assert [line for line in lines if "@DITTO@" in line] == ['local DITTO = "@DITTO@"']
