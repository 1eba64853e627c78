"""A clip has arrived when nobody writes to it any more and it can be read, or never will."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli.failures import RefusedError
from bridge.many.arrivals import PATIENCE_LOOKS, Arrivals


def clip(path: Path, seed: int = 0) -> Path:
    soundfile.write(path, np.random.default_rng(seed).uniform(-1, 1, 4410), 44_100)
    return path


def names(arrivals: Arrivals) -> list[str]:
    return [path.name for path in arrivals.look()]


@pytest.fixture
def arrivals(tmp_path: Path) -> Arrivals:
    return Arrivals(tmp_path)


def test_a_clip_arrives_once_with_the_second_look_that_finds_it_unchanged(
    arrivals: Arrivals, tmp_path: Path
) -> None:
    clip(tmp_path / "b.wav"), clip(tmp_path / "a.flac")
    assert [names(arrivals) for _ in range(4)] == [[], ["a.flac", "b.wav"], [], []]


def test_one_that_is_being_written_arrives_when_it_is_whole(
    arrivals: Arrivals, tmp_path: Path
) -> None:
    whole = clip(tmp_path / "whole.bin.wav").read_bytes()
    (tmp_path / "whole.bin.wav").unlink()
    path = tmp_path / "growing.wav"
    for end in range(100, len(whole), 1000):
        path.write_bytes(whole[:end])
        assert names(arrivals) == []
    for _ in range(3):  # the writer takes its time
        assert names(arrivals) == []
    path.write_bytes(whole)
    assert [names(arrivals) for _ in range(3)] == [[], ["growing.wav"], []]


def test_one_that_stays_unreadable_arrives_in_the_end_so_that_its_reason_is_told(
    arrivals: Arrivals, tmp_path: Path
) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    looks = [names(arrivals) for _ in range(PATIENCE_LOOKS + 5)]
    assert looks[PATIENCE_LOOKS] == ["broken.wav"]
    assert sum(map(len, looks)) == 1


@pytest.mark.parametrize(
    "place", [".hidden.wav", ".ditto-0123.part", "x.wav.crdownload", "notes.txt", "done/x.wav"]
)
def test_what_is_no_clip_never_arrives(arrivals: Arrivals, tmp_path: Path, place: str) -> None:
    (tmp_path / "done").mkdir()
    clip(tmp_path / "x.wav").rename(tmp_path / place)
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "nowhere.wav").symlink_to(tmp_path / "nothing")
    assert [names(arrivals) for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: clip(path, seed=1),
        lambda path: os.utime(path, (1, 1)),
        lambda path: clip(path.with_name("new.bin.wav"), seed=2).rename(path),
    ],
)
def test_one_that_is_written_anew_arrives_anew(
    arrivals: Arrivals, tmp_path: Path, change: Callable[[Path], Any]
) -> None:
    path = clip(tmp_path / "a.wav")
    assert [names(arrivals) for _ in range(3)] == [[], ["a.wav"], []]
    change(path)
    assert [names(arrivals) for _ in range(3)] == [[], ["a.wav"], []]
    path.unlink()
    assert names(arrivals) == []
    clip(path)
    assert [names(arrivals) for _ in range(2)] == [[], ["a.wav"]]


def test_a_folder_that_is_gone_is_told(arrivals: Arrivals, tmp_path: Path) -> None:
    tmp_path.rmdir()
    with pytest.raises(RefusedError, match="cannot be listed: No such file"):
        arrivals.look()
