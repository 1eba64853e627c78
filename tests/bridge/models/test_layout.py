"""Which files of a folder are taken for the model, and what is refused, by name."""

import json
import os
from pathlib import Path

import pytest
from model_folder import WEIGHTS

from bridge.errors import ModelError
from bridge.models.layout import look_at


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        look_at(folder)
    return str(refused.value)


def put_into_index(folder: Path, **entries: object) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | entries))


def test_the_model_is_its_index_its_parts_and_its_licence(folder: Path) -> None:
    for extra in ("run.py", "transformer/modeling.py", "notes.docx", "transformer/events.out"):
        (folder / extra).write_text("of no use here")
    found = look_at(folder)
    assert found.pipeline == "StableAudioPipeline"
    assert found.parts == ("tokenizer", "transformer")
    assert set(found.files) == {
        "README.md",
        "model_index.json",
        "tokenizer/tokenizer.json",
        "transformer/config.json",
        WEIGHTS,
    }


def test_a_part_with_pickled_weights_alone_is_refused_with_their_name(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "transformer" / "diffusion_pytorch_model.bin")
    said = refusal(folder)
    assert "The transformer of the model" in said
    assert "diffusion_pytorch_model.bin, a format that can run a program when it is read" in said
    assert "safetensors" in said


def test_pickles_and_adapters_beside_safe_weights_stay_behind(folder: Path) -> None:
    for name in ("diffusion_pytorch_model.bin", "adapter_config.json", "adapter.pkl"):
        (folder / "transformer" / name).write_bytes(b"not read")
    assert {name for name in look_at(folder).files if name.startswith("transformer/")} == {
        "transformer/config.json",
        WEIGHTS,
    }


def test_weights_that_are_there_twice_are_taken_in_full_precision(folder: Path) -> None:
    twin = folder / "transformer" / "diffusion_pytorch_model.fp16.safetensors"
    twin.write_bytes((folder / WEIGHTS).read_bytes())
    assert "fp16" not in " ".join(look_at(folder).files)
    (folder / WEIGHTS).unlink()
    assert f"transformer/{twin.name}" in look_at(folder).files


@pytest.mark.parametrize("place", ["transformer/config.json", WEIGHTS, "model_index.json"])
def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path, place: str) -> None:
    secret = folder.parent / "secret"
    (folder / place).rename(secret)
    (folder / place).symlink_to(secret)
    said = refusal(folder)
    assert "is a link that leads out of the model's folder" in said
    assert str(secret) in said


def test_a_part_that_is_a_link_to_elsewhere_is_refused(folder: Path) -> None:
    (folder / "tokenizer").rename(folder.parent / "elsewhere")
    (folder / "tokenizer").symlink_to(folder.parent / "elsewhere")
    assert "leads out of the model's folder" in refusal(folder)


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "the weights")
    (folder / WEIGHTS).symlink_to(folder / "the weights")
    assert look_at(folder).files[WEIGHTS] == (folder / "the weights").resolve()


def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "short").symlink_to(folder)
    assert look_at(tmp_path / "short") == look_at(folder)


def test_a_snapshot_may_link_to_the_blobs_of_its_own_repository_only(
    folder: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "hub" / "models--owner--name"
    snapshot = repository / "snapshots" / "0123456789abcdef"
    for kept in ("hub/models--owner--name/blobs", "hub/models--owner--other/blobs"):
        (tmp_path / kept).mkdir(parents=True)
    snapshot.parent.mkdir()
    folder.rename(snapshot)
    blob = repository / "blobs" / "feed"
    (snapshot / WEIGHTS).rename(blob)
    (snapshot / WEIGHTS).symlink_to("../../../blobs/feed")
    assert look_at(snapshot).files[WEIGHTS] == blob.resolve()
    other = tmp_path / "hub" / "models--owner--other" / "blobs" / "feed"
    blob.rename(other)
    (snapshot / WEIGHTS).unlink()
    (snapshot / WEIGHTS).symlink_to(other)
    assert "leads out of the model's folder" in refusal(snapshot)


@pytest.mark.parametrize("name", ["..", "../model", "a/b", "/etc", "", "tokenizer\0"])
def test_a_part_whose_name_is_a_path_is_refused(folder: Path, name: str) -> None:
    put_into_index(folder, **{name: ["transformers", "T5Tokenizer"]})
    assert "lists a part that cannot be one" in refusal(folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "\0", '{"_class_name": ["pipeline", "Mine"]}', "[" * 9999]
)
def test_an_index_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "model_index.json").write_text(text)
    assert "cannot be read as the index of a model" in refusal(folder)


def test_a_huge_index_is_not_parsed(folder: Path) -> None:
    put_into_index(folder, _padding="x" * 2**20)
    assert "cannot be read as the index of a model" in refusal(folder)


def test_other_folders_are_told_what_a_model_is(folder: Path) -> None:
    assert "is no folder" in refusal(folder / "README.md")
    assert "no model in diffusers' layout" in refusal(folder / "transformer")
    (folder / "tokenizer" / "tokenizer.json").unlink()
    (folder / "tokenizer").rmdir()
    assert "incomplete: its tokenizer is missing" in refusal(folder)


def test_what_is_no_file_is_never_opened(folder: Path) -> None:
    # Whoever opens a pipe waits for its other end.
    os.mkfifo(folder / "transformer" / "more.json")
    assert "is no file" in refusal(folder)


def test_a_link_to_nowhere_or_to_itself_is_named(folder: Path) -> None:
    for target in ("gone", "loop.json"):
        link = folder / "transformer" / "loop.json"
        link.symlink_to(target)
        assert f"{link} leads nowhere" in refusal(folder)
        link.unlink()
