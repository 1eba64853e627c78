"""Ardour's slots and hooks, read by Lua as Ardour reads them."""

import base64
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from lupa import LuaRuntime

from bridge.hosts.ardour_slots import SLOTS, assign, examine, prepare, release, slots_in
from bridge.hosts.host import HostError

OURS = 12
THEIRS = 'scripts = {} scripts[3] = {} scripts[3]["a"] = {} scripts[3]["n"] = "Mine"  '


def home(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder)}


def file_with(folder: Path, state: str, hooks: str = "") -> Path:
    """Write what Ardour keeps, with these scripts and hooks, and return it."""
    file = folder / ".config/ardour7/ui_scripts"
    file.parent.mkdir(parents=True)
    text = base64.b64encode(state.encode()).decode()
    file.write_text(
        f'<?xml version="1.0"?>\n<UIScripts><ActionScript lua="Lua 5.3">{text}</ActionScript>'
        f"<ActionHooks>{hooks}</ActionHooks></UIScripts>"
    )
    return file


def scripts(file: Path) -> Any:
    """Return the table of scripts as Lua has it."""
    lua = LuaRuntime(unpack_returned_tuples=True)
    lua.execute(base64.b64decode(ET.parse(file).findtext("ActionScript") or ""))
    return lua.globals().scripts


def hooks(file: Path) -> list[str | None]:
    return [hook.get("name") for hook in ET.parse(file).iter("LuaCallback")]


def test_every_action_gets_a_slot_and_the_hook_is_hooked(tmp_path: Path) -> None:
    prepare(home(tmp_path))
    file = tmp_path / ".config/ardour7/ui_scripts"
    assert list(slots_in(file)) == list(range(1, OURS + 1))
    assert slots_in(file)[1] == "DITTO: Fill selection"
    assert hooks(file) == ["DITTO: Place results"]
    assert [finding.verdict for finding in examine(home(tmp_path))] == ["fine"]


def test_ardour_finds_a_function_in_each_slot(tmp_path: Path) -> None:
    prepare(home(tmp_path))
    lua = LuaRuntime(unpack_returned_tuples=True)
    found = scripts(tmp_path / ".config/ardour7/ui_scripts")
    for slot in found.values():
        press = lua.eval("function (text) return type (load (text) ({})) end")
        assert press(slot["f"]) == "function"


def test_what_is_there_stays_where_it_is(tmp_path: Path) -> None:
    file = file_with(
        tmp_path, THEIRS, '<LuaCallback name="Other" signals="1" id="7">eA==</LuaCallback>'
    )
    prepare(home(tmp_path))
    assert scripts(file)[3]["n"] == "Mine"
    assert hooks(file) == ["Other", "DITTO: Place results"]


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    prepare(home(tmp_path))
    file = tmp_path / ".config/ardour7/ui_scripts"
    before = file.read_bytes()
    prepare(home(tmp_path))
    assert file.read_bytes() == before


def test_removal_leaves_what_is_not_ours_and_a_new_installation_works(tmp_path: Path) -> None:
    file = file_with(tmp_path, THEIRS)
    prepare(home(tmp_path))
    release(home(tmp_path))
    assert [slot["n"] for slot in scripts(file).values()] == ["Mine"]
    assert hooks(file) == []
    assert [finding.verdict for finding in examine(home(tmp_path))] == ["wrong"]
    prepare(home(tmp_path))
    assert len(slots_in(file)) == OURS + 1


def test_where_slots_are_few_no_other_script_is_lost(tmp_path: Path) -> None:
    full = " ".join(f'scripts[{i}] = {{}} scripts[{i}]["n"] = "Mine {i}"' for i in range(1, SLOTS))
    file = file_with(tmp_path, f"scripts = {{}} {full}")
    prepare(home(tmp_path))
    assert slots_in(file)[SLOTS] == "DITTO: Fill selection"
    assert len(slots_in(file)) == SLOTS
    assert [finding.verdict for finding in examine(home(tmp_path))] == ["doubtful"]


def test_a_file_that_is_not_ardours_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "ui_scripts"
    file.write_text("<Playlist/>")
    with pytest.raises(HostError, match="is not Ardour's"):
        assign(file, [], tmp_path / "hook.lua")
    assert file.read_text() == "<Playlist/>"
