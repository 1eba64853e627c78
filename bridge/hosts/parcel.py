"""A host's files as they are to lie on this machine, the path of `ditto` filled in."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.hosts.host import HostError, Place, host_named, source_of
from bridge.hosts.programs import find_program

MARK = b"@DITTO@"
"""Stands in scripts, between double quotes, for the path of the command."""
BUILD_SECONDS = 600.0


@dataclass(frozen=True)
class Piece:
    """One file: where it goes, what is in it, and whether it may be run."""

    target: Path
    data: bytes
    is_program: bool


def pieces_of(name: str, command: Path, environment: Mapping[str, str] = os.environ) -> list[Piece]:
    """Return all files of the host. Raises HostError where one is missing, or not built."""
    source = source_of(name)
    pieces = []
    for place in host_named(name).places:
        folder = place.folder(environment)
        for file, below in _files(source, place):
            data = file.read_bytes().replace(MARK, quoted(str(command)).encode())
            pieces.append(Piece(folder / below, data, os.access(file, os.X_OK)))
    return pieces


def names_the_command(name: str) -> bool:
    """Return whether any of the host's files starts `ditto`."""
    source = source_of(name)
    files = (file for place in host_named(name).places for file, _ in _files(source, place))
    return any(MARK in file.read_bytes() for file in files)


def is_built(name: str) -> bool:
    """Return whether all files are there, which those that are built may not be."""
    source = source_of(name)
    patterns = [file for place in host_named(name).places for file in place.files]
    return all(any(source.glob(pattern)) for pattern in patterns)


def build(name: str) -> None:
    """Build what has to be built; it says on the terminal what it does. Raises HostError.

    What was built before is left as it is where the tools are missing.
    """
    wanted = host_named(name).build
    if wanted is None:
        return
    missing = [tool for tool in wanted.tools if not find_program([tool])]
    if missing and is_built(name):
        return
    if missing:
        raise HostError(
            f"'{name}' has to be built, and {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing. {wanted.get}"
        )
    try:
        subprocess.run(wanted.command, cwd=source_of(name), check=True, timeout=BUILD_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise HostError(
            f"'{name}' could not be built: {error} What is wrong stands above."
        ) from error


def quoted(text: str) -> str:
    r"""Return the text as it stands between double quotes in Lua, Python, Lisp, SC and JSON."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _files(source: Path, place: Place) -> Iterator[tuple[Path, Path]]:
    """Yield each file of a place, and its path below the folder that it is put in."""
    for pattern in place.files:
        found = sorted(source.glob(pattern))
        if not found:
            raise HostError(f"{source / pattern} is missing. Install DITTO again.")
        for top in found:
            inside = [top] if top.is_file() else sorted(top.rglob("*"))
            for file in inside:
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file, file.relative_to(top.parent)
