"""Models by name: those that ship and those that were added, loaded only where they fit."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from model_folder import WEIGHTS, write_model

from bridge.models.memory import needs
from bridge.models.shelf import Shelf
from bridge.worker import installed as module
from bridge.worker.installed import Installed
from engine.errors import DeviceMemoryError, UnknownModelError
from engine.frugality import ran_out_of_memory
from plugin_protocol.controls import Intensity
from plugin_protocol.values import Generate, Task

GIB = 2**30


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "models")
    folder = write_model(tmp_path / "source")
    for name in ("large", "small"):
        shelf.add(name, folder, link=False, judge=lambda _: None)
    return shelf


@pytest.fixture
def installed(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Loading gives the folder that is loaded; "large" has weights of 8 GiB, "small" of 2 GiB."""
    monkeypatch.setattr(module, "load_folder", lambda folder, **_: folder)
    sizes = {"large": 2 * GIB, "small": GIB // 2}
    for name, numbers in sizes.items():
        file = tmp_path / "models" / name / "manifest.json"
        file.write_text(file.read_text().replace('"transformer": 22', f'"transformer": {numbers}'))
    return Installed(tmp_path / "models", lambda: torch.device("cpu"))


def with_free(monkeypatch: pytest.MonkeyPatch, gib: float) -> None:
    monkeypatch.setattr(module, "free_bytes", lambda _: gib * GIB)
    monkeypatch.setattr(module, "total_bytes", lambda _: 16 * GIB)


def test_added_models_stand_beside_those_that_ship(installed: Installed) -> None:
    assert installed.names() == ("embedded", "embedded-base", "large", "small")


def test_only_added_models_are_known_by_their_files(installed: Installed, shelf: Shelf) -> None:
    assert installed.digest("small") == shelf.manifest("small").digest
    assert installed.digest("embedded") == installed.digest("moog") == ""


def test_what_fits_is_loaded_from_the_folder_it_was_added_to(
    installed: Installed, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_free(monkeypatch, 9)
    found: Any = installed.load("large")
    assert found == shelf.files("large")


@pytest.mark.parametrize(("free", "nearest"), [(8, "small"), (1.5, "embedded")])
def test_what_does_not_fit_is_refused_with_the_numbers_and_the_largest_that_does(
    installed: Installed, monkeypatch: pytest.MonkeyPatch, free: float, nearest: str
) -> None:
    with_free(monkeypatch, free)
    with pytest.raises(DeviceMemoryError) as refused:
        installed.load("large")
    said = str(refused.value)
    assert f"large alone take 8.0 GiB; of the 16.0 GiB of cpu, {free:.1f} GiB are free" in said
    assert f"choose `--model {nearest}`" in said
    # Doing without this and that would not help: it is not tried.
    assert not ran_out_of_memory(refused.value)


def music(seconds: float, *controls: Intensity, model: str = "small") -> Task:
    return Task(objectives=(Generate(seconds=seconds), *controls), model=model)


def test_a_task_that_would_not_fit_is_refused_with_what_would(
    installed: Installed, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a family that makes music of any length: seven tenths of what half a minute takes."""
    file = tmp_path / "models" / "small" / "manifest.json"
    file.write_text(file.read_text().replace("StableAudioPipeline", "StableAudio3Pipeline"))
    louder = Intensity(points=((0, -30), (5, -10)))
    weights = shelf.manifest("small").weights
    (half_a_minute,) = needs("StableAudio3Pipeline", weights, lengths=(30,))
    with_free(monkeypatch, half_a_minute.least * 0.7 / GIB)
    installed.require_room(music(5, louder))
    # Made from words alone, the same length takes less.
    installed.require_room(music(30))
    installed.require_room(music(500, model="embedded"))
    with pytest.raises(DeviceMemoryError) as refused:
        installed.require_room(music(30, louder))
    said = str(refused.value)
    assert f"30 s in one go with small take about {half_a_minute.least / GIB:.1f} GiB" in said
    (fitting,) = map(int, re.findall(r"ask for about (\d+) s", said))
    assert "`--model embedded`" in said
    installed.require_room(music(fitting, louder))
    with pytest.raises(DeviceMemoryError):
        installed.require_room(music(fitting + 1, louder))


def test_a_file_of_another_size_is_named(installed: Installed, shelf: Shelf) -> None:
    with (shelf.files("small") / WEIGHTS).open("ab") as file:
        file.write(b"more")
    with pytest.raises(UnknownModelError, match=r"is not as it was when small was added"):
        installed.load("small")


def test_names_that_nobody_has_are_told_which_there_are(
    installed: Installed, shelf: Shelf, tmp_path: Path
) -> None:
    with pytest.raises(UnknownModelError, match="embedded, embedded-base, large, small"):
        installed.load("moog")
    shelf.remove("large")
    with pytest.raises(UnknownModelError, match="no model named 'large'"):
        installed.load("large")
