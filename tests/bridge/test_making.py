"""Scripts: from arrays to arrays in one call, and the examples as a user runs them."""

import ast
import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import plugin_protocol
from plugin_protocol.client import Client, RequestRefusedError
from plugin_protocol.errors import JobEndedError
from plugin_protocol.making import make
from plugin_protocol.messages import JobProgress, JobState
from plugin_protocol.values import Generate, Intensity, Outpaint

EXAMPLES = Path(plugin_protocol.__file__).parent / "examples"
RATE = 8000
NEW_SAMPLES = 3 * 64  # what the fake engine makes of three seconds


@pytest.fixture
def samples() -> Any:
    return np.random.default_rng(0).uniform(-1, 1, (2, RATE)).astype(np.float32)


def test_the_clip_comes_back_bit_by_bit_with_new_music_after_it(
    client: Client, samples: Any
) -> None:
    events: list[Any] = []
    made = make(
        client,
        Outpaint(seconds=3),
        clip=samples,
        sample_rate=RATE,
        on_event=events.append,
        prompt="5",
        seed=3,
    )
    (take,) = made.takes
    (new,) = made.result.new
    assert (made.sample_rate, made.result.takes[0].seed) == (RATE, 3)
    assert (new.start, new.end) == (RATE, RATE + NEW_SAMPLES)
    assert take.shape == (2, RATE + NEW_SAMPLES)
    np.testing.assert_array_equal(take[:, :RATE], samples)
    assert any(isinstance(event, JobProgress) for event in events)
    assert isinstance(events[-1], JobState)
    assert client.details(events[-1].job).acked


def test_enough_ends_the_search_and_keeps_the_music(client: Client) -> None:
    made = make(client, Generate(seconds=1), prompt="500", enough=lambda now: now.step >= 3)
    (take,) = made.result.takes
    assert take.stopped == "finish"
    assert 3 <= take.iterations < 100


def test_ctrl_c_ends_the_job(client: Client) -> None:
    def interrupt(event: object) -> None:
        if isinstance(event, JobProgress):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(client, Generate(seconds=1), prompt="500", on_event=interrupt)
    newest, *_ = client.jobs()
    assert [*client.follow(newest.job)][-1].state == "cancelled"


def test_a_job_that_ends_without_music_is_an_error_with_its_reason(client: Client) -> None:
    with pytest.raises(JobEndedError, match="The fake engine refuses this") as told:
        make(client, Generate(seconds=1), prompt="refuse")
    assert told.value.code == "INVALID_SPEC"

    def cancel(event: Any) -> None:
        client.cancel(event.job)

    with pytest.raises(JobEndedError) as told:
        make(client, Generate(seconds=1), prompt="500", on_event=cancel)
    assert told.value.code == "CANCELLED"


def test_what_breaks_rules_is_refused_before_anything_is_sent(client: Client) -> None:
    with pytest.raises(RequestRefusedError, match="clip"):
        make(client, Outpaint(seconds=1))
    with pytest.raises(RequestRefusedError, match="intensity"):
        make(client, Generate(seconds=1), Intensity())


def test_audio_is_let_go_of_with_the_last_job_that_needs_it(client: Client, samples: Any) -> None:
    other = samples + np.float32(0)
    dropped = weakref.ref(other)
    make(client, Outpaint(seconds=1), clip=other, sample_rate=RATE, prompt="1")
    del other
    gc.collect()
    assert dropped() is None


def code_lines(example: Path) -> int:
    """Count the lines that are neither empty nor the docstring."""
    tree = ast.parse(example.read_text())
    lines = example.read_text().splitlines()[tree.body[0].end_lineno :]
    return sum(bool(line.strip()) for line in lines)


def run(daemon: Any, example: str, folder: Path, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, EXAMPLES / example, *map(str, words)],
        env={**daemon.environment, "PATH": os.devnull},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_are_under_ten_lines() -> None:
    lengths = {example.name: code_lines(example) for example in EXAMPLES.glob("*.py")}
    assert len(lengths) == 3
    assert max(lengths.values()) < 10


def test_the_examples_run(shared_daemon: Any, samples: Any, tmp_path: Path) -> None:
    clip = tmp_path / "verse.wav"
    soundfile.write(clip, samples.T, RATE, subtype="FLOAT")
    run(shared_daemon, "continue_clip.py", tmp_path, clip, tmp_path / "longer.wav")
    said = run(shared_daemon, "many_loops.py", tmp_path, clip, clip)
    run(shared_daemon, "soon_enough.py", tmp_path)
    for name in ("longer.wav", "verse.wav.loop.wav"):
        made, _ = soundfile.read(tmp_path / name, dtype="float32")
        np.testing.assert_array_equal(made[:RATE], samples.T)
        assert len(made) >= RATE
    assert soundfile.info(tmp_path / "longer.wav").frames > RATE
    assert [line for line in said.splitlines() if line == "done"] == ["done"] * 2
    assert "optimizing" in said
    assert soundfile.info(tmp_path / "crescendo.wav").frames > 0
