"""A job folder against a real daemon with a fake engine: the files are the whole conversation."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.cli import connection
from bridge.cli.app import run
from bridge.folders.folder import JobFolder

ROOT = Path(__file__).parents[3]
RATE = 44_100


def spec(prompt: int, **more: Any) -> dict[str, Any]:
    """A clip continued by three seconds; the fake engine needs `prompt` iterations."""
    job = {"kind": "outpaint", "seconds": 3.0}
    clip = {"path": "clip.wav"}
    return {"schema": "ditto-spec/1", "job": job, "clip": clip, "prompt": str(prompt), **more}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a job folder as a host does."""

    def write(iterations: int, *, deliver: str = "whole", name: str = "a", **more: Any) -> Path:
        made = tmp_path / name
        made.mkdir()
        audio = np.random.default_rng(0).uniform(-0.5, 0.5, (RATE, 2)).astype(np.float32)
        soundfile.write(made / "clip.wav", audio, RATE, subtype="FLOAT")
        asked = {"schema": "ditto-job/1", "deliver": deliver, "spec": spec(iterations, **more)}
        (made / "job.json").write_text(json.dumps(asked))
        return made

    return write


@pytest.fixture
def home(shared_daemon: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DITTO_HOME", str(shared_daemon.home))
    return shared_daemon


def begin(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Begin `ditto job` in a process of its own."""
    command = [sys.executable, "-c", "from bridge.cli import main; main()", "job", str(folder)]
    return subprocess.Popen(
        [*command, *words], env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )


def read_when_there(path: Path, seconds: float = 20) -> dict[str, Any]:
    """Wait for a file, and return what it says."""
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, [each.name for each in path.parent.iterdir()]
        time.sleep(0.01)
    known: dict[str, Any] = json.loads(path.read_text())
    return known


def newest(daemon: Any, state: str) -> None:
    """Wait until the newest job is in that state."""
    deadline = time.monotonic() + 20
    with daemon.client() as client:
        while [job.state for job in client.jobs(1)] != [state]:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_the_whole_keeps_the_clip_bit_by_bit(home: Any, folder: Callable) -> None:
    made = folder(2, seed=5)
    assert run(["job", str(made), "--wait"]) == 0
    done = json.loads((made / "done.json").read_text())
    clip, _ = soundfile.read(made / "clip.wav", dtype="float32")
    for take in done["takes"]:
        result, rate = soundfile.read(made / take["file"], dtype="float32")
        assert np.array_equal(result[:RATE], clip)
        assert (rate, len(result)) == (done["sample_rate"], done["samples"])
    assert [take["seed"] for take in done["takes"]] == [5]
    assert (done["start"], done["new_start"], done["new_end"]) == (0, RATE, done["samples"])
    assert soundfile.info(made / "result.wav").subtype == "FLOAT"
    assert not (made / "progress.json").exists()


@pytest.mark.parametrize("side", ["before", "after"])
def test_only_the_new_lies_where_it_says(home: Any, folder: Callable, side: str) -> None:
    job = {"kind": "outpaint", "seconds": 3.0, "side": side}
    whole, new = folder(2, job=job, name="w"), folder(2, job=job, deliver="new", name="n")
    for made in (whole, new):
        assert run(["job", str(made), "--wait"]) == 0
    all_of_it, part = (json.loads((made / "done.json").read_text()) for made in (whole, new))
    everything, _ = soundfile.read(whole / "result.wav")
    piece, _ = soundfile.read(new / "result.wav")
    assert part["start"] == part["new_start"] == all_of_it["new_start"]
    assert len(piece) == part["samples"] == part["new_end"] - part["new_start"]
    begins = part["start"] - all_of_it["start"]
    assert np.array_equal(piece, everything[begins : begins + len(piece)])


def test_it_returns_at_once_and_the_music_comes_later(home: Any, folder: Callable) -> None:
    made = folder(200)
    assert begin(made).wait(20) == 0
    assert not (made / "done.json").exists()
    shown = read_when_there(made / "progress.json")
    assert shown["state"] in ("starting", "queued", "loading", "running")
    read_when_there(made / "done.json")


def test_done_and_progress_have_a_line_for_each_member(home: Any, folder: Callable) -> None:
    made = folder(2)
    assert run(["job", str(made), "--wait"]) == 0
    lines = (made / "done.json").read_text().splitlines()
    known = json.loads((made / "done.json").read_text())
    assert lines[0] == "{"
    assert lines[-1] == "}"
    for name, value in known.items():
        if name != "takes":
            line = f'"{name}": {json.dumps(value, ensure_ascii=False)}'
            assert line in [each.rstrip(",") for each in lines]


def test_the_file_cancel_ends_the_job_on_the_daemon(home: Any, folder: Callable) -> None:
    made = folder(5000)
    assert begin(made).wait(20) == 0
    newest(home, "running")
    (made / "cancel").touch()
    failed = read_when_there(made / "failed.json")
    assert failed["code"] == "CANCELLED"
    newest(home, "cancelled")
    assert not (made / "result.wav").exists()


def test_a_cancel_from_before_the_beginning_makes_no_job(home: Any, folder: Callable) -> None:
    made = folder(5000)
    (made / "cancel").touch()
    with home.client() as client:
        before = client.jobs(1)
        assert run(["job", str(made), "--wait"]) == 1
        assert client.jobs(1) == before
    assert json.loads((made / "failed.json").read_text())["code"] == "CANCELLED"


def test_the_file_finish_keeps_the_best_so_far(home: Any, folder: Callable) -> None:
    made = folder(5000)
    assert begin(made).wait(20) == 0
    newest(home, "running")
    (made / "finish").touch()
    assert read_when_there(made / "done.json")["samples"] > RATE


def test_a_command_that_was_killed_goes_on_with_the_same_job(home: Any, folder: Callable) -> None:
    made = folder(5000)
    first = begin(made, "--wait")
    newest(home, "running")
    first.kill()
    first.wait(20)
    assert JobFolder(made).state == "open"
    id_before = (made / "job.id").read_text()
    (made / "finish").touch()
    assert begin(made, "--wait").wait(20) == 0
    assert json.loads((made / "done.json").read_text())["job"] == id_before.strip()


def test_two_processes_never_work_on_one_folder(home: Any, folder: Callable) -> None:
    made = folder(5000)
    first = begin(made, "--wait")
    newest(home, "running")
    assert begin(made, "--wait").wait(20) == 0
    assert first.poll() is None
    assert JobFolder(made).state == "running"
    (made / "cancel").touch()
    assert first.wait(20) == 1


def test_after_a_cancel_it_begins_anew_under_another_id(home: Any, folder: Callable) -> None:
    made = folder(2)
    (made / "cancel").touch()
    assert run(["job", str(made), "--wait"]) == 1
    id_before = (made / "job.id").read_text()
    assert run(["job", str(made), "--wait"]) == 0
    assert (made / "job.id").read_text() != id_before


def test_what_is_wrong_with_a_request_is_said_in_the_folder(home: Any, folder: Callable) -> None:
    made = folder(2, job={"kind": "inpaint", "regions": [{"start": 0.5, "end": 9.0}]})
    assert run(["job", str(made), "--wait"]) == 1
    failed = json.loads((made / "failed.json").read_text())
    assert failed["code"] == "REFUSED"
    assert "ends outside the clip, which is 1 s long" in failed["message"]


def test_a_stretch_within_is_for_vary_alone(home: Any, folder: Callable) -> None:
    made = folder(2)
    asked = json.loads((made / "job.json").read_text())
    (made / "job.json").write_text(json.dumps({**asked, "within": {"start": 0.1, "end": 0.5}}))
    assert run(["job", str(made), "--wait"]) == 1
    assert "'vary'" in json.loads((made / "failed.json").read_text())["message"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is no JSON"), ('{"schema": "ditto-job/1"}', "spec"), ("{}", "schema")],
)
def test_a_broken_request_is_refused_by_name(
    home: Any, folder: Callable, text: str, said: str
) -> None:
    made = folder(2)
    (made / "job.json").write_text(text)
    assert run(["job", str(made), "--wait"]) == 1
    failed = json.loads((made / "failed.json").read_text())
    assert failed["code"] == "REFUSED"
    assert said in failed["message"]


def test_the_list_says_what_may_be_taken(
    home: Any, folder: Callable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(2, name="1-open")
    done, taken = folder(2, name="2-done"), folder(2, name="3-taken")
    failed = folder(2, name="4-failed")
    (failed / "clip.wav").unlink()
    for each in (done, taken, failed):
        run(["job", str(each), "--wait"])
    (taken / "taken").touch()
    capsys.readouterr()
    assert run(["job", str(tmp_path), "--list"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    states = [(state, Path(path).name) for state, path in lines]
    assert states == [("open", "1-open"), ("done", "2-done"), ("failed", "4-failed")]


def test_a_daemon_that_was_stopped_keeps_the_job(
    mortal_daemon: Any, folder: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(mortal_daemon.home))
    made = folder(150)
    process = begin(made, "--wait")
    newest(mortal_daemon, "running")
    mortal_daemon.signal(signal.SIGTERM)
    failed = read_when_there(made / "failed.json")
    assert failed["code"] == "STOPPED"
    assert "kept" in failed["message"]
    assert process.wait(20) == 1
    mortal_daemon.start()
    assert begin(made, "--wait").wait(30) == 0
    assert json.loads((made / "done.json").read_text())["job"] == failed["job"]


def test_a_daemon_that_dies_is_told_about_and_the_job_goes_on(
    mortal_daemon: Any, folder: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(mortal_daemon.home))
    # Else the command would start a real one, with the engine.
    monkeypatch.setattr(connection, "ensure_daemon", mortal_daemon.find)
    made = folder(150)
    with ThreadPoolExecutor() as pool:
        status = pool.submit(run, ["job", str(made), "--wait"])
        newest(mortal_daemon, "running")
        mortal_daemon.kill()
        mortal_daemon.start()
        assert status.result(60) == 0
    assert read_when_there(made / "done.json")["samples"] > RATE
    notes = json.loads((made / "result.ditto.json").read_text())["notes"]
    assert any(note.startswith("The daemon has died. It is started again") for note in notes)
