"""`ditto models`: what it says, and what it does to the daemon's folder."""

import json
import re
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from model_folder import WEIGHTS, write_model

from bridge.errors import ModelError
from bridge.models.guide import PUBLIC_MODELS
from bridge.models.names import check_name


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own, no cache, and an engine that takes every model."""
    monkeypatch.setenv("DITTO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("bridge.models.judgement.require_usable", lambda _: None)
    return tmp_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "source")


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    """A public model in Hugging Face's cache."""
    repository = tmp_path / "hub" / "models--stabilityai--stable-audio-open-1.0"
    return write_model(repository / "snapshots" / ("a" * 40))


def test_a_model_is_added_listed_described_verified_and_removed(
    ditto: Callable, folder: Path, home: Path
) -> None:
    added = ditto("models", "add", "mine", folder)
    assert added.status == 0, added.err
    assert "licence: stable-audio-community" in added.out
    listed = json.loads(ditto("models", "list", "--json").out)
    assert listed["shipped"] == ["embedded", "embedded-base"]
    assert [(each["name"], each["linked"]) for each in listed["added"]] == [("mine", False)]
    assert re.search(r"^mine +StableAudioPipeline", ditto("models", "list").out, re.MULTILINE)
    told = json.loads(ditto("models", "info", "mine", "--json").out)
    assert told["memory"]["weights"] == 88
    assert [job["seconds"] for job in told["memory"]["jobs"]] == [5, 10, 30, 60]
    assert told["digest"] in ditto("models", "info", "mine").out
    assert ditto("models", "verify").out == "mine: all 5 files are as they were added\n"
    assert ditto("models", "remove", "mine").status == 0
    assert json.loads(ditto("models", "list", "--json").out)["added"] == []
    assert ditto("models", "verify").out == "no model was added\n"


def test_a_changed_file_is_named_and_fails(ditto: Callable, folder: Path) -> None:
    ditto("models", "add", "mine", folder, "--link")
    (folder / WEIGHTS).write_bytes(b"changed")
    outcome = ditto("models", "verify", "mine")
    assert (outcome.status, outcome.out) == (1, f"mine: {WEIGHTS} has changed\n")


def test_what_cannot_be_added_is_one_sentence(
    ditto: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ditto("models", "add", "embedded", folder).err.startswith("ditto: The name embedded is ")
    (folder / WEIGHTS).rename(folder / "transformer" / "model.bin")
    outcome = ditto("models", "add", "mine", folder)
    assert (outcome.status, "in model.bin, a format that can run" in outcome.err) == (1, True)
    (folder / "transformer" / "model.bin").unlink()

    def refuse(_: Path) -> None:
        raise ModelError("It is not for this engine.")

    monkeypatch.setattr("bridge.models.judgement.require_usable", refuse)
    outcome = ditto("models", "add", "mine", folder)
    assert (outcome.status, outcome.err) == (1, "ditto: It is not for this engine.\n")


def test_what_is_not_there_is_told_what_is(ditto: Callable, folder: Path) -> None:
    ditto("models", "add", "mine", folder)
    for command in ("info", "remove", "verify"):
        outcome = ditto("models", command, "moog")
        assert (outcome.status, "No model moog was added; there are: mine" in outcome.err) == (
            1,
            True,
        )


def test_a_model_is_loaded_by_the_daemon_that_runs(
    ditto: Callable, quick_daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(quick_daemon.home))
    with quick_daemon.client() as client:
        deadline = time.monotonic() + 20
        while client.ping().worker != "idle":
            assert time.monotonic() < deadline
            time.sleep(0.02)
    for _ in range(2):  # loaded by the first, and there for the second
        told = ditto("models", "prewarm", "quick", "--json")
        assert (told.status, json.loads(told.out)["state"]) == (0, "ready")
    assert ditto("models", "prewarm", "quick").out == "quick is in memory\n"
    outcome = ditto("models", "prewarm", "moog")
    assert (outcome.status, "no model moog; there are: quick" in outcome.err) == (1, True)


def test_models_that_ship_say_where_more_is_said(ditto: Callable) -> None:
    assert "MODEL_CARD.md" in ditto("models", "info", "embedded").out
    assert json.loads(ditto("models", "info", "embedded", "--json").out)["shipped"]


def test_what_lies_in_the_cache_is_offered_by_a_command_that_works(
    ditto: Callable, cached: Path
) -> None:
    (offered,) = json.loads(ditto("models", "list", "--json").out)["cached"]
    assert offered["repository"] == "stabilityai/stable-audio-open-1.0"
    for command in ("list", "guide"):
        (line,) = [
            line for line in ditto("models", command).out.splitlines() if str(cached) in line
        ]
        assert line.endswith(f"ditto models add stable-audio-open-1.0 {cached} --link")
    assert ditto(*shlex.split(line)[shlex.split(line).index("models") :]).status == 0
    listed = json.loads(ditto("models", "list", "--json").out)
    assert listed["cached"] == []
    assert [(each["name"], each["linked"]) for each in listed["added"]] == [
        ("stable-audio-open-1.0", True)
    ]


def test_the_guide_names_licence_size_publisher_and_command_of_each(ditto: Callable) -> None:
    told = ditto("models", "guide").out
    assert "Nothing is downloaded" in told
    for model in PUBLIC_MODELS:
        check_name(model.name)
        assert model.repository in told
        assert f"about {2 * model.weights:.1f} GB in 16 bits" in told
        assert model.converted in told
        assert model.licence.split(" (")[0] in told
        assert f"ditto models add {model.name} FOLDER" in told
        assert not model.convert or model.convert in told
    assert len({model.name for model in PUBLIC_MODELS}) == len(PUBLIC_MODELS)
    assert len(json.loads(ditto("models", "guide", "--json").out)) == len(PUBLIC_MODELS)
