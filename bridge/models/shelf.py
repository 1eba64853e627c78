"""The user's models in the state folder, one folder for each:

    NAME/manifest.json   what it is
    NAME/files/          the model as it was added; links where it was linked

A model appears under its name in one step, complete and hashed, and goes in one. What is on its way
in or out lies under a name that begins with a dot and the number of the process at work.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from bridge.errors import ModelError
from bridge.models.layout import WEIGHTS, ModelFolder, look_at
from bridge.models.licence import licence_in
from bridge.models.manifest import FILE, KeptFile, Manifest, read_manifest, write_manifest
from bridge.models.memory import is_base
from bridge.models.names import NAME, check_name
from bridge.models.taking import pieces, take
from bridge.models.weights import count_numbers

FILES = "files"
ON_ITS_WAY = ".on-its-way-"


def unheard(_size: int) -> None:
    """Nobody wants to know how many bytes have been read."""


class Shelf:
    """The models in `folder`, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """Return the names of all models, in alphabetical order."""
        try:
            found = sorted(path.name for path in self._folder.iterdir())
        except OSError:
            return ()
        return tuple(n for n in found if NAME.fullmatch(n) and _size(self._folder / n / FILE) > 0)

    def manifest(self, name: str) -> Manifest:
        """Return what is remembered of the model. Raises ModelError."""
        try:
            if not NAME.fullmatch(name):
                raise FileNotFoundError
            return read_manifest(self._folder / name)
        except FileNotFoundError:
            known = ", ".join(self.names()) or "none so far"
            raise ModelError(
                f"No model {name} was added; there are: {known}. "
                "`ditto models add NAME FOLDER` adds one."
            ) from None

    def files(self, name: str) -> Path:
        """Return the folder to load the model from, its files as large as they were. Raises
        ModelError."""
        manifest, folder = self.manifest(name), self._folder / name / FILES
        for file in manifest.files:
            if _size(folder / file.path) != file.size:
                raise ModelError(
                    f"{folder / file.path} is not as it was when {name} was added. "
                    f"`ditto models verify {name}` says more; "
                    f"`ditto models remove {name}`, then add the model again."
                )
        return folder

    def add(
        self,
        name: str,
        source: Path,
        *,
        link: bool,
        judge: Callable[[Path], None],
        on_bytes: Callable[[int], None] = unheard,
    ) -> Manifest:
        """Take in the model in `source` and return what was remembered of it. Raises ModelError.

        `judge` is handed the folder before any file is taken, and raises ModelError for a model
        that could not be used. Where anything goes wrong nothing is left behind.
        """
        check_name(name)
        self._refuse_a_clash(name)
        model = look_at(source)
        weights = dict(_weights(model))
        judge(model.folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        draft = self._draft(name)
        try:
            draft.mkdir(mode=0o700)
            kept = take(model, draft / FILES, link=link, on_bytes=on_bytes)
            manifest = Manifest(
                name=name,
                pipeline=model.pipeline,
                licence=licence_in(model.files),
                source=str(model.folder),
                linked=link,
                added=int(time.time()),
                base=is_base(model.pipeline, model.files),
                weights=weights,
                files=kept,
            )
            write_manifest(draft, manifest)
            self._refuse_a_clash(name)
            draft.rename(self._folder / name)
        except OSError as error:
            raise ModelError(
                f"The model could not be taken in: {error.strerror or error}. Nothing was left "
                "behind. Make room where the daemon keeps its files, or leave the model's where "
                "they are: `--link`."
            ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return manifest

    def remove(self, name: str) -> None:
        """Let go of the model; where it was linked, its files stay. Raises ModelError."""
        check_name(name)
        if name not in self.names():
            self.manifest(name)  # which says what there is
        self._sweep()
        draft = self._draft(name)
        (self._folder / name).rename(draft)
        shutil.rmtree(draft)

    def verify(self, name: str, *, on_bytes: Callable[[int], None] = unheard) -> Iterator[str]:
        """Yield a sentence for each file that is not as it was added. Raises ModelError."""
        manifest, folder = self.manifest(name), self._folder / name / FILES
        for file in manifest.files:
            if problem := _problem(folder / file.path, file, on_bytes):
                yield f"{file.path} {problem}"
        known = {file.path for file in manifest.files}
        for path in sorted(folder.rglob("*")):
            if not path.is_dir() and (own := path.relative_to(folder).as_posix()) not in known:
                yield f"{own} was not there when the model was added"

    def _refuse_a_clash(self, name: str) -> None:
        if os.path.lexists(self._folder / name):
            raise ModelError(
                f"There is a model {name} already. Choose another name, or "
                f"`ditto models remove {name}` first."
            )

    def _draft(self, name: str) -> Path:
        return self._folder / f"{ON_ITS_WAY}{os.getpid()}-{name}"

    def _sweep(self) -> None:
        """Remove what processes that were killed have left half done."""
        for path in self._folder.glob(f"{ON_ITS_WAY}*"):
            process = path.name.removeprefix(ON_ITS_WAY).partition("-")[0]
            if process.isdigit() and not _is_alive(int(process)):
                shutil.rmtree(path, ignore_errors=True)


def _weights(model: ModelFolder) -> Iterator[tuple[str, int]]:
    """Yield each part that has weights, and how many numbers they are."""
    for part in model.parts:
        found = {
            name: path
            for name, path in model.files.items()
            if name.startswith(f"{part}/") and name.endswith(WEIGHTS)
        }
        if found:
            yield part, sum(count_numbers(path, name) for name, path in found.items())


def _problem(path: Path, file: KeptFile, on_bytes: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    try:
        # A link of ours leads to the file itself; where that has become a link, it was exchanged.
        for piece in pieces(path.readlink() if path.is_symlink() else path):
            digest.update(piece)
            on_bytes(len(piece))
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return "" if digest.hexdigest() == file.sha256 else "has changed"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _is_alive(process: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, 0)
        return True
    return False
