"""The music commands: what is asked of the daemon, and what lies on the disk afterwards."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from plugin_protocol.errors import DaemonLostError
from plugin_protocol.values import Failure, Inpaint, Loop, Outpaint

RATE = 44_100
CLIP = 2 * RATE


def samples(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int32")[0]


def test_outpaint_keeps_the_clip_bit_by_bit_and_adds_the_seconds(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "out.wav", "--seconds", 1.5)
    made = samples(tmp_path / "out.wav")
    assert outcome.status == 0
    assert np.array_equal(made[:CLIP], samples(clip))
    assert len(made) == CLIP + round(1.5 * RATE)
    assert (made[CLIP:] == 2**31 // 64).all()


def test_outpaint_before_puts_the_clip_last(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("outpaint", clip, "-o", tmp_path / "out.wav", "--side", "before", "--seconds", 1)
    assert np.array_equal(samples(tmp_path / "out.wav")[RATE:], samples(clip))


def test_inpaint_changes_only_the_regions(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.flac"
    ditto("inpaint", clip, "-o", out, "--region", "0.5-1", "--region", ".1-.2")
    changed = np.flatnonzero((samples(out) != samples(clip)).any(axis=1))
    wanted = [*range(RATE // 10, RATE // 5), *range(RATE // 2, RATE)]
    assert changed.tolist() == wanted


def test_generate_writes_24_bit_wav(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    ditto("generate", "-o", tmp_path / "idea.wav", "--seconds", 1, "--prompt", "calm piano")
    info = soundfile.info(tmp_path / "idea.wav")
    assert (info.subtype, info.frames, info.channels) == ("PCM_24", RATE, 2)
    assert daemon.task.prompt == "calm piano"


def test_the_input_is_untouched(ditto: Callable, daemon: Any, clip: Path, tmp_path: Path) -> None:
    before = clip.read_bytes()
    ditto("loop", clip, "-o", tmp_path / "out.wav")
    assert clip.read_bytes() == before


def test_takes_are_numbered_and_differ(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("outpaint", clip, "-o", tmp_path / "out.wav", "--takes", 3, "--seed", 7)
    takes = [tmp_path / name for name in ("out.wav", "out-2.wav", "out-3.wav")]
    assert len({samples(take)[-1, 0] for take in takes}) == 3


def test_what_is_left_out_is_left_to_the_daemon(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("outpaint", clip, "-o", tmp_path / "a.wav")
    assert daemon.task.objectives == (Outpaint(seconds=3, side="after", overlap=0),)
    assert (daemon.task.seed, daemon.task.quality, daemon.task.music.bpm) == (0, "normal", None)


def test_what_is_said_reaches_the_daemon(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    words = [
        "--bpm",
        "98.5",
        "--beat-offset",
        "-0.25",
        "--quality",
        "best",
        "--seed",
        "9",
        "--model",
        "other",
    ]
    ditto("loop", clip, "-o", tmp_path / "a.wav", "--overlap", 1, *words, "--key", "D minor")
    task = daemon.task
    assert task.objectives == (Loop(overlap=1.0),)
    assert (task.music.bpm, task.music.beat_offset, task.music.key) == (98.5, -0.25, "D minor")
    assert (task.quality, task.seed, task.model) == ("best", 9, "other")


def test_regions_reach_the_daemon_in_seconds(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("inpaint", clip, "-o", tmp_path / "a.wav", "--region", "0.25 - 0.5")
    (objective,) = daemon.task.objectives
    assert isinstance(objective, Inpaint)
    assert [(region.start, region.end) for region in objective.regions] == [(0.25, 0.5)]


def test_the_receipt_is_sent_after_the_file_is_there(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(daemon, "ack", lambda job: seen.append((tmp_path / "o.wav").exists()))
    ditto("outpaint", clip, "-o", tmp_path / "o.wav")
    assert seen == [True]


def test_without_json_stdout_names_the_file_and_stderr_the_tempo(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav")
    assert outcome.out.startswith(f"{tmp_path / 'o.wav'}  5.000 s, new: 2.000-5.000 s, seed 0")
    assert "120 bpm and A minor" in outcome.err


def test_json_prints_one_manifest_and_nothing_else_on_stdout(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--takes", 2, "--json")
    manifest = json.loads(outcome.out)
    assert manifest["job"] == daemon.called("submit")[0][0]
    assert [output["seed"] for output in manifest["outputs"]] == [0, 1]
    assert [Path(output["path"]).name for output in manifest["outputs"]] == ["o.wav", "o-2.wav"]
    assert manifest["new"] == [
        {"start": CLIP, "end": CLIP + 3 * RATE, "start_seconds": 2.0, "end_seconds": 5.0}
    ]
    assert manifest["outputs"][0]["first_losses"] == {"overlap": 1.0}
    assert manifest["music"] == {"bpm": 120 / 1.1, "beat_offset": 0.25, "key": "A minor"}
    assert manifest["model"] == {"name": "embedded", "digest": "d" * 64}


def test_the_manifest_spells_out_every_default(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--json")
    spec = json.loads(outcome.out)["spec"]
    assert spec["job"] == {"kind": "outpaint", "seconds": 3, "side": "after", "overlap": 0}
    assert (spec["quality"], spec["takes"], spec["prompt"]) == ("normal", 1, "")
    assert len(spec["clip"]["sha256"]) == 64


def test_silence_is_continued_with_a_note(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros((RATE, 2)), RATE)
    outcome = ditto("outpaint", tmp_path / "silent.wav", "-o", tmp_path / "o.wav")
    assert outcome.status == 0
    assert "is silent" in outcome.err


def test_plot_draws_one_picture_for_each_take(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    words = ("-o", tmp_path / "o.wav", "--plot", tmp_path / "p.png", "--takes", 2)
    assert ditto("outpaint", clip, *words).status == 0
    for name in ("p.png", "p-2.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_a_failed_job_leaves_no_file_and_says_why(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    daemon.failure = Failure(
        code="UNKNOWN_MODEL", message="There is no model 'other'.", hint="Use 'embedded'."
    )
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--model", "other")
    assert outcome.status == 1
    assert outcome.err.endswith("ditto: There is no model 'other'. Use 'embedded'.\n")
    assert list(tmp_path.iterdir()) == [clip]


def test_ctrl_c_cancels_the_job_and_exits_with_130(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    daemon.on_follow = interrupt
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav")
    assert outcome.status == 130
    assert daemon.called("cancel") == [(daemon.called("submit")[0][0], "stop")]
    assert outcome.err.endswith("ditto: Stopped; the job is cancelled and nothing was written.\n")
    assert list(tmp_path.iterdir()) == [clip]


def test_ctrl_c_while_drawing_says_that_the_music_is_there(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bridge.plot.draw", interrupt)
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--plot", tmp_path / "p.png")
    assert outcome.status == 130
    assert "Stopped while drawing; the music is written." in outcome.err
    assert {path.name for path in tmp_path.iterdir()} == {"clip.wav", "o.wav", "o.ditto.json"}


def test_a_receipt_that_cannot_be_sent_spoils_nothing(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(job: str) -> None:
        raise DaemonLostError("The daemon went away.")

    monkeypatch.setattr(daemon, "ack", lost)
    assert ditto("outpaint", clip, "-o", tmp_path / "o.wav").status == 0
