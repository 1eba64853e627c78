"""The class for SuperCollider in sclang itself: requests, answers, and what is left over."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from door_process import DoorProcess
from hosts import host_program
from installed_host import at_home, installed

pytestmark = pytest.mark.slow

CLIP = Path(__file__).parents[3] / "installers" / "examples" / "keys.wav"
HERE = Path(__file__).parent
RATE = 44_100


@dataclass(frozen=True)
class Made:
    """What the action of a request was given."""

    path: Path
    samples: int
    first: int
    last: int
    seed: int
    takes: int
    progress: int

    @property
    def audio(self) -> np.ndarray:
        return read(self.path)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


@contextmanager
def sound_card() -> Iterator[str]:
    """A sound card that makes no sound: yields the name of a JACK server."""
    name = f"ditto-{os.getpid()}"
    words = ["-n", name, "--no-realtime", "-d", "dummy", "-r", str(RATE)]
    jack = subprocess.Popen(
        [host_program("jackd"), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        waiting = [host_program("jack_wait"), "--server", name, "--wait", "--timeout", "60"]
        subprocess.run(waiting, check=True, capture_output=True, timeout=90)
        yield name
    finally:
        jack.terminate()
        jack.wait(60)


def sclang(home: Path, script: str, *arguments: object, card: str = "") -> dict[str, list[str]]:
    """Run a script to its end and return its lines by their first word."""
    command = home / "ditto"
    command.write_text("#!/bin/sh\nprintf door; printf '\\t%s' \"$@\"; echo\n")
    command.chmod(0o755)
    environment = at_home(home) | {
        "DITTO_COMMAND": str(command),
        "JACK_DEFAULT_SERVER": card,
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
    }
    program = [host_program("sclang"), HERE / script, *map(str, arguments)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=520)
    assert "ERROR" not in done.stdout, done.stdout
    lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    return {words[0]: words[1:] for words in lines if words[0]}


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the door, with a clip in it."""
    folder = tmp_path_factory.mktemp("music and more")
    (folder / "clip.wav").write_bytes(CLIP.read_bytes())
    return folder


@pytest.fixture(scope="module")
def old(music: Path) -> np.ndarray:
    return read(music / "clip.wav")


@pytest.fixture(scope="module")
def told(
    ditto: Any, music: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[str]]]:
    """What two runs of sclang said, the first of which left when its last request had begun."""
    home = installed(ditto, "supercollider", tmp_path_factory.mktemp("home"))
    door = DoorProcess(music, ditto.environment | {"PYTHONUNBUFFERED": "1"})
    try:
        with sound_card() as card, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            arguments = (door.port, music / "clip.wav", probe.getsockname()[1])
            probe.close()
            lines = sclang(home, "ditto_in_sclang.scd", *arguments, card=card)
        yield lines | sclang(home, "ditto_left.scd", door.port)
    finally:
        door.close()


def made(told: dict[str, list[str]], name: str) -> Made:
    path, *numbers = told[f"done:{name}"]
    return Made(Path(path), *map(int, numbers))


def test_a_selection_is_filled_and_all_else_is_bit_identical(
    told: dict[str, list[str]], old: np.ndarray
) -> None:
    fill, again = made(told, "fill"), made(told, "again")
    for one in (fill, again):
        assert (one.first, one.last) == (round(1.1 * RATE), round(2.3 * RATE))
        assert one.samples == len(one.audio) == len(old)
        assert np.array_equal(one.audio[: one.first], old[: one.first])
        assert np.array_equal(one.audio[one.last :], old[one.last :])
    assert (fill.seed, again.seed) == (3, 4)
    assert not np.array_equal(fill.audio, again.audio)
    assert fill.progress > 0


def test_the_result_for_a_buffer_is_a_buffer(told: dict[str, list[str]], music: Path) -> None:
    assert np.array_equal(read(music / "from a buffer.wav"), made(told, "fill").audio)


def test_a_clip_is_led_into(told: dict[str, list[str]], old: np.ndarray) -> None:
    one = made(told, "before")
    assert (one.first, one.last, one.samples) == (0, 66150, len(old) + 66150)
    assert np.array_equal(one.audio[one.last :], old)


def test_a_loop_is_closed(told: dict[str, list[str]], old: np.ndarray) -> None:
    one = made(told, "loop")
    assert (one.first, one.last) == (len(old), len(old) + RATE)
    assert np.array_equal(one.audio[: one.first], old)


def test_a_clip_follows_an_envelope(told: dict[str, list[str]], old: np.ndarray) -> None:
    one = made(told, "reshape")
    assert (one.first, one.last, len(one.audio)) == (0, len(old), len(old))
    quarter = len(old) // 4
    assert np.std(one.audio[-quarter:]) > 2 * np.std(one.audio[:quarter])


def test_takes_come_with_the_seeds_after_the_first(told: dict[str, list[str]]) -> None:
    one = made(told, "generated")
    assert (one.seed, one.takes, one.samples) == (7, 2, RATE)
    assert len(read(one.path.with_stem("result-2"))) == RATE


def test_cancel_and_refusals_come_as_sentences(told: dict[str, list[str]]) -> None:
    assert told["failed:cancelled"] == ["CANCELLED", "Cancelled; nothing was changed."]
    code, sentence = told["failed:refused"]
    assert code == "REFUSED"
    assert sentence.startswith("seed takes a whole number")
    assert told["failed:nobody"] == [
        "UNREACHABLE",
        'No door answers. Ditto.openDoor("~/music") opens one.',
    ]


def test_what_was_being_made_when_sclang_left_is_offered_to_the_next(
    told: dict[str, list[str]],
) -> None:
    name, _, kind = told["left"]
    assert [name] == told["unfinished"]
    assert kind == "generate"
    assert (made(told, "resumed").seed, made(told, "resumed").samples) == (9, RATE)


def test_the_door_is_opened_with_the_command(told: dict[str, list[str]]) -> None:
    *words, folder = told["door"]
    assert words == ["osc", "--port", "9", "--folder"]
    assert folder.startswith("/")
    assert folder.endswith("/my music")
