"""The models in memory: which there are, and what is told about them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bridge.worker.models import Models
from engine.errors import DeviceMemoryError, UnknownModelError
from engine.models.music_model import MusicModel
from plugin_protocol.reports import ModelReport
from plugin_protocol.values import Generate, Task


class Shelf:
    """Models that are only names, how often each was loaded, and what was told."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.files: dict[str, str] = {}
        self.models = Models(
            load=self.load,
            require_room=self.refuse_too_long,
            digest_of=lambda name: self.files.get(name, ""),
            load_clap=lambda folder: cast(Any, f"clap of {folder.name}"),
            clap_folder=Path("ears"),
            tell=self.hear,
        )

    def load(self, name: str) -> MusicModel:
        if name == "broken":
            raise UnknownModelError("It is broken.\nQuite.")
        self.loaded.append(name)
        window = {"max_latent_frames": 100, "hop_length": 4410}
        return cast(Any, SimpleNamespace(digest=f"{name}!", sample_rate=44100, **window))

    def refuse_too_long(self, task: Task) -> None:
        if task.prompt == "too long":
            raise DeviceMemoryError("It does not fit.")

    def hear(self, report: ModelReport) -> None:
        self.told.append((report.name, report.state))
        self.last = report


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_model_is_loaded_once_and_tells_what_it_is(shelf: Shelf) -> None:
    assert shelf.models.named("a") is shelf.models.named("a")
    assert shelf.loaded == ["a"]
    assert shelf.told == [("a", "loading"), ("a", "ready")]
    assert (shelf.last.digest, shelf.last.sample_rate, shelf.last.max_seconds) == ("a!", 44100, 10)


def test_one_model_goes_before_the_next_one_comes(shelf: Shelf) -> None:
    shelf.models.named("a")
    shelf.models.named("b")
    assert shelf.told[2:] == [("a", "unloaded"), ("b", "loading"), ("b", "ready")]


def test_a_model_whose_files_are_others_now_is_loaded_again(shelf: Shelf) -> None:
    shelf.files["a"] = "first"
    shelf.models.named("a")
    shelf.models.named("a")
    assert shelf.loaded == ["a"]
    shelf.files["a"] = "second"
    shelf.models.named("a")
    assert shelf.loaded == ["a", "a"]
    # No kept result may answer for it.
    assert shelf.models.digests == {}
    del shelf.files["a"]
    shelf.models.named("a")
    assert shelf.loaded == ["a", "a", "a"]
    assert shelf.models.digests == {"a": "a!"}


def test_what_would_not_fit_is_refused_before_its_model_is_loaded(shelf: Shelf) -> None:
    shelf.models.named("a")
    task = Task(objectives=(Generate(seconds=1),), model="b", prompt="too long")
    with pytest.raises(DeviceMemoryError):
        shelf.models.named("b", task=task)
    # By then the other one has made room for it.
    assert (shelf.loaded, shelf.told[-1]) == (["a"], ("a", "unloaded"))


def test_what_was_let_go_of_is_loaded_again(shelf: Shelf) -> None:
    shelf.models.named("a")
    shelf.models.clap()
    shelf.models.unload()
    assert not shelf.models.are_loaded
    assert shelf.told[-1] == ("a", "unloaded")
    shelf.models.named("a")
    assert shelf.loaded == ["a", "a"]
    assert shelf.models.digests == {"a": "a!"}


def test_making_room_keeps_the_music_model(shelf: Shelf) -> None:
    shelf.models.named("a")
    shelf.models.clap()
    shelf.models.make_room()
    shelf.models.named("a")
    assert shelf.loaded == ["a"]


def test_a_model_that_cannot_be_loaded_says_why_in_one_line(shelf: Shelf) -> None:
    shelf.models.warm_up("broken")
    assert (shelf.last.state, shelf.last.message) == ("failed", "It is broken. Quite.")
    with pytest.raises(UnknownModelError):
        shelf.models.named("broken")
