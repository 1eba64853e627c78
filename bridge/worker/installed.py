"""The models of this daemon by name: those that ship, and those that its user has added."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

from bridge.costs import longest_stretch, searches
from bridge.errors import ModelError
from bridge.models.manifest import Manifest
from bridge.models.memory import longest_fitting, needs, weight_bytes
from bridge.models.shelf import Shelf
from engine.device import free_bytes, total_bytes
from engine.errors import ModelTooLargeError, UnknownModelError
from engine.models import available, load
from engine.models.families import load_folder
from engine.models.music_model import MusicModel
from plugin_protocol.values import Task

Answer = TypeVar("Answer")

GIB = 2**30
USABLE_SHARE = 0.9
"""Of the memory that is free; loading takes a little more than what is loaded."""
FORETOLD_SHARE = 0.75
"""Of what was foretold: it may be too high, and what is refused here is never tried."""


class Installed:
    """Loads models. `device` is asked each time: it may raise NoGpuError."""

    def __init__(self, folder: Path, device: Callable[[], torch.device]) -> None:
        self._shelf = Shelf(folder)
        self._device = device

    def names(self) -> tuple[str, ...]:
        """Return what can be loaded."""
        return (*available(), *self._shelf.names())

    def digest(self, name: str) -> str:
        """Return what the files of an added model are known by now; "" for all other names."""
        if name not in self._shelf.names():
            return ""
        return self._manifest(name).digest

    def load(self, name: str) -> MusicModel:
        """Return the model. Raises UnknownModelError, and ModelTooLargeError before it is read."""
        device = self._device()
        if name not in self._shelf.names():
            if name not in available() and self._shelf.names():
                raise UnknownModelError(
                    f"There is no model named {name!r}. Choose one of: {', '.join(self.names())}."
                )
            return load(name, device=device)
        self._require_room_for_weights(name, device)
        digest, folder = self.digest(name), _in_engine_words(lambda: self._shelf.files(name))
        return load_folder(folder, name=name, digest=digest, device=device)

    def require_room(self, task: Task) -> None:
        """Raise ModelTooLargeError where the task would not fit, with what would."""
        if task.model not in self._shelf.names():
            return
        device = self._device()
        self._require_room_for_weights(task.model, device)
        seconds, search, free = longest_stretch(task), searches(task), free_bytes(device)

        def takes(name: str) -> float:
            manifest = self._manifest(name)
            foretold = needs(
                manifest.pipeline, manifest.weights, base=manifest.base, lengths=(seconds,)
            )
            return max((need.least if search else need.generate for need in foretold), default=0)

        needed = takes(task.model)
        tried = free / FORETOLD_SHARE
        if needed <= tried:
            return
        fits = longest_fitting(self._manifest(task.model), tried, search=search, below=seconds)
        shorter = f"ask for about {fits} s, " if fits else ""
        fitting = [name for name in self._shelf.names() if takes(name) <= tried]
        nearest = max(fitting, key=takes, default="embedded")
        raise ModelTooLargeError(
            f"{seconds:.0f} s in one go with {task.model} take about {needed / GIB:.1f} GiB; of "
            f"the {total_bytes(device) / GIB:.1f} GiB of {device}, {free / GIB:.1f} GiB are free. "
            f"To fit, {shorter}choose `--model {nearest}`, or close other programs."
        )

    def _require_room_for_weights(self, name: str, device: torch.device) -> None:
        """Raise ModelTooLargeError where its weights would not fit, with the largest that would."""
        needed = self._needed(name)
        # They come through the main memory in any case.
        for place in {device, torch.device("cpu")}:
            free = free_bytes(place)
            if needed <= USABLE_SHARE * free:
                continue
            fitting = [n for n in self._shelf.names() if self._needed(n) <= USABLE_SHARE * free]
            nearest = max(fitting, key=self._needed, default="embedded")
            raise ModelTooLargeError(
                f"The weights of {name} alone take {needed / GIB:.1f} GiB; of the "
                f"{total_bytes(place) / GIB:.1f} GiB of {place}, {free / GIB:.1f} GiB are free. "
                f"The largest model that fits is {nearest}: choose `--model {nearest}`, or close "
                "other programs."
            )

    def _needed(self, name: str) -> int:
        return weight_bytes(self._manifest(name).weights)

    def _manifest(self, name: str) -> Manifest:
        return _in_engine_words(lambda: self._shelf.manifest(name))


def _in_engine_words(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except ModelError as error:
        raise UnknownModelError(str(error)) from error
