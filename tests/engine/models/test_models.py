"""The table of models."""

import pytest

from engine.errors import UnknownModelError
from engine.models import available, load
from engine.models.music_model import MusicModel


def test_the_toy_loads_by_name() -> None:
    toy = load("toy")
    assert isinstance(toy, MusicModel)
    assert toy.name == "toy"


def test_every_model_in_the_table_is_named() -> None:
    assert "toy" in available()


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(
        UnknownModelError, match=r"no model named 'moog'\. Choose one of: .*toy.*\."
    ):
        load("moog")
