"""What was put where, as it was: so that only that is replaced or removed."""

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from bridge.hosts.host import HostError
from bridge.paths import Paths


class _Document(Struct, kw_only=True):
    schema: Literal["ditto-receipt/1"] = "ditto-receipt/1"
    command: str
    files: dict[str, str]
    folders: list[str]


@dataclass
class Receipt:
    """One host's files with their SHA-256, and the folders that were made for them.

    `command` is the `ditto` that the files start, None where they start none.
    """

    path: Path
    command: Path | None = None
    files: dict[Path, str] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)

    def is_unedited(self, file: Path) -> bool:
        """Return whether the file is still as it was put there."""
        return file in self.files and digest_of(file) == self.files[file]

    def save(self) -> None:
        """Write it; whoever reads it sees all of it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = _Document(
            command=str(self.command or ""),
            files={str(file): digest for file, digest in self.files.items()},
            folders=[str(folder) for folder in self.folders],
        )
        temporary = self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}")
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(document)) + b"\n")
        temporary.replace(self.path)


def receipt_of(name: str, paths: Paths) -> Receipt:
    """Return the host's receipt, an empty one where nothing was put. Raises HostError."""
    file = paths.state / "hosts" / f"{name}.json"
    try:
        document = msgspec.json.decode(file.read_bytes(), type=_Document)
    except FileNotFoundError:
        return Receipt(file)
    except msgspec.MsgspecError as error:
        raise HostError(
            f"{file}, which says what was put where, is damaged ({error}). Delete it and install "
            f"'{name}' again: files that are there already are kept beside the new ones."
        ) from error
    return Receipt(
        file,
        Path(document.command) if document.command else None,
        {Path(path): digest for path, digest in document.files.items()},
        [Path(folder) for folder in document.folders],
    )


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a regular file, "" where there is none."""
    if file.is_symlink() or not file.is_file():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()
