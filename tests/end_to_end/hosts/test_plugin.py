"""The plugin in DawDreamer with the real daemon and model: a bundled clip made new in its place."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
import soundfile
from hosts import host_program

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "plugin_protocol" / "plugin"
DAW = ROOT / "tests" / "plugin_protocol" / "plugin" / "daw.py"
START_DAEMON = "from bridge.cli.connection import connect; connect().close()"
BLOCK = 512
CLIP = 250 * BLOCK
"""Samples that are captured: a bar and a half."""
BPM = 124
BAR = round(4 * 60 / BPM * 44_100)
Sound = Any
"""(2, samples)"""


class Ditto(Protocol):
    """What the fixture `ditto` can do."""

    home: Path
    environment: dict[str, str]


@pytest.fixture(scope="module")
def groove() -> Sound:
    samples, _ = soundfile.read(ROOT / "installers" / "examples" / "groove.wav", dtype="float32")
    return np.tile(samples.T, 3)


@pytest.fixture
def heard(ditto: Ditto, groove: Sound, tmp_path: Path) -> Callable[..., Sound]:
    """Capture the clip, have it made new, and return what is then heard from the beginning on."""
    host_program("g++")
    host_program("/usr/share/dpf/utils/generate-ttl.sh")
    if os.environ.get("DITTO_HOSTS") != "required" and find_spec("dawdreamer") is None:
        pytest.skip("dawdreamer is not installed")
    build = [host_program("make"), "-j2", "-C", str(SOURCE)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL, timeout=300)
    start = [sys.executable, "-c", START_DAEMON]
    subprocess.run(start, check=True, env=ditto.environment, timeout=60)
    wishes = "quality = draft\nprompt = drums, house\n"
    (ditto.home / "plugin.conf").write_text(wishes, encoding="utf-8")
    np.save(tmp_path / "track.npy", groove)

    def made(task: int, *more: list[Any]) -> Sound:
        steps = [
            ["tempo", BPM],
            ["knob", "Task", task / 4],
            ["knob", "New bars", 0.0],
            *more,
            ["knob", "Capture", 1.0],
            ["render", CLIP, "dry"],
            ["knob", "Capture", 0.0],
            ["knob", "Go", 1.0],
            ["await", "Status", "Done"],
            ["render", groove.shape[1], "wet"],
        ]
        plugin = SOURCE / "build" / "bin" / "ditto.vst3"
        words = map(str, [sys.executable, DAW, plugin, 44_100, BLOCK, tmp_path])
        ran = subprocess.run(
            list(words),
            input=json.dumps(steps),
            env=ditto.environment,
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert ran.returncode == 0, ran.stderr
        wet: Sound = np.load(tmp_path / "wet.npy")
        return wet

    return made


def assert_new(wet: Sound, dry: Sound, start: int, end: int) -> None:
    """Between the two samples there is other music, everywhere else every bit is the track's."""
    np.testing.assert_array_equal(wet[:, :start], dry[:, :start])
    np.testing.assert_array_equal(wet[:, end:], dry[:, end:])
    new, old = wet[:, start:end], dry[:, start:end]
    assert np.isfinite(new).all()
    assert np.mean(new != old) > 0.9
    assert -60 < 10 * np.log10(np.mean(new**2)) < 0


def test_a_marked_stretch_is_filled(heard: Callable[..., Sound], groove: Sound) -> None:
    start, end = 100 * BLOCK, 170 * BLOCK
    assert_new(heard(0, ["automate", "Mark", start, end]), groove, start, end)


def test_it_goes_on_for_a_bar(heard: Callable[..., Sound], groove: Sound) -> None:
    assert_new(heard(1), groove, CLIP, CLIP + BAR)


def test_a_loop_comes_round_with_the_bar(heard: Callable[..., Sound], groove: Sound) -> None:
    wet = heard(3)
    ends = [round(bars * 4 * 60 / BPM * 44_100) for bars in (2, 3, 4)]
    loop = next(n for n in ends if np.array_equal(wet[:, n : n + BLOCK], groove[:, :BLOCK]))
    again = np.resize(np.arange(loop), wet.shape[1])
    np.testing.assert_array_equal(wet, wet[:, again])
    assert_new(wet[:, :loop], groove[:, :loop], CLIP, loop)


def test_the_clip_is_reshaped_in_its_place(heard: Callable[..., Sound], groove: Sound) -> None:
    assert_new(heard(4), groove, 0, CLIP)
