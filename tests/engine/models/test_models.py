"""The table of models."""

import pytest

from engine.errors import UnknownModelError
from engine.models import available, load
from engine.models.music_model import MusicModel


def test_the_toy_loads_by_name() -> None:
    toy = load("toy")
    assert isinstance(toy, MusicModel)
    assert toy.name == "toy"


def test_what_is_only_for_tests_is_not_offered() -> None:
    assert available() == ("embedded", "embedded-base")


def test_an_unknown_model_names_those_that_are_offered() -> None:
    offered = ", ".join(available())
    with pytest.raises(
        UnknownModelError, match=rf"no model named 'moog'. Choose one of: {offered}\.$"
    ):
        load("moog")
