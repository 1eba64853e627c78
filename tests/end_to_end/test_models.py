"""A model of the user's own, from its folder to music, through the real daemon and engine."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.engine.models.families import small_stable_audio_open

from .conftest import Ditto

NAME = "tiny"


def said(ditto: Ditto, *words: object, status: int = 0) -> str:
    process = ditto.start("models", *words)
    out, err = process.communicate(timeout=300)
    assert process.returncode == status, err
    return out + err if status else out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    small_stable_audio_open.save(folder)
    return folder


def test_a_model_is_added_makes_music_and_is_removed(
    ditto: Ditto, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made.wav"
    words = ("-o", out, "--seconds", "1", "--model", NAME, "--prompt", "warm piano")
    assert "licence: not said" in said(ditto, "add", NAME, folder)
    report = json.loads(said(ditto, "prewarm", NAME, "--json"))
    digest = json.loads(said(ditto, "info", NAME, "--json"))["digest"]
    assert (report["state"], report["digest"]) == ("ready", digest)
    manifest = ditto.manifest("generate", *words)
    assert manifest["model"] == {"name": NAME, "digest": digest}
    made, rate = soundfile.read(out)
    assert (len(made), rate) == (8000, 8000)
    assert np.abs(made).max() > 0
    said(ditto, "remove", NAME)
    refused = ditto.start_job("generate", *words)
    _, err = refused.communicate(timeout=300)
    assert refused.returncode == 1
    assert f"There is no model named '{NAME}'" in err


def test_a_model_whose_files_were_cut_is_refused_when_it_is_asked_for(
    ditto: Ditto, folder: Path
) -> None:
    said(ditto, "add", "cut", folder)
    (weights,) = ditto.home.rglob("models/cut/files/vae/*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1])
    assert "is not as it was when cut was added" in said(ditto, "prewarm", "cut", status=1)
    assert "has changed" in said(ditto, "verify", "cut", status=1)
    said(ditto, "remove", "cut")


def test_a_model_for_another_pipeline_is_refused_by_the_engine(ditto: Ditto, folder: Path) -> None:
    index = folder / "model_index.json"
    kept = index.read_text()
    index.write_text(kept.replace("StableAudioPipeline", "FluxPipeline"))
    assert "made for the pipeline FluxPipeline" in said(ditto, "add", "flux", folder, status=1)
    index.write_text(kept)
