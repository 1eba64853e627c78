"""`ditto batch` against a real daemon with a fake engine."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.many import window
from plugin_protocol.client import Client, RequestRefusedError
from tests.bridge.cli.batch_files import known_jobs, line, states, write

NEW_SAMPLES = 64
"""What the fake engine makes of each second."""


def test_each_request_is_made_in_order_and_again_nothing_is_left_to_do(
    real: Any, ditto: Callable, clip: Path, jobs: Path, tmp_path: Path
) -> None:
    write(jobs, *(line(f"{n}.wav", clip, prompt=f"{9 - n} x") for n in range(5)))
    outcome = ditto("batch", jobs, "--json")
    told = [json.loads(each) for each in outcome.out.splitlines()]
    assert outcome.status == 0, outcome.err
    assert [(each["line"], each["state"]) for each in told] == [(n, "made") for n in range(1, 6)]
    old = soundfile.read(clip, dtype="int16")[0]
    for n in range(5):
        made = soundfile.read(tmp_path / f"{n}.wav", dtype="int16")[0]
        assert np.array_equal(made[: len(old)], old)
        assert len(made) == len(old) + 3 * NEW_SAMPLES
        assert told[n]["outputs"][0]["samples"] == len(made)
    before = known_jobs(real)
    outcome = ditto("batch", jobs)
    assert (outcome.status, outcome.err) == (0, "0 of 5 made, 5 were there\n")
    assert outcome.out.splitlines()[4] == "5/5 4.wav: was there"
    assert known_jobs(real).keys() == before.keys()


def test_what_is_not_of_the_same_request_is_made(
    real: Any, ditto: Callable, clip: Path, jobs: Path, tmp_path: Path
) -> None:
    asked = [line(f"{n}.wav", clip, takes=2) for n in range(4)]
    write(jobs, *asked)
    assert ditto("batch", jobs).status == 0
    asked[0]["spec"]["seed"] = 7
    asked[1]["spec"]["music"] = {"bpm": 77.0}
    (tmp_path / "2-2.wav").unlink()
    write(jobs, *asked)
    assert states(ditto("batch", jobs, "--json")) == ["made", "made", "made", "there"]
    soundfile.write(clip, soundfile.read(clip)[0][::-1], 44_100, subtype="PCM_16")
    (tmp_path / "3.ditto.json").write_text("{")
    assert states(ditto("batch", jobs, "--json")) == ["made"] * 4


def test_one_that_fails_does_not_end_the_others(
    real: Any, ditto: Callable, clip: Path, jobs: Path, tmp_path: Path
) -> None:
    asked = [line("a.wav", clip), line("b.wav", clip, prompt="refuse"), line("c.wav", clip)]
    write(jobs, *asked)
    outcome = ditto("batch", jobs)
    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == "2 of 3 made, 1 failed"
    failed = "2/3 b.wav: The fake engine refuses this. Ask for something else."
    assert outcome.out.splitlines()[1].startswith(failed)
    assert [(tmp_path / f"{name}.wav").exists() for name in "abc"] == [True, False, True]
    asked[1]["spec"]["prompt"] = "1"
    write(jobs, *asked)
    outcome = ditto("batch", jobs, "--json")
    assert (outcome.status, states(outcome)) == (0, ["there", "made", "there"])


def test_what_print_spec_prints_can_be_used_as_it_is(
    real: Any, ditto: Callable, clip: Path, jobs: Path, tmp_path: Path
) -> None:
    other = clip.rename(clip.with_name("other.flac.wav"))
    words = ("outpaint", other, "--prompt", "1", "--print-spec")
    jobs.write_text("".join(ditto(*words, "--seed", seed).out for seed in range(3)))
    outcome = ditto("batch", jobs, "--to", tmp_path / "new" / "folder")
    assert outcome.status == 0, outcome.err
    names = {path.name for path in (tmp_path / "new" / "folder").glob("*.wav")}
    assert names == {f"00{n}-other.flac.wav" for n in (1, 2, 3)}
    outcome = ditto("batch", jobs)
    assert outcome.status == 1
    assert outcome.err.splitlines()[1].startswith(f"ditto: {jobs}:27: it has no name.")


def test_all_that_is_wrong_is_told_by_line_before_anything_is_made(
    real: Any, ditto: Callable, clip: Path, jobs: Path, tmp_path: Path
) -> None:
    good, before = line("good.wav", clip), known_jobs(real)
    jobs.write_text(
        "\n".join(
            [
                json.dumps(good),
                '{"out": "x.wav", "spec": ',
                json.dumps(line("x.wav", clip, seed=-1)),
                "",
                json.dumps({"out": "y.wav"}),
                json.dumps(line("z.wav", clip.with_name("missing.wav"))),
                json.dumps(line("nowhere/z.wav", clip)),
                json.dumps(line(clip.name, clip)),
                json.dumps(line("u.xyz", clip)),
                json.dumps(line("v.wav", clip, controls=[{"kind": "intensity", "points": []}])),
                "",
                json.dumps(good["spec"]) + " nonsense",
            ]
        )
    )
    outcome = ditto("batch", jobs)
    assert (outcome.status, outcome.out) == (1, "")
    assert known_jobs(real).keys() == before.keys()
    assert not (tmp_path / "good.wav").exists()
    lines = [re.match(rf"ditto: {jobs}:(\d+)", each) for each in outcome.err.splitlines()]
    assert all(lines), outcome.err
    assert [int(found[1]) for found in lines if found] == [2, 3, 5, 6, 7, 8, 9, 10, 12]
    for words in (
        "$.spec.seed: expected a whole number >= 0",
        "missing.wav does not exist",
        "The folder",
        "is the clip itself",
        "ends in '.xyz'",
        "intensity",
        "this is no JSON",
    ):
        assert words in outcome.err


def test_requests_that_would_disturb_each_other_are_refused(
    real: Any, ditto: Callable, clip: Path, jobs: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes(clip.read_bytes())
    write(
        jobs,
        line("a.wav", clip),
        line("b.wav", clip, takes=2),
        line("a.flac", clip),
        line("b-2.wav", clip),
        line("copy.wav", clip),
        line("c.wav", copy),
    )
    outcome = ditto("batch", jobs)
    assert (outcome.status, outcome.out) == (1, "")
    told = [each.removeprefix(f"ditto: {jobs}:") for each in outcome.err.splitlines()]
    assert [each.split(" would")[0] for each in told] == [
        f"3: {tmp_path / 'a.ditto.json'}",
        f"4: {tmp_path / 'b-2.wav'}",
        f"6: {copy}",
    ]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_nothing_is_no_batch(ditto: Callable, jobs: Path, content: str) -> None:
    jobs.write_text(content)
    outcome = ditto("batch", jobs)
    assert (outcome.status, outcome.err) == (1, f"ditto: {jobs} holds no request.\n")


def test_a_daemon_that_is_handed_too_much_at_once_is_given_time(
    real: Any, ditto: Callable, clip: Path, jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals, submit = ["RATE_LIMITED", "QUEUE_FULL", "RATE_LIMITED"], Client.submit

    def hesitate(self: Client, *words: Any, **options: Any) -> Any:
        if refusals:
            raise RequestRefusedError(refusals.pop(), "Not now.")
        return submit(self, *words, **options)

    monkeypatch.setattr(Client, "submit", hesitate)
    monkeypatch.setattr(window, "WAITS", dict.fromkeys(window.WAITS, 0.01))
    write(jobs, line("a.wav", clip), line("b.wav", clip))
    assert states(ditto("batch", jobs, "--json")) == ["made", "made"]
    refusals.append("STORAGE_FULL")
    write(jobs, line("c.wav", clip, seed=9), line("d.wav", clip, seed=9))
    assert states(ditto("batch", jobs, "--json")) == ["failed", "made"]


def test_the_daemon_keeps_nothing_of_what_was_received(
    real: Any, ditto: Callable, clip: Path, jobs: Path
) -> None:
    before = known_jobs(real)
    write(jobs, line("a.wav", clip, seed=77))
    assert ditto("batch", jobs).status == 0
    with real.client() as client:
        (job,) = known_jobs(real).keys() - before.keys()
        assert client.details(job).retention == "ack"


def test_the_manifest_by_which_it_is_known_appears_last(
    real: Any, ditto: Callable, clip: Path, jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeared, replace = [], Path.replace

    def appear(self: Path, target: Path) -> Path:
        appeared.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", appear)
    write(jobs, line("a.wav", clip, takes=2))
    assert ditto("batch", jobs).status == 0
    assert appeared[-1] == "a.ditto.json"
    assert {*appeared} >= {"a.wav", "a-2.wav"}
