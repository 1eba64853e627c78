"""Which files of a folder are the model: those of the parts that its index lists, and its licence.

    model_index.json     which pipeline it is for, and of which parts it consists
    PART/                one flat folder for each: weights in safetensors, and settings as text

All else in the folder stays behind: pickles beside safe weights, programs, other formats. A link is
followed only to where the same model keeps its files: inside the folder or, of a snapshot in
Hugging Face's cache, among the blobs of the same repository. Whether its parts are of a kind that
the engine knows, the engine says itself (judgement).
"""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import ModelError

INDEX = "model_index.json"
INDEX_BYTES = 2**20
WEIGHTS = ".safetensors"
SETTINGS = (".json", ".txt", ".model", ".jinja")
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
"""Formats that can run a program when they are read."""
ADAPTERS = "adapter_"
"""Settings so named would have the loader take weights from somewhere else."""
SAYS_LICENCE = re.compile(r"(README|LICEN[CS]E|NOTICE)[A-Za-z0-9_-]*(\.(md|txt))?", re.IGNORECASE)
PART = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
VARIANT = re.compile(
    r"(?P<base>.+)\.(fp16|bf16|fp32|ema|non_ema)(?P<rest>(-\d+-of-\d+)?\.safetensors)"
)


@dataclass(frozen=True)
class ModelFolder:
    """A folder that was looked at. `files`: where each lies really, by its path in the model."""

    folder: Path
    pipeline: str
    parts: tuple[str, ...]
    files: dict[str, Path]


def look_at(folder: Path) -> ModelFolder:
    """Return what of `folder` is the model. Raises ModelError with what is wrong with it."""
    # A link that the user names is meant; what lies behind it may lead no farther.
    root = folder.expanduser().resolve()
    if not root.is_dir():
        raise ModelError(f"{folder} is no folder. Name one that holds a {INDEX}.")
    homes = _homes(root)
    pipeline, parts = _index(root, homes)
    files = {name: path for name in (INDEX,) if (path := _real(root / name, homes))}
    for path in sorted(root.iterdir()):
        if SAYS_LICENCE.fullmatch(path.name) and not path.is_dir():
            files[path.name] = _real(path, homes)
    for part in parts:
        files |= _files_of(root, part, homes)
    return ModelFolder(root, pipeline, parts, files)


def _files_of(root: Path, part: str, homes: tuple[Path, ...]) -> dict[str, Path]:
    folder = root / part
    if not folder.is_dir():
        raise ModelError(f"The model in {root} is incomplete: its {part} is missing. Get it again.")
    if not any(folder.resolve().is_relative_to(home) for home in homes):
        raise _leads_away(folder)
    found = sorted(path for path in folder.iterdir() if not path.is_dir())
    names = {path.name for path in found}
    weights = [path for path in found if path.suffix == WEIGHTS]
    pickled = [path.name for path in found if path.suffix.lower() in PICKLED]
    if pickled and not weights:
        raise ModelError(
            f"The {part} of the model in {root} has its weights in {pickled[0]}, a format that can "
            "run a program when it is read, and is not touched. Get a copy of the model in "
            "safetensors format, or have its maker's own program save it so."
        )
    settings = [
        path for path in found if path.suffix in SETTINGS and not path.name.startswith(ADAPTERS)
    ]
    kept = settings + [path for path in weights if not _is_twin(path.name, names)]
    return {f"{part}/{path.name}": _real(path, homes) for path in kept}


def _is_twin(name: str, names: set[str]) -> bool:
    """Return whether the same weights lie beside these in full precision."""
    variant = VARIANT.fullmatch(name)
    return variant is not None and variant["base"] + variant["rest"] in names


def _index(root: Path, homes: tuple[Path, ...]) -> tuple[str, tuple[str, ...]]:
    path = root / INDEX
    if not path.exists():
        raise ModelError(
            f"{root} is no model in diffusers' layout: it has no {INDEX}. Name the folder that "
            "holds one, or convert the model first: `ditto models guide` says how."
        )
    try:
        text = _real(path, homes).read_bytes()
        index = json.loads(text) if len(text) <= INDEX_BYTES else None
    except (OSError, ValueError, RecursionError):
        index = None
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise ModelError(f"{path} cannot be read as the index of a model. Get the model again.")
    return index["_class_name"], tuple(_parts(path, index))


def _parts(path: Path, index: dict[str, object]) -> Iterator[str]:
    for name, kind in sorted(index.items()):
        if name.startswith("_") or not isinstance(kind, list) or kind[:1] == [None]:
            continue
        if not PART.fullmatch(name) or len(kind) != 2 or not all(isinstance(k, str) for k in kind):
            raise ModelError(f"{path} lists a part that cannot be one: {name!r}. Do not trust it.")
        yield name


def _homes(root: Path) -> tuple[Path, ...]:
    """Return the folders that the model's links may lead to."""
    repository = root.parents[1] if len(root.parents) > 1 else root
    is_cached = root.parent.name == "snapshots" and repository.name.startswith("models--")
    return (root, repository / "blobs") if is_cached else (root,)


def _real(path: Path, homes: tuple[Path, ...]) -> Path:
    """Return the file itself. Raises ModelError where it is none, or leads elsewhere."""
    try:
        real = path.resolve(strict=True)
        kind = real.stat().st_mode
    except (OSError, RuntimeError):
        raise ModelError(f"{path} leads nowhere. Get the model again.") from None
    if not any(real.is_relative_to(home) for home in homes):
        raise _leads_away(path)
    if not stat.S_ISREG(kind):
        raise ModelError(f"{path} is no file. Get the model again.")
    return real


def _leads_away(path: Path) -> ModelError:
    return ModelError(
        f"{path} is a link that leads out of the model's folder, to {path.resolve()}. If you put "
        "it there, put the file itself in its place; else do not trust the folder."
    )
