"""The patch for Pure Data in Pure Data itself: from an array into an array, and nothing lost."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from door_process import DoorProcess
from hosts import host_program
from installed_host import installed
from pd_process import Pd

pytestmark = pytest.mark.slow

CLIP = Path(__file__).parents[3] / "installers" / "examples" / "keys.wav"
QUICK = ("quality", "draft")
LONG = ("quality", "best", "takes", 8)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the door, with a clip in it."""
    folder = tmp_path_factory.mktemp("music and more")
    (folder / "clip.wav").write_bytes(CLIP.read_bytes())
    return folder


@pytest.fixture(scope="module")
def old(music: Path) -> np.ndarray:
    """What Pd reads of the clip: its first channel."""
    return soundfile.read(music / "clip.wav", dtype="float32", always_2d=True)[0][:, 0]


@pytest.fixture(scope="module")
def door(ditto: Any, music: Path) -> Iterator[DoorProcess]:
    opened = DoorProcess(music, ditto.environment | {"PYTHONUNBUFFERED": "1"})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def home(ditto: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a user who has installed the patch as the README says."""
    return installed(ditto, "puredata", tmp_path_factory.mktemp("home"))


@pytest.fixture
def pd(door: DoorProcess, music: Path, home: Path, tmp_path: Path) -> Iterator[Pd]:
    with Pd(host_program("pd"), home, tmp_path, door.port) as started:
        started.read(music / "clip.wav", "clip")
        yield started


def done(pd: Pd) -> tuple[int, int, int, int]:
    """Return samples, the first new one, the one after the last, and the seed."""
    samples, first, last, seed = map(int, pd.hear("done"))
    return samples, first, last, seed


def test_a_selection_is_filled_and_all_else_is_bit_identical(
    pd: Pd, old: np.ndarray, music: Path
) -> None:
    pd.send("ditto", "fill", "region", 1.1, 2.3, *QUICK)
    samples, first, last, _ = done(pd)
    made = pd.saved(music / "filled.wav", "made")[:, 0]
    assert (samples, first, last) == (len(old), round(1.1 * 44100), round(2.3 * 44100))
    assert len(made) == len(old)
    assert np.array_equal(made[:first], old[:first])
    assert np.array_equal(made[last:], old[last:])
    assert not np.array_equal(made[first:last], old[first:last])


def test_a_clip_of_two_channels_is_continued(pd: Pd, music: Path) -> None:
    pd.read(music / "clip.wav", "clip", "clip-right")
    pd.send("ditto", "source", "clip", "clip-right")
    pd.send("ditto", "result", "made", "made-right")
    pd.send("ditto", "continue", "seconds", 1.5, "prompt", "slow keys", *QUICK)
    old, _ = soundfile.read(music / "clip.wav", dtype="float32", always_2d=True)
    samples, first, last, _ = done(pd)
    assert (samples, first, last) == (len(old) + 66150, len(old), len(old) + 66150)
    made = pd.saved(music / "continued.wav", "made", "made-right")
    assert made.shape == (samples, 2)
    assert np.array_equal(made[:first], old)
    assert not np.array_equal(made[first:, 0], made[first:, 1])


def test_a_loop_is_closed_and_a_clip_reshaped(pd: Pd, old: np.ndarray, music: Path) -> None:
    pd.send("ditto", "loop", "seconds", 1, *QUICK)
    samples, first, _, _ = done(pd)
    made = pd.saved(music / "loop.wav", "made")[:, 0]
    assert (samples, first, len(made)) == (len(old) + 44100, len(old), len(old) + 44100)
    assert np.array_equal(made[:first], old)
    length = len(old) / 44100
    curve = ("intensity", "0:-40", f"{length:.2f}:-10", "intensity-match", "shape")
    pd.send("ditto", "reshape", "strength", 0.5, *curve, *QUICK)
    samples, first, last, _ = done(pd)
    made = pd.saved(music / "reshaped.wav", "made")[:, 0]
    assert (samples, first, last) == (len(old), 0, len(old))
    quarter = len(made) // 4
    assert np.std(made[-quarter:]) > 2 * np.std(made[:quarter])


def test_cancel_ends_it(pd: Pd) -> None:
    pd.send("ditto", "id", "c")
    pd.send("ditto", "generate", "seconds", 5, *LONG)
    while float(pd.hear("fraction")[0]) <= 0:
        pass
    pd.send("ditto", "cancel")
    assert pd.hear("said", "failed")[:2] == ["c", "CANCELLED"]


def test_what_is_made_when_pd_dies_is_offered_to_the_next(
    pd: Pd, door: DoorProcess, old: np.ndarray, music: Path, home: Path, tmp_path: Path
) -> None:
    pd.send("ditto", "id", "survivor")
    pd.send("ditto", "continue", "seconds", 1, *QUICK)
    pd.hear("said", "accepted")
    pd.kill()
    with Pd(host_program("pd"), home, tmp_path, door.port) as reborn:
        reborn.send("ditto", "left")
        assert reborn.hear("said", "job", "survivor")[1] == "outpaint"
        reborn.send("ditto", "id", "survivor")
        reborn.send("ditto", "resume")
        samples, first, _, _ = done(reborn)
        made = reborn.saved(music / "survivor.wav", "made")[:, 0]
        assert (samples, first, len(made)) == (len(old) + 44100, len(old), len(old) + 44100)
        assert np.array_equal(made[:first], old)
        reborn.send("ditto", "left")
        heard = reborn.heard_until("said", "jobs")
        assert ["said", "job", "survivor"] not in [line[:3] for line in heard]


def test_a_daemon_that_dies_is_said_and_the_music_comes(pd: Pd, ditto: Any) -> None:
    pd.send("ditto", "continue", "seconds", 2, "seed", 1, *QUICK)
    while float(pd.hear("fraction")[0]) <= 0:
        pass
    os.kill(ditto.daemon_pid(), signal.SIGKILL)
    said = [line[-1] for line in pd.heard_until("done") if line[:2] == ["said", "progress"]]
    assert any(sentence.startswith("The daemon has died. It is started") for sentence in said)


def test_without_a_door_a_sentence_says_what_to_do(pd: Pd) -> None:
    pd.send("ditto", "port", 9)
    pd.send("ditto", "fill", "region", 1, 2)
    code, sentence = pd.hear("said", "failed", "-")
    assert code == "UNREACHABLE"
    assert sentence == "No door answers. Run 'ditto osc' in a terminal."
