"""mod-script-pipe in audacity.cfg: switched on as Audacity itself does, and all else left alone."""

import configparser
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.hosts import audacity_modules
from bridge.hosts.audacity_modules import examine, prepare, release

BEFORE = """\
Version=3.2.4
[GUI]
ShowSplashScreen=0
[Module]
mod-ogg=1
mod-script-pipe=4
[ModuleDateTime]
mod-ogg=2023-02-01T20:56:51
[Locale]
Language=fr
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The module, written on 2023-02-01 at 20:56:51 and a bit."""
    path = tmp_path / "mod-script-pipe.so"
    path.touch()
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    os.utime(path, (1675285011.7, 1675285011.7))
    monkeypatch.setattr(audacity_modules, "MODULES", ("/nowhere/x.so", str(path)))
    monkeypatch.setattr("sys.platform", "linux")
    yield path
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


def written(home: dict[str, str], text: str | None = None) -> Path:
    file = Path(home["HOME"]) / ".config" / "audacity" / "audacity.cfg"
    if text is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return file


def parsed(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string("[top]\n" + text)
    return {name: dict(parser[name]) for name in parser.sections()}


@pytest.mark.parametrize("before", [None, "", BEFORE, BEFORE.replace("mod-script-pipe=4\n", "")])
def test_the_module_is_on_with_its_path_and_age_and_all_else_is_as_it_was(
    module: Path, home: dict[str, str], before: str | None
) -> None:
    file = written(home, before)
    assert [finding.verdict for finding in examine(home)] == ["wrong"]
    assert "was switched on" in prepare(home)[0]
    expected = parsed(before or "")
    expected.setdefault("Module", {})["mod-script-pipe"] = "1"
    expected.setdefault("ModulePath", {})["mod-script-pipe"] = str(module)
    expected.setdefault("ModuleDateTime", {})["mod-script-pipe"] = "2023-02-01T20:56:51"
    assert parsed(file.read_text()) == expected
    assert [finding.verdict for finding in examine(home)] == ["fine"]
    backup = file.with_name("audacity.cfg.bak")
    assert (backup.read_text() if backup.exists() else None) == before


def test_again_changes_nothing(module: Path, home: dict[str, str]) -> None:
    file = written(home, BEFORE)
    prepare(home)
    before = {path: path.read_text() for path in file.parent.iterdir()}
    assert prepare(home) == [f"mod-script-pipe is on in {file}"]
    assert {path: path.read_text() for path in file.parent.iterdir()} == before


def test_a_module_that_was_updated_is_seen_and_made_known(
    module: Path, home: dict[str, str]
) -> None:
    prepare(home)
    os.utime(module, (1700000000, 1700000000))
    (finding,) = examine(home)
    assert (finding.verdict, "is another than" in finding.told) == ("wrong", True)
    prepare(home)
    assert [finding.verdict for finding in examine(home)] == ["fine"]


def test_without_the_module_the_way_by_hand_is_told(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audacity_modules, "MODULES", ("/nowhere/x.so",))
    (sentence,) = prepare(home)
    assert "Edit > Preferences > Modules" in sentence
    assert not Path(home["HOME"]).exists()


def test_it_is_not_taken_from_others_who_may_use_it(module: Path, home: dict[str, str]) -> None:
    assert release(home) == []
    prepare(home)
    file = written(home)
    before = file.read_text()
    (sentence,) = release(home)
    assert "stays on" in sentence
    assert file.read_text() == before


def test_the_folder_of_old_versions_counts_where_there_is_one(
    module: Path, home: dict[str, str]
) -> None:
    old = Path(home["HOME"]) / ".audacity-data"
    old.mkdir(parents=True)
    prepare(home)
    assert (old / "audacity.cfg").exists()
    assert not written(home).exists()
