"""One small, untrained model of every family, saved as its maker would and loaded again."""

from importlib import import_module
from pathlib import Path

import pytest

from engine.models.families import families, load_folder, module_of
from engine.models.music_model import MusicModel


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folder by pipeline class; `small_MODULE.py` beside this file saves what MODULE loads."""
    folders = {}
    for family in families():
        small = import_module(f"tests.engine.models.families.small_{module_of(family)}")
        folders[family] = tmp_path_factory.mktemp(family)
        small.save(folders[family])
    return folders


@pytest.fixture(scope="session")
def loaded(saved: dict[str, Path]) -> dict[str, MusicModel]:
    return {family: load_folder(folder, name=family) for family, folder in saved.items()}


@pytest.fixture(params=families())
def model(request: pytest.FixtureRequest, loaded: dict[str, MusicModel]) -> MusicModel:
    return loaded[request.param]
