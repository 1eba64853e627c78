"""What is built once for all tests of the plugin, and the daemons that they talk to."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hosts import host_program
from real_daemon import QUICK_WORKER, FakeDaemon, started

from .client_probe import build_probe
from .mirror import HERE, SOURCE, Mirror, Stage

NOISE_WORKER = (sys.executable, str(Path(__file__).parent / "noise_worker.py"))


@pytest.fixture(scope="session")
def probe() -> Path:
    """The client's probe, which ends with an error where memory is misused."""
    host_program("g++")
    host_program("make")
    return build_probe("address")


@pytest.fixture(scope="module")
def quick_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, with a worker that is up in a moment and goes on where it was."""
    yield from started(QUICK_WORKER)


@pytest.fixture(scope="module")
def noise_daemon() -> Iterator[FakeDaemon]:
    """A daemon of the file's own, whose takes are noise of their seed."""
    yield from started(NOISE_WORKER)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Noise of two channels, 13 chunks of it, as the probe is told of it."""
    file = tmp_path_factory.mktemp("clip") / "clip.f32"
    np.random.default_rng(0).standard_normal((2, 400_000), np.float32).tofile(file)
    return {"sample_rate": 44100, "channels": 2, "file": str(file)}


@pytest.fixture(scope="session")
def plugins() -> Path:
    """The folder with the plugin in all three formats, as `make` leaves it."""
    host_program("g++")
    host_program("/usr/share/dpf/utils/generate-ttl.sh")
    made = subprocess.run(
        [host_program("make"), "-j2", "-C", str(SOURCE)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert made.returncode == 0, made.stderr
    assert "warning" not in made.stderr, made.stderr
    return SOURCE / "build" / "bin"


@pytest.fixture(scope="session")
def stage_programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The hosts of stage.cpp by the format that they speak."""
    folder = tmp_path_factory.mktemp("stage")
    sources = [HERE / "stage.cpp", HERE / "counted_calls.cpp"]
    flags = ["-std=c++17", "-O1", "-rdynamic", "-pthread", "-ldl"]
    formats = {"lv2": [], "clap": ["-DCLAP", "-I/usr/share/dpf/distrho/src"]}
    for name, more in formats.items():
        command = [host_program("g++"), *sources, *flags, *more, "-o", folder / name]
        subprocess.run(command, check=True, timeout=120)
    return {name: folder / name for name in formats}


@pytest.fixture
def lv2_stage(plugins: Path, stage_programs: dict[str, Path], tmp_path: Path) -> Stage:
    return Stage(stage_programs["lv2"], plugins / "ditto.lv2" / "ditto_dsp.so", tmp_path)


@pytest.fixture
def clap_stage(plugins: Path, stage_programs: dict[str, Path], tmp_path: Path) -> Stage:
    return Stage(stage_programs["clap"], plugins / "ditto.clap", tmp_path)


@pytest.fixture(params=["lv2", "clap"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Either of them."""
    made: Stage = request.getfixturevalue(f"{request.param}_stage")
    return made


@pytest.fixture(scope="session")
def standing_mirror() -> Iterator[Mirror]:
    made = Mirror()
    made.start()
    yield made
    made.remove()


@pytest.fixture
def mirror(standing_mirror: Mirror) -> Mirror:
    """A daemon that all tests may use and none may harm, without anybody's wishes."""
    standing_mirror.wish()
    return standing_mirror


@pytest.fixture
def mortal_mirror() -> Iterator[Mirror]:
    """A daemon of the test's own, to be started, killed and started again by it."""
    made = Mirror()
    yield made
    made.remove()
