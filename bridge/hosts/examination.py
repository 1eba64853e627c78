"""Is a host's part of DITTO there, whole, current, and able to work? Looks, and changes nothing."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from bridge.doctor import Finding
from bridge.hosts.host import host_named
from bridge.hosts.parcel import is_built, pieces_of
from bridge.hosts.preparations import PREPARATIONS
from bridge.hosts.programs import find_program, runs, version_of
from bridge.hosts.receipt import Receipt, receipt_of
from bridge.paths import Paths


def examine_host(name: str, paths: Paths) -> Iterator[Finding]:
    """Yield what was found: the host's program, our files in it, and the `ditto` they start."""
    yield _program(name)
    receipt = receipt_of(name, paths)
    if not receipt.files:
        yield Finding(name, "wrong", "not installed", f"`ditto hosts install {name}`.")
        return
    yield from _files(name, receipt)
    if receipt.command is not None:
        yield _command(name, receipt.command)
    if name in PREPARATIONS:
        yield from PREPARATIONS[name].examine()


def state_of(name: str, paths: Paths) -> str:
    """Return in a few words whether the host's files are there."""
    receipt = receipt_of(name, paths)
    if not receipt.files:
        return "not installed"
    verdicts = [finding.verdict for finding in _files(name, receipt)]
    return "installed" if all(verdict == "fine" for verdict in verdicts) else "needs a look"


def _program(name: str) -> Finding:
    host = host_named(name)
    if not host.needs:
        return Finding(name, "fine", f"for {host.title}")
    program = find_program(host.needs)
    if program is None:
        told = f"{host.title} was not found ({', '.join(host.needs)})"
        return Finding(name, "doubtful", told, "Install it, or never mind if it lies elsewhere.")
    version = version_of(program, host.version) if host.version else ""
    return Finding(name, "fine", f"{program}{f', version {version}' if version else ''}")


def _files(name: str, receipt: Receipt) -> Iterator[Finding]:
    again = f"`ditto hosts install {name}`"
    missing = [file for file in receipt.files if not file.exists()]
    edited = [
        file for file in receipt.files if file not in missing and not receipt.is_unedited(file)
    ]
    for file in missing:
        yield Finding(name, "wrong", f"{file} is missing", f"{again} puts it back.")
    for file in edited:
        remedy = f"Nothing, if you did that; {again} puts ours there and keeps yours as .bak."
        yield Finding(name, "doubtful", f"{file} was edited", remedy)
    if not missing and not edited:
        folders = sorted({str(file.parent) for file in receipt.files})
        told = f"{len(receipt.files)} files in {os.path.commonpath(folders)}, as they were put"
        yield Finding(name, "fine", told)
    if is_built(name) and not _is_current(name, receipt):
        yield Finding(name, "doubtful", "this ditto has other files", f"{again} puts them there.")


def _is_current(name: str, receipt: Receipt) -> bool:
    """Return whether an installation would put the same files now."""
    pieces = pieces_of(name, receipt.command or Path())
    ours = {piece.target: hashlib.sha256(piece.data).hexdigest() for piece in pieces}
    return receipt.files == ours


def _command(name: str, command: Path) -> Finding:
    if runs(command):
        return Finding(name, "fine", f"starts {command}")
    told = f"starts {command}, which {'does not run' if command.exists() else 'is not there'}"
    return Finding(name, "wrong", told, f"`ditto hosts install {name}` with the `ditto` that is.")
