"""The built plugin in programs of other people, each in a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hosts import host_program

from .mirror import HERE, Mirror, Track

Steps = list[list[Any]]
CAPTURE_AND_RESHAPE: Steps = [
    ["tempo", 120.0],
    ["knob", "Task", 1.0],
    ["knob", "Capture", 1.0],
    ["render", 24_000, "dry"],
    ["knob", "Capture", 0.0],
    ["knob", "Go", 1.0],
    ["await", "Takes", "1"],
]


def needs(package: str) -> None:
    """Skip a test where a package is missing, unless all hosts are promised."""
    if os.environ.get("DITTO_HOSTS") != "required" and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


@pytest.fixture
def daw(plugins: Path, tmp_path: Path) -> Callable[..., None]:
    """Do steps in DawDreamer with the VST3 plugin; see daw.py."""
    needs("dawdreamer")

    def run(
        home: Path, track: Track, steps: Steps, *, rate: int = 48_000, block: int = 512
    ) -> None:
        np.save(tmp_path / "track.npy", track)
        command = [sys.executable, HERE / "daw.py", plugins / "ditto.vst3", rate, block, tmp_path]
        ran = subprocess.run(
            list(map(str, command)),
            input=json.dumps(steps),
            env={**os.environ, "DITTO_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr

    return run


def noise(samples: int) -> Track:
    return (np.random.default_rng(samples).standard_normal((2, samples)) * 0.1).astype("f4")


@pytest.mark.parametrize(
    ("rate", "block"), [(44_100, 32), (48_000, 512), (96_000, 4096), (48_000, 441)]
)
def test_capture_and_playback_are_exact(
    daw: Callable[..., None], mirror: Mirror, tmp_path: Path, rate: int, block: int
) -> None:
    x = noise(60_000 + block)
    steps = [*CAPTURE_AND_RESHAPE, ["render", 60_000, "wet"]]
    daw(mirror.home, x, steps, rate=rate, block=block)
    # Whole blocks are rendered, and so they are captured.
    captured = -(-24_000 // block) * block
    expected = np.hstack([-x[:, :captured], x[:, captured:60_000]])
    np.testing.assert_array_equal(np.load(tmp_path / "dry.npy"), x[:, :24_000])
    np.testing.assert_array_equal(np.load(tmp_path / "wet.npy"), expected)
    assert mirror.asked()[-1]["clip"]["frames"] == captured
    assert mirror.asked()[-1]["clip"]["sample_rate"] == rate
    assert mirror.asked()[-1]["music"] == {"bpm": 120.0, "beat_offset": 0.0}


def test_a_saved_project_brings_its_music_back(
    daw: Callable[..., None], mirror: Mirror, tmp_path: Path
) -> None:
    x = noise(50_000)
    daw(mirror.home, x, [*CAPTURE_AND_RESHAPE, ["save", "project"]])
    steps = [["load", "project"], ["await", "Takes", "1"], ["render", 20_000, "again"]]
    daw(mirror.home, x, steps)
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), -x[:, :20_000])


PEDALBOARD = """
import sys
import numpy as np, pedalboard
plugin = pedalboard.load_plugin(sys.argv[1])
for rate in (44100, 48000, 96000):
    for size in (1, 63, 512, 8192):
        x = np.random.default_rng(size).standard_normal((2, 20000)).astype("f4")
        for bypass in (False, True):
            plugin.bypass = bypass
            assert np.array_equal(plugin(x, rate, buffer_size=size, reset=True), x), (rate, size)
"""


def run_python(script: str, *words: object, **environment: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", script, *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr


def test_without_music_it_passes_every_bit(plugins: Path, tmp_path: Path) -> None:
    needs("pedalboard")
    run_python(PEDALBOARD, plugins / "ditto.vst3", DITTO_HOME=str(tmp_path))


SUBNORMAL = """
import ctypes, sys
for library in sys.argv[1:]:
    ctypes.CDLL(library)
assert 5e-324 * 1.0 == 5e-324 != 0.0, "loading the plugin has changed how its host counts"
"""


def test_loading_it_does_not_change_how_the_host_counts(plugins: Path) -> None:
    libraries = [
        plugins / "ditto.clap",
        plugins / "ditto.lv2" / "ditto_dsp.so",
        *plugins.glob("ditto.vst3/Contents/*/ditto.so"),
    ]
    assert len(libraries) == 3
    run_python(SUBNORMAL, *libraries)


def test_ardour_s_scanner_finds_it(plugins: Path, tmp_path: Path) -> None:
    scanner = Path(host_program("/usr/lib/ardour7/ardour-vst3-scanner"))
    ran = subprocess.run(
        [scanner, "-f", "-v", plugins / "ditto.vst3"],
        env={"HOME": str(tmp_path), "LD_LIBRARY_PATH": str(scanner.parent)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "Found Plugin: DITTO" in ran.stdout + ran.stderr


@pytest.fixture
def lv2_path(plugins: Path, tmp_path: Path) -> str:
    """A folder with nothing but the LV2 plugin."""
    (tmp_path / "lv2").mkdir()
    (tmp_path / "lv2" / "ditto.lv2").symlink_to(plugins / "ditto.lv2")
    return str(tmp_path / "lv2")


def test_lilv_knows_its_ports(lv2_path: str) -> None:
    environment = {**os.environ, "LV2_PATH": f"{lv2_path}:/usr/lib/lv2"}
    told = subprocess.check_output(
        [host_program("lv2info"), "urn:ditto:plugin"], env=environment, text=True, timeout=30
    )
    for symbol in ("lv2_enabled", "capture", "mark", "go", "finish", "cancel", "take", "status"):
        assert f"Symbol:      {symbol}\n" in told


def test_its_description_is_valid(plugins: Path) -> None:
    """But for two labels for MOD's pedals, which DPF writes into all that it describes."""
    host_program("sord_validate")
    ran = subprocess.run(
        [host_program("lv2_validate"), *(plugins / "ditto.lv2").glob("*.ttl")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = (ran.stdout + ran.stderr).split("error: ")[1:]
    assert all("moddevices.com/ns/mod#" in error for error in lines), lines


def test_no_unit_is_shown_as_an_integer(plugins: Path) -> None:
    """Ardour 7.3 gives printf a float for it, and shows another number."""
    (description,) = (plugins / "ditto.lv2").glob("*_dsp.ttl")
    assert "%d" not in description.read_text(encoding="utf-8")


@pytest.fixture
def jack_server() -> Iterator[str]:
    """The name of an audio server without a sound card."""
    name = f"ditto-{os.getpid()}"
    words = ["-n", name, "--no-realtime", "-d", "dummy", "-r", "48000", "-p", "512"]
    server = subprocess.Popen(
        [host_program("jackd"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    yield name
    server.terminate()
    server.communicate(timeout=10)


def test_jalv_plays_it(lv2_path: str, jack_server: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "LV2_PATH": f"{lv2_path}:/usr/lib/lv2",
        "JACK_DEFAULT_SERVER": jack_server,
        "JACK_NO_START_SERVER": "1",
        "DITTO_HOME": str(tmp_path),
    }
    deadline = time.monotonic() + 20
    said = ""
    while "Update rate" not in said:
        assert time.monotonic() < deadline, said
        host = subprocess.Popen(
            [host_program("jalv"), "-i", "urn:ditto:plugin"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            said, _ = host.communicate("", timeout=1)
        host.send_signal(signal.SIGINT)
        rest, _ = host.communicate(timeout=10)
        said += rest
    assert host.returncode == 0, said
