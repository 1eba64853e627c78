"""What the doctor finds, with an examination of the engine that a test makes up."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from model_folder import WEIGHTS, write_model

from bridge import doctor
from bridge.doctor import GIB, Finding, examine
from bridge.keys import KeyRing
from bridge.models.shelf import Shelf
from bridge.paths import Paths, locate

HEALTHY: dict[str, Any] = {
    "python": "3.11",
    "torch": "2.6",
    "best_device": "cpu",
    "devices": [{"device": "cpu", "name": "x86", "free": 8 * GIB, "total": 16 * GIB}],
    "models": [{"name": "embedded", "digest": "d" * 64, "seconds": 1.5}],
}


@pytest.fixture
def paths() -> Iterator[Paths]:
    with TemporaryDirectory(prefix="ditto-") as home:
        yield locate({"DITTO_HOME": home})


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the examination say this; healthy unless changed."""

    def say(found: dict[str, Any]) -> None:
        code = f"print({json.dumps(json.dumps(found))})"
        monkeypatch.setattr(doctor, "EXAMINATION", (sys.executable, "-c", code))

    say(HEALTHY)
    return say


def found(paths: Paths) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(paths)}


def test_a_sound_installation_has_no_complaints_and_nothing_is_changed(paths: Paths) -> None:
    findings = found(paths)
    assert {finding.verdict for finding in findings.values()} == {"fine"}
    assert not paths.state.exists()


def test_everything_that_is_not_fine_says_what_to_do(paths: Paths, engine: Any) -> None:
    paths.create()
    paths.state.chmod(0o755)
    KeyRing(paths.keys).server()
    (paths.keys / "server.json").chmod(0o644)
    device = {**HEALTHY["devices"][0], "free": GIB}
    engine(HEALTHY | {"devices": [device], "models": [{"name": "embedded", "problem": "Gone."}]})
    ill = {name: each for name, each in found(paths).items() if each.verdict != "fine"}
    assert {name: each.verdict for name, each in ill.items()} == {
        "state folder": "doubtful",
        "keys": "wrong",
        "device cpu": "doubtful",
        "model embedded": "wrong",
    }
    assert all(each.remedy.endswith(".") for each in ill.values())
    assert "chmod 700" in ill["state folder"].remedy


def test_added_models_are_looked_at(paths: Paths, tmp_path: Path) -> None:
    shelf = Shelf(paths.models)
    for name in ("sound", "ill"):
        shelf.add(name, write_model(tmp_path / name), link=True, judge=lambda _: None)
    (tmp_path / "ill" / WEIGHTS).unlink()
    findings = found(paths)
    assert findings["model sound"].verdict == "fine"
    assert findings["model ill"].verdict == "wrong"
    assert WEIGHTS in findings["model ill"].told


@pytest.mark.parametrize(
    ("free", "verdict"), [(20 * GIB, "fine"), (2 * GIB, "doubtful"), (GIB // 2, "wrong")]
)
def test_a_full_disk_is_found(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str
) -> None:
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert found(paths)["disk"].verdict == verdict


def test_an_engine_that_does_not_start_is_quoted(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.exit('No module named torch')"
    monkeypatch.setattr(doctor, "EXAMINATION", (sys.executable, "-c", code))
    assert found(paths)["engine"].told == "the engine does not start: No module named torch"


def test_a_daemon_that_is_well_is_found_well(quick_daemon: Any) -> None:
    assert "answers" in found(quick_daemon.paths)["daemon"].told


def test_all_workers_are_asked_after(manned_daemon: Any) -> None:
    states = "(starting|loading|idle on cpu)"
    told = found(manned_daemon.paths)["daemon"].told
    assert re.search(f"its workers are {states}, {states}$", told)


def test_a_daemon_that_does_not_answer_is_named(quick_daemon: Any) -> None:
    quick_daemon.paths.connection_file.unlink()
    finding = found(quick_daemon.paths)["daemon"]
    assert finding.verdict == "wrong"
    assert finding.remedy.startswith(f"`kill -9 {quick_daemon.process.pid}`")


def test_the_file_that_a_killed_daemon_leaves_harms_nobody(quick_daemon: Any) -> None:
    quick_daemon.kill()
    finding = found(quick_daemon.paths)["daemon"]
    assert (finding.verdict, "harms nobody" in finding.told) == ("fine", True)
