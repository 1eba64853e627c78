"""What lies in Hugging Face's cache is found by its maker's name, and nothing in it is changed."""

from pathlib import Path

import pytest
from huggingface_hub import constants
from model_folder import write_model

from bridge.models.hub_cache import cached_models, hub_folder
from bridge.models.names import check_name

REVISIONS = ("a" * 40, "b" * 40)


def cache(hub: Path, repository: str, revision: str = REVISIONS[0]) -> Path:
    folder = hub / f"models--{repository.replace('/', '--')}"
    return write_model(folder / "snapshots" / revision)


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HF_HOME": "/b", "XDG_CACHE_HOME": "/c"}, "/b/hub"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
        ({"HF_HOME": ""}, str(Path.home() / ".cache/huggingface/hub")),
    ],
)
def test_the_cache_is_where_its_own_programs_have_it(
    environment: dict[str, str], place: str
) -> None:
    assert hub_folder(environment) == Path(place)


def test_its_own_library_agrees() -> None:
    assert hub_folder() == Path(constants.HF_HUB_CACHE)


def test_models_are_found_under_the_names_of_their_makers(tmp_path: Path) -> None:
    cache(tmp_path, "stabilityai/stable-audio-open-1.0")
    cache(tmp_path, "tintwotin/Foundation-1-Diffusers")
    (tmp_path / "models--someone--words" / "snapshots" / REVISIONS[0]).mkdir(parents=True)
    (tmp_path / "models--someone--nothing").mkdir()
    (tmp_path / "datasets--someone--music").mkdir()
    (tmp_path / "version.txt").write_text("1")
    first, second = cached_models(tmp_path)
    assert (first.repository, first.name) == (
        "stabilityai/stable-audio-open-1.0",
        "stable-audio-open-1.0",
    )
    assert (second.repository, second.name) == ("tintwotin/Foundation-1-Diffusers", "foundation-1")
    assert first.pipeline == "StableAudioPipeline"
    for each in (first, second):
        check_name(each.name)


def test_the_revision_is_the_one_that_was_fetched_last(tmp_path: Path) -> None:
    for revision in REVISIONS:
        newest = cache(tmp_path, "owner/name", revision)
    (model,) = cached_models(tmp_path)
    assert model.folder.name == REVISIONS[0]
    refs = tmp_path / "models--owner--name" / "refs"
    refs.mkdir()
    (refs / "main").write_text(REVISIONS[1])
    (model,) = cached_models(tmp_path)
    assert model.folder == newest
    (refs / "main").write_text("../../../elsewhere")
    (model,) = cached_models(tmp_path)
    assert model.folder.name == REVISIONS[0]


def test_no_cache_holds_no_models(tmp_path: Path) -> None:
    assert list(cached_models(tmp_path / "nowhere")) == []
