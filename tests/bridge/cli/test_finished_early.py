"""Who finishes a job before its last take gets the takes that there are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace


@pytest.fixture
def finished(daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon is told to finish after the second take."""
    make = daemon._result
    monkeypatch.setattr(
        daemon, "_result", lambda task: replace(made := make(task), takes=made.takes[:2])
    )


def test_the_takes_that_there_are_are_written_and_told(
    finished: None, ditto: Callable, clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.wav"
    outcome = ditto("outpaint", clip, "-o", out, "--takes", 4, "--plot", tmp_path / "p.png")
    assert outcome.status == 0, outcome.err
    assert "It was finished after take 2 of 4." in outcome.err
    names = ["o.wav", "o-2.wav", "p.png", "p-2.png", "o.ditto.json"]
    told = [line.split("  ")[0] for line in outcome.out.splitlines()]
    assert told == [str(tmp_path / name) for name in names]
    assert {path.name for path in tmp_path.iterdir()} == {clip.name, *names}
    manifest = json.loads((tmp_path / "o.ditto.json").read_text())
    assert [take["seed"] for take in manifest["outputs"]] == [0, 1]
    assert manifest["spec"]["takes"] == 4


def test_a_batch_takes_them_for_done(
    finished: None, ditto: Callable, clip: Path, tmp_path: Path
) -> None:
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(ditto("vary", clip, "--takes", 3, "--print-spec").out)
    for state in ("made", "there"):
        outcome = ditto("batch", jobs, "--to", tmp_path, "--json")
        assert (outcome.status, json.loads(outcome.out)["state"]) == (0, state), outcome.err
    (tmp_path / "001-clip-2.wav").unlink()
    assert json.loads(ditto("batch", jobs, "--to", tmp_path, "--json").out)["state"] == "made"
