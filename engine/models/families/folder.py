"""A model's folder, looked at before anything is loaded from it.

model_index.json     which pipeline it is for, and of which parts it consists
PART/*.safetensors   their weights
"""

import json
from pathlib import Path

import diffusers

from engine.errors import UnknownModelError

INDEX = "model_index.json"
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Formats that can run a program when they are read."""


def pipeline_class(folder: Path) -> str:
    """Return the name of the pipeline that `folder` is for. Raises UnknownModelError."""
    return str(_index(folder).get("_class_name"))


def parts(folder: Path) -> dict[str, str]:
    """Return the parts that the index lists, and whose class each is: a library's name.

    Parts that the model's maker has left out are not among them.
    """
    return {
        name: str(kind[0])
        for name, kind in sorted(_index(folder).items())
        if isinstance(kind, list) and kind and kind[0] is not None
    }


def check(folder: Path) -> None:
    """Return if every part is there and none can run a program; else raise UnknownModelError."""
    for part, library in parts(folder).items():
        if not part.isidentifier() or not _is_known(library):
            raise UnknownModelError(
                f"The model in {folder} asks for {part!r} of {library!r}, which is no part of a "
                "known kind: it may run a program when it is loaded. Choose another copy of it."
            )
        if not (folder / part).is_dir():
            raise UnknownModelError(
                f"The model in {folder} is incomplete: its {part} is missing. Download it again."
            )
        files = [file for file in (folder / part).iterdir() if file.is_file()]
        pickled = [file.name for file in files if file.suffix in PICKLED]
        if pickled and not any(file.suffix == ".safetensors" for file in files):
            raise UnknownModelError(
                f"The {part} of the model in {folder} has its weights in {pickled[0]}, a format "
                "that can run a program when it is read. Choose a copy of the model in "
                "safetensors format."
            )


def _is_known(library: str) -> bool:
    return library in ("diffusers", "transformers") or library in dir(diffusers.pipelines)


def _index(folder: Path) -> dict[str, object]:
    try:
        index = json.loads((folder / INDEX).read_text())
    except (OSError, ValueError):
        index = None
    if not isinstance(index, dict):
        raise UnknownModelError(
            f"{folder} is no model in diffusers' layout: it has no readable {INDEX}. Choose the "
            "folder that holds one, or convert the model first."
        )
    return index
