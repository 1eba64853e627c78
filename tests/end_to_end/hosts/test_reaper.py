"""REAPER's scripts from nothing: installed by `ditto hosts`, with the real daemon and model.

REAPER itself cannot be had here; its place takes a pretend one whose list of functions is REAPER's.
"""

import copy
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from pretend_reaper.machine import Reaper
from pretend_reaper.model import Envelope, Project, Source, Track, item
from pretend_reaper.sound import heard
from pretend_reaper.studio import Studio

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "installers" / "examples"
RATE = 44100
LONG_ENOUGH = 200.0
YES = 6


class Ditto(Protocol):
    """What the fixture `ditto` can do."""

    environment: dict[str, str]

    def start(self, *words: object) -> Any: ...
    def daemon_pid(self) -> int: ...


@pytest.fixture(scope="module")
def scripts(ditto: Ditto, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which `ditto hosts install reaper` puts the scripts."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.delenv("XDG_CONFIG_HOME", raising=False)
        process = ditto.start("hosts", "install", "reaper")
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    (action,) = home.rglob("DITTO - Fill selection.lua")
    assert str(action.parent) in out
    return action.parent


@pytest.fixture
def studio(
    ditto: Ditto, scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    """A saved project with the bundled keys at second 8, the items' bars on the project's."""
    for name in ("DITTO_HOME", "PYTHONPATH", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, ditto.environment[name])
    monkeypatch.delenv("DITTO_COMMAND", raising=False)
    keys = item(Source.of(EXAMPLES / "keys.wav"), 8.0, "Keys")
    project = Project(str(tmp_path / "song.rpp"), [Track([keys])], bpm=84.0)
    made = Studio(Reaper(scripts, project), project, tmp_path)
    made.set("quality", "draft")
    yield made
    made.reaper.stop_processes()


def run(studio: Studio, action: str) -> None:
    studio.reaper.act(action)
    studio.reaper.pump(seconds=LONG_ENOUGH)
    assert studio.reaper.boxes == []


def undone(studio: Studio, before: list[Any]) -> bool:
    assert len(studio.project.undo) == 1
    studio.project.undo_once()
    return studio.project.state() == before


def test_a_fill_is_music_in_its_place(studio: Studio) -> None:
    original, before = heard(studio.item), copy.deepcopy(studio.project.state())
    studio.project.selection = (10.0, 11.5)
    run(studio, "Fill selection")
    made = heard(studio.item)
    first, last = 2 * RATE, 7 * RATE // 2
    assert made.shape == original.shape
    assert np.array_equal(made[:first], original[:first])
    assert np.array_equal(made[last:], original[last:])
    assert not np.array_equal(made[first:last], original[first:last])
    assert np.abs(made[first:last]).max() > 0.01
    assert undone(studio, before)


def test_a_continued_item_is_longer_by_the_sample(studio: Studio) -> None:
    original, before = heard(studio.item), copy.deepcopy(studio.project.state())
    end = 8.0 + len(original) / RATE
    studio.project.selection = (end, end + 2.0)
    run(studio, "Continue item after its end")
    made = heard(studio.item)
    assert len(made) == len(original) + 2 * RATE
    assert np.array_equal(made[: len(original)], original)
    assert np.abs(made[len(original) :]).max() > 0.01
    assert undone(studio, before)


def test_a_loop_is_full_bars_and_repeats(studio: Studio) -> None:
    original, before = heard(studio.item), copy.deepcopy(studio.project.state())
    run(studio, "Make loop")
    bars = studio.item.values["D_LENGTH"] / (4 * 60 / 84)
    assert abs(bars - round(bars)) < 1e-3
    assert studio.item.values["B_LOOPSRC"] == 1.0
    assert np.array_equal(heard(studio.item)[: len(original)], original)
    assert undone(studio, before)


def test_an_item_follows_its_envelope(studio: Studio) -> None:
    envelope = Envelope("Volume", [(0.0, 1.0), (2.0, 1.0), (2.5, 0.1), (5.8, 0.1)], active=False)
    studio.take.envelopes = [envelope]
    before, original = copy.deepcopy(studio.project.state()), heard(studio.item)
    studio.project.selection = (9.0, 12.0)
    run(studio, "Reshape to envelope")
    made = heard(studio.item)
    first, last = RATE, 4 * RATE
    assert np.array_equal(made[:first], original[:first])
    assert np.array_equal(made[last:], original[last:])

    def level(start: float, stop: float) -> float:
        part = made[round(start * RATE) : round(stop * RATE)]
        return float(10 * np.log10(np.mean(np.square(part))))

    # It falls by 20 dB within half a second.
    assert level(1.1, 2.0) - level(2.6, 3.9) > 10
    assert undone(studio, before)


def wait_for_message(studio: Studio, words: str) -> None:
    studio.reaper.pump(
        lambda: any(words in text for each in studio.reaper.scripts for text in each.window.texts),
        seconds=LONG_ENOUGH,
    )


def test_cancel_frees_the_daemon_and_changes_nothing(studio: Studio) -> None:
    before = copy.deepcopy(studio.project.state())
    studio.set("quality", "best")
    studio.set("takes", 8)
    studio.project.selection = (10.0, 11.0)
    studio.reaper.act("Fill selection")
    wait_for_message(studio, "optimizing: iteration ")
    studio.reaper.act("Cancel")
    studio.reaper.pump(seconds=60)
    assert '"CANCELLED"' in (studio.jobs[0] / "failed.json").read_text()
    assert studio.project.state() == before
    assert studio.reaper.boxes == []


def test_a_job_outlives_reaper_and_the_daemon(studio: Studio, ditto: Ditto) -> None:
    studio.project.selection = (10.0, 12.0)
    studio.set("seed", 3)
    studio.reaper.act("Fill selection")
    wait_for_message(studio, "optimizing: iteration ")
    studio.restart()
    os.kill(ditto.daemon_pid(), signal.SIGKILL)
    deadline = time.monotonic() + LONG_ENOUGH
    while not (studio.jobs[0] / "done.json").exists():
        assert not (studio.jobs[0] / "failed.json").exists()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    studio.reaper.answers = [YES]
    studio.item.selected = False
    studio.reaper.act("Fill selection")
    assert "has been finished" in studio.reaper.boxes[0]
    assert studio.take.texts["P_NAME"] == "DITTO fill 1 (seed 3)"
