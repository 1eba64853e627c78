"""What a model's folder may hold, and what is said of those that cannot be loaded."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from engine.errors import UnknownModelError
from engine.models.families import load_folder
from engine.models.families.folder import parts


@pytest.fixture
def folder(saved: dict[str, Path], tmp_path: Path) -> Path:
    """A copy to be harmed."""
    return Path(shutil.copytree(saved["StableAudioPipeline"], tmp_path / "model"))


def refusal(folder: Path) -> str:
    with pytest.raises(UnknownModelError) as refused:
        load_folder(folder, name="mine")
    return str(refused.value)


def test_the_parts_are_those_of_the_index(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    assert set(parts(folder)) == {name for name in index if not name.startswith("_")}
    index["tokenizer_2"] = [None, None]
    (folder / "model_index.json").write_text(json.dumps(index))
    assert "tokenizer_2" not in parts(folder)


@pytest.mark.parametrize("text", [None, "", "[]", "\0"])
def test_a_folder_without_an_index_is_no_model(folder: Path, text: str | None) -> None:
    (folder / "model_index.json").unlink()
    if text is not None:
        (folder / "model_index.json").write_text(text)
    assert "no readable model_index.json. Choose the folder that holds one" in refusal(folder)


def test_other_pipelines_are_told_which_there_are(folder: Path) -> None:
    (folder / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    message = refusal(folder)
    assert "for the pipeline FluxPipeline, which cannot be used" in message
    assert "StableAudioPipeline" in message


def test_a_missing_part_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "vae")
    assert "incomplete: its vae is missing" in refusal(folder)


def test_pickled_weights_are_never_opened(folder: Path) -> None:
    (weights,) = (folder / "transformer").glob("*.safetensors")
    weights.rename(weights.with_name("diffusion_pytorch_model.bin"))
    message = refusal(folder)
    assert "The transformer of the model" in message
    assert "diffusion_pytorch_model.bin, a format that can run a program" in message


def test_pickled_weights_beside_safe_ones_are_left_alone(folder: Path) -> None:
    (folder / "transformer" / "diffusion_pytorch_model.bin").write_bytes(b"not read")
    model: Any = load_folder(folder, name="mine", digest="0a1b")
    assert (model.name, model.digest) == ("mine", "0a1b")


@pytest.mark.parametrize(("part", "library"), [("vae", "os"), ("../vae", "diffusers")])
def test_parts_of_no_known_kind_are_not_loaded(folder: Path, part: str, library: str) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    index[part] = [library, "AutoencoderOobleck"]
    (folder / "model_index.json").write_text(json.dumps(index))
    assert f"asks for {part!r} of {library!r}, which is no part of a known kind" in refusal(folder)


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder"])
def test_weights_cut_short_are_said_to_be_unreadable(folder: Path, part: str) -> None:
    (weights,) = (folder / part).glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:100])
    assert "cannot be read" in refusal(folder)


def test_weights_of_another_size_are_said_to_be_unreadable(folder: Path) -> None:
    file = folder / "transformer" / "config.json"
    config = json.loads(file.read_text()) | {"time_proj_dim": 32}
    file.write_text(json.dumps(config))
    assert "cannot be read" in refusal(folder)


def test_missing_weights_are_not_drawn_at_random(folder: Path) -> None:
    (weights,) = (folder / "vae").glob("*.safetensors")
    kept = dict(list(load_file(weights).items())[:-1])
    save_file(kept, weights, metadata={"format": "pt"})
    assert re.search(r"incomplete: its vae has (\d+) of \d+ weights", refusal(folder))


def test_nothing_is_drawn_while_a_model_is_loaded(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    load_folder(folder, name="mine")
    assert capfd.readouterr() == ("", "")
