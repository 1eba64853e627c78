"""`ditto watch-folder` against a real daemon with a fake engine."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.many import arrivals, watching

WORDS = ("--", "outpaint", "--seconds", "3", "--prompt", "1")


@pytest.fixture
def bounces(shared_daemon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is watched, looked at without delay."""
    monkeypatch.setenv("DITTO_HOME", str(shared_daemon.home))
    monkeypatch.setattr(arrivals, "PATIENCE_LOOKS", 3)
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.0)
    folder = tmp_path / "bounces"
    folder.mkdir()
    return folder


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have these done between the looks, and Ctrl-C pressed four looks after the last."""

    def plan(*acts: Callable[[], object]) -> None:
        left = [*acts, *[lambda: None] * 4]

        def sleep(_: float) -> None:
            if not left:
                raise KeyboardInterrupt
            left.pop(0)()

        monkeypatch.setattr(watching.time, "sleep", sleep)

    return plan


def record(path: Path, seed: int = 0) -> Path:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, (4410, 2))
    soundfile.write(path, noise, 44_100, subtype=None if path.suffix == ".ogg" else "PCM_16")
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_what_is_there_and_what_comes_is_made_and_the_clips_are_not_touched(
    bounces: Path, ditto: Callable, during: Callable, tmp_path: Path
) -> None:
    record(bounces / "first.wav")
    (bounces / "notes.txt").write_text("no clip")
    during(lambda: None, lambda: None, lambda: record(bounces / "second.flac", 1))
    outcome = ditto("watch-folder", bounces, "--to", tmp_path / "longer", *WORDS)
    assert outcome.status == 130
    assert outcome.err.splitlines()[-1].startswith("ditto: Stopped; 2 made, 0 failed.")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["first.wav", "second.flac"]
    assert {path.name for path in (tmp_path / "longer").iterdir()} == {
        "first.wav", "first.ditto.json", "second.flac", "second.ditto.json",
    }  # fmt: skip
    for seed, name in enumerate(("first.wav", "second.flac")):
        old, made = (
            soundfile.read(folder / name, dtype="int16")[0]
            for folder in (bounces, tmp_path / "longer")
        )
        assert (bounces / name).read_bytes() == record(tmp_path / name, seed).read_bytes()
        assert np.array_equal(made[: len(old)], old)
        assert len(made) == len(old) + 3 * 64


def test_after_a_restart_only_what_is_new_or_has_changed_is_made(
    bounces: Path, ditto: Callable, during: Callable
) -> None:
    for number, name in enumerate("abc"):
        record(bounces / f"{name}.wav", number)
    during()
    assert len(ditto("watch-folder", bounces, *WORDS).out.splitlines()) == 3
    before = content(bounces / "done")
    record(bounces / "b.wav", 7)
    record(bounces / "d.wav", 8)
    (bounces / "done" / "c.wav").unlink()
    during()
    outcome = ditto("watch-folder", bounces, *WORDS, "--seed", "5")
    made = [line.split(":")[0] for line in outcome.out.splitlines()]
    assert made == ["b.wav", "c.wav", "d.wav"]
    after = content(bounces / "done")
    assert {name for name, data in before.items() if after[name] == data} == {
        "a.wav", "a.ditto.json",
    }  # fmt: skip


def test_where_there_is_no_music_a_text_says_why_until_there_is(
    bounces: Path, ditto: Callable, during: Callable
) -> None:
    clip, done = bounces / "a.wav", bounces / "done"
    clip.write_bytes(b"RIFF")
    record(bounces / "refused.wav")

    def look_and_mend() -> None:
        assert "damaged" in (done / "a.wav.txt").read_text()
        record(clip)

    during(*[lambda: None] * 4, look_and_mend)
    outcome = ditto("watch-folder", bounces, *WORDS)
    assert "Stopped; 2 made, 1 failed." in outcome.err
    assert not [*done.glob("*.txt")]
    record(bounces / "b.wav", 3)
    during()
    outcome = ditto("watch-folder", bounces, "--", "outpaint", "--prompt", "refuse")
    assert (done / "b.wav.txt").read_text().startswith("The fake engine refuses this.")
    assert outcome.out.startswith("b.wav: The fake engine refuses this.")


def test_nothing_is_overwritten_that_was_not_made_of_the_clip(
    bounces: Path, ditto: Callable, during: Callable
) -> None:
    done = bounces / "done"
    done.mkdir()
    (done / "mine.wav").write_text("the user's own")
    record(bounces / "mine.wav")
    record(bounces / "kick.wav")
    during(lambda: None, lambda: None, lambda: record(bounces / "kick.flac"))
    ditto("watch-folder", bounces, *WORDS)
    assert (done / "mine.wav").read_text() == "the user's own"
    assert "Rename mine.wav" in (done / "mine.wav.txt").read_text()
    manifest = json.loads((done / "kick.ditto.json").read_text())
    assert manifest["spec"]["clip"]["path"] == str(bounces / "kick.wav")
    assert "Rename kick.flac" in (done / "kick.flac.txt").read_text()
    assert not (done / "kick.flac").exists()


def test_takes_and_clips_of_the_same_name_do_not_meet(
    bounces: Path, ditto: Callable, during: Callable
) -> None:
    record(bounces / "kick.wav")
    record(bounces / "kick-2.wav", 1)
    during()
    ditto("watch-folder", bounces, *WORDS, "--takes", "2")
    done = bounces / "done"
    assert {path.name for path in done.glob("*.txt")} == {"kick.wav.txt"}
    assert json.loads((done / "kick-2.ditto.json").read_text())["outputs"][0]["seed"] == 0


def test_ctrl_c_ends_what_the_daemon_has_accepted(
    bounces: Path,
    shared_daemon: Any,
    ditto: Callable,
    during: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in range(3):
        record(bounces / f"{number}.wav", number)
    monkeypatch.setattr("bridge.many.window.Progress.iteration", interrupt)
    during()
    outcome = ditto("watch-folder", bounces, *WORDS[:-1], "500")
    assert outcome.status == 130
    with shared_daemon.client() as client:
        ends = [[*client.follow(each.job)][-1].state for each in client.jobs(3)]
    assert ends == ["cancelled"] * 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "After `--` goes one of outpaint, inpaint, loop, vary"),
        (("--", "generate", "--seconds", "4"), "After `--` goes one of"),
        (("--", "outpaint", "--seconds", "long"), "--seconds takes a number of seconds"),
        (("--", "outpaint", "clip.wav"), "unexpected extra argument (clip.wav)"),
        (("--", "vary", "-o", "x.wav"), "leave out --out"),
        (("--", "vary", "--plot", "x.png"), "leave out --out"),
    ],
)
def test_a_command_that_cannot_be_understood_is_told_at_once(
    bounces: Path, ditto: Callable, words: tuple[str, ...], told: str
) -> None:
    outcome = ditto("watch-folder", bounces, *words)
    assert (outcome.status, [*bounces.iterdir()]) == (2, [])
    assert told in outcome.err


def test_folders_that_will_not_do_are_refused(bounces: Path, ditto: Callable) -> None:
    outcome = ditto("watch-folder", bounces / "nothing", *WORDS)
    assert (outcome.status, "is no folder" in outcome.err) == (1, True)
    outcome = ditto("watch-folder", bounces, "--to", bounces, *WORDS)
    assert (outcome.status, "Give another --to" in outcome.err) == (1, True)
