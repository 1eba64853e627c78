"""What is remembered of a model: where it came from, and size and SHA-256 of each file."""

import hashlib
from pathlib import Path

import msgspec

from bridge.errors import ModelError

FILE = "manifest.json"


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file; `path` is relative to the model, its parts parted by slashes."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One model. `weights`: how many numbers each part consists of."""

    name: str
    pipeline: str
    licence: str
    source: str
    linked: bool
    """Whether its files stayed where they were."""
    added: int
    """Seconds since 1970."""
    base: bool
    """Whether its weights are not distilled, in a family that has both kinds."""
    weights: dict[str, int]
    files: tuple[KeptFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """The same for the same files, whatever the model is called: hexadecimal SHA-256."""
        lines = sorted(f"{file.sha256} {file.path}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Return what was remembered. Raises ModelError, and FileNotFoundError where there is none."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise ModelError(
            f"{folder / FILE} is damaged ({error}). `ditto models remove {folder.name}`, then add "
            "the model again."
        ) from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it. Raises OSError."""
    written = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (folder / FILE).write_bytes(written)
