"""What a model's folder says about its licence; nothing is said where it does not."""

import re
from collections.abc import Mapping
from pathlib import Path

HEAD_BYTES = 64 * 1024
UNKNOWN = "not said"
FRONT_MATTER = re.compile(r"\A---\s*\n(?P<fields>.*?)\n---\s*(\n|\Z)", re.DOTALL)
FIELD = re.compile(r"^(?P<name>license|license_name)\s*:\s*(?P<value>.+?)\s*$", re.MULTILINE)
CHARACTERS = 120


def licence_in(files: Mapping[str, Path]) -> str:
    """Return the licence that the model card names, else the first line of a licence file."""
    named: dict[str, str] = {}
    for name, path in files.items():
        if name.upper().startswith("README") and (front := FRONT_MATTER.match(_head(path))):
            named |= {found["name"]: found["value"] for found in FIELD.finditer(front["fields"])}
    # Hugging Face has cards of licences that it does not know say "other", and their name apart.
    if said := named.get("license_name") or named.get("license"):
        return _plain(said)
    for name, path in files.items():
        if name.upper().startswith(("LICENSE", "LICENCE")):
            lines = [line.strip(" #*\t") for line in _head(path).splitlines()]
            if said := next(filter(None, lines), ""):
                return _plain(said)
    return UNKNOWN


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")


def _plain(said: str) -> str:
    # It is shown in a terminal, which obeys control characters.
    return "".join(c for c in said.strip("'\"") if c.isprintable())[:CHARACTERS] or UNKNOWN
