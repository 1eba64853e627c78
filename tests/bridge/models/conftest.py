"""A model to add, and where to."""

from pathlib import Path

import pytest
from model_folder import write_model

from bridge.models.shelf import Shelf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_model(tmp_path / "somewhere" / "model")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "state" / "models")
