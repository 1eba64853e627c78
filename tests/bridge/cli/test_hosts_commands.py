"""`ditto hosts` with a pretended host: what is printed, and the exit status."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.hosts import host

TABLE = """
[studio]
title = "Studio 1"
then = "In Studio, press Ctrl-D."
needs = ["no-such-studio"]
places = [{ files = ["fill.lua"], linux = "~/.studio", darwin = "~/.studio" }]

[rack]
title = "Rack"
then = "Look at Rack."
places = [{ files = ["build/rack.so"], linux = "~/.rack", darwin = "~/.rack" }]

[rack.build]
command = ["sh", "-c", "mkdir build; echo made > build/rack.so"]
tools = ["sh"]
get = "Get sh."
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder, home = tmp_path / "hosts", tmp_path / "home"
    (folder / "studio").mkdir(parents=True)
    (folder / "rack").mkdir()
    (folder / "hosts.toml").write_text(TABLE)
    (folder / "studio" / "fill.lua").write_text('return "@DITTO@"')
    home.mkdir()
    command = tmp_path / "ditto"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setattr(host, "FOLDER", folder)
    monkeypatch.setattr("sys.argv", [str(command)])
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DITTO_HOME", str(tmp_path / "ditto-home"))
    return home


def test_install_says_exactly_what_it_put_where_and_remove_what_it_took(
    ditto: Callable, home: Path
) -> None:
    file, command = home / ".studio" / "fill.lua", home.parent / "ditto"
    outcome = ditto("hosts", "install", "studio")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        f"put  {file}",
        f"it starts {command}",
        "-> In Studio, press Ctrl-D.",
    ]
    assert file.read_text() == f'return "{command}"'
    assert ditto("hosts", "install", "studio").out.startswith(f"was there  {file}\n")
    file.write_text("mine")
    said = ditto("hosts", "install", "studio").out
    assert f"edited, is now {file}.bak" in said
    outcome = ditto("hosts", "remove", "studio")
    assert (outcome.status, outcome.out) == (0, f"removed  {file}\n")
    assert [path.name for path in home.rglob("*")] == [".studio", "fill.lua.bak"]
    assert ditto("hosts", "remove", "studio").out == "studio was not installed\n"


def test_list_names_every_host_and_whether_it_is_installed(ditto: Callable, home: Path) -> None:
    ditto("hosts", "install", "studio")
    outcome = ditto("hosts", "list")
    first, second = outcome.out.splitlines()
    assert first.split()[:2] == ["studio", "installed"]
    assert first.endswith("Studio 1: the program was not found")
    assert second == "rack           not installed  Rack"
    listed = json.loads(ditto("hosts", "list", "--json").out)
    assert [each["state"] for each in listed] == ["installed", "not installed"]
    assert [each["title"] for each in listed] == ["Studio 1", "Rack"]


def test_check_is_0_where_all_is_well_and_1_with_a_remedy_where_not(
    ditto: Callable, home: Path
) -> None:
    assert ditto("hosts", "check").out.startswith("nothing is installed")
    assert ditto("hosts", "check", "studio").status == 1
    ditto("hosts", "install", "studio")
    outcome = ditto("hosts", "check")
    assert outcome.status == 0
    marks = [line.split()[:2] for line in outcome.out.splitlines() if line[0] != " "]
    assert marks == [["??", "studio"], ["ok", "studio"], ["ok", "studio"], ["ok", "daemon"]]
    (home / ".studio" / "fill.lua").unlink()
    outcome = ditto("hosts", "check", "--json")
    assert outcome.status == 1
    (wrong,) = [each for each in json.loads(outcome.out) if each["verdict"] == "wrong"]
    assert wrong["remedy"] == "`ditto hosts install studio` puts it back."


def test_what_has_to_be_built_is_built_first(ditto: Callable, home: Path) -> None:
    outcome = ditto("hosts", "install", "rack")
    assert outcome.status == 0
    assert "it starts" not in outcome.out  # it does not ask for the command
    told = [line.split()[1:3] for line in ditto("hosts", "check").out.splitlines()]
    assert told == [["rack", "for"], ["rack", "1"], ["daemon", "none"]]
    assert (home / ".rack" / "rack.so").read_text() == "made\n"


def test_what_cannot_be_built_says_what_is_missing_or_that_it_failed(
    ditto: Callable, home: Path
) -> None:
    table = host.FOLDER / "hosts.toml"
    table.write_text(TABLE.replace('tools = ["sh"]', 'tools = ["sh", "no-such-compiler"]'))
    outcome = ditto("hosts", "install", "rack")
    assert outcome.status == 1
    assert outcome.err == (
        "ditto: 'rack' has to be built, and no-such-compiler is missing. Get sh.\n"
    )
    table.write_text(TABLE.replace("mkdir build;", "exit 7;"))
    outcome = ditto("hosts", "install", "rack")
    assert outcome.status == 1
    assert "'rack' could not be built" in outcome.err
    assert [*home.iterdir()] == []


def test_an_unknown_host_is_refused_before_anything_is_put(ditto: Callable, home: Path) -> None:
    for words in (("install", "studio", "cakewalk"), ("remove", "cakewalk"), ("check", "cakewalk")):
        outcome = ditto("hosts", *words)
        assert outcome.status == 1
        assert outcome.err == "ditto: There is no host 'cakewalk' here. Use one of studio, rack.\n"
    assert [*home.iterdir()] == []


def test_without_a_command_to_start_nothing_is_put(
    ditto: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["-c"])
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setenv("PATH", os.devnull)
    outcome = ditto("hosts", "install", "studio")
    assert (outcome.status, [*home.iterdir()]) == (1, [])
    assert "is neither beside /nowhere/python nor on the PATH" in outcome.err
