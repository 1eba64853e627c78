"""Specs and manifests: what is printed can be run, and what was made can be made again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

CONTROLS = ("--intensity", "2.1:-30.123456789012345 4:-12", "--melody", "C4 1, E4 0.3333333333")


def test_print_spec_makes_nothing_and_needs_no_name(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, *CONTROLS, "--print-spec")
    assert (outcome.status, outcome.err, daemon.calls) == (0, "", [])
    assert json.loads(outcome.out)["schema"] == "ditto-spec/1"
    assert [*tmp_path.iterdir()] == [clip]


@pytest.mark.parametrize("kind", ["outpaint", "loop", "vary", "inpaint", "generate"])
def test_a_printed_spec_asks_for_exactly_the_same(
    kind: str, ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    own: tuple[object, ...] = {
        "inpaint": (clip, "--region", "0.1-1.7"),
        "generate": ("--seconds", 5.3, "--loop-period", "4.9"),
    }.get(kind, (clip,))
    controls = CONTROLS if kind == "outpaint" else ("--melody", "C4 1", "--structure", clip)
    words = (kind, *own, *controls, "--bpm", 98.7, "--seed", 3, "--takes", 2, "--balance")
    spec = tmp_path / "spec.json"
    spec.write_text(ditto(*words, "--print-spec").out)
    assert ditto(*words, "-o", tmp_path / "a.wav").status == 0
    directly = daemon.task
    outcome = ditto("run", spec, "-o", tmp_path / "b.wav")
    assert outcome.status == 0, outcome.err
    assert daemon.task == directly
    assert ditto("run", spec, "--print-spec").out == spec.read_text()


def test_a_manifest_makes_the_same_again(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "a.wav", *CONTROLS, "--takes", 2)
    assert str(tmp_path / "a.ditto.json") in outcome.out
    first = json.loads((tmp_path / "a.ditto.json").read_text())
    outcome = ditto("run", tmp_path / "a.ditto.json", "-o", tmp_path / "b.wav")
    assert (outcome.status, "differ" in outcome.err) == (0, False)
    for name in ("{}.wav", "{}-2.wav"):
        one, other = ((tmp_path / name.format(stem)).read_bytes() for stem in "ab")
        assert one == other
    second = json.loads((tmp_path / "b.ditto.json").read_text())
    assert second["spec"] == first["spec"]


def test_a_manifest_holds_the_music_that_was_followed_bit_by_bit(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("loop", clip, "-o", tmp_path / "a.wav")
    assert daemon.task.music.bpm is None
    ditto("run", tmp_path / "a.ditto.json", "-o", tmp_path / "b.wav")
    music = daemon.task.music
    assert (music.bpm, music.beat_offset, music.key) == (120 / 1.1, 0.25, "A minor")


def test_no_manifest_is_written_where_none_is_wanted(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    ditto("generate", "-o", tmp_path / "a.wav", "--seconds", 1, "--no-manifest")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_manifest_that_cannot_be_written_is_refused_before_the_work(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.ditto.json").mkdir()
    outcome = ditto("generate", "-o", tmp_path / "a.wav", "--seconds", 1)
    assert (outcome.status, daemon.calls) == (1, [])
    assert "a.ditto.json is a folder" in outcome.err


def test_what_is_printed_is_what_is_kept(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    outcome = ditto("generate", "-o", tmp_path / "a.wav", "--seconds", 1, "--json")
    assert json.loads(outcome.out) == json.loads((tmp_path / "a.ditto.json").read_text())


def test_a_changed_clip_is_refused(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("loop", clip, "-o", tmp_path / "a.wav")
    daemon.calls.clear()
    soundfile.write(clip, np.zeros((99_000, 2)), 44_100)
    outcome = ditto("run", tmp_path / "a.ditto.json", "-o", tmp_path / "b.wav")
    assert (outcome.status, daemon.calls) == (1, [])
    assert f"{clip} has changed since the spec was written" in outcome.err
    assert not (tmp_path / "b.wav").exists()


def test_another_model_or_version_is_mentioned(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    ditto("generate", "-o", tmp_path / "a.wav", "--seconds", 1)
    manifest = json.loads((tmp_path / "a.ditto.json").read_text())
    manifest["versions"]["ditto"] = "0.0.0"
    (tmp_path / "a.ditto.json").write_text(json.dumps(manifest))
    daemon.digest = "e" * 64
    outcome = ditto("run", tmp_path / "a.ditto.json", "-o", tmp_path / "b.wav")
    assert outcome.status == 0
    assert "It was made by ditto 0.0.0" in outcome.err
    assert "It was made by another 'embedded' than the one here" in outcome.err


def test_paths_in_a_spec_count_from_where_it_lies(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    spec = {"schema": "ditto-spec/1", "job": {"kind": "loop"}, "clip": {"path": clip.name}}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    outcome = ditto("run", tmp_path / "spec.json", "-o", tmp_path / "o.wav")
    assert outcome.status == 0, outcome.err
