"""Audacity's module mod-script-pipe, which our scripts speak through, switched on in audacity.cfg.

Audacity loads a module whose value is 1, but only where it also knows the module's path and age.
Elsewhere it is a new one, and off. Source: ModuleSettings.cpp of Audacity 3.2.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from bridge.audio_files import replacing
from bridge.doctor import Finding
from bridge.hosts.host import expanded
from bridge.hosts.putting import set_aside

NAME = "mod-script-pipe"
MODULES = (
    "/usr/lib/audacity/modules/mod-script-pipe.so",
    "/usr/local/lib/audacity/modules/mod-script-pipe.so",
    "/usr/lib64/audacity/modules/mod-script-pipe.so",
    "/Applications/Audacity.app/Contents/modules/mod-script-pipe.so",
)
BY_HAND = (
    "In Audacity choose Edit > Preferences > Modules, set mod-script-pipe to Enabled, and restart "
    "Audacity."
)


def prepare(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Switch the module on; return what was done, in sentences."""
    module = _module()
    if module is None:
        return [f"mod-script-pipe was not found. {BY_HAND}"]
    file, wanted = _file(environment), _wanted(module)
    lines = _lines(file)
    if all(_value(lines, section) == value for section, value in wanted.items()):
        return [f"mod-script-pipe is on in {file}"]
    kept = f"; as it was before it is {set_aside(file, copy=True)}" if file.exists() else ""
    for section, value in wanted.items():
        _set(lines, section, value)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [
        f"mod-script-pipe was switched on in {file}{kept}",
        "Where Audacity is running, close it and install again: it writes that file when it ends.",
    ]


def release(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return what stays: other programs may use the module, too."""
    if _value(_lines(_file(environment)), "Module") != "1":
        return []
    return ["mod-script-pipe stays on; Edit > Preferences > Modules in Audacity switches it off."]


def examine(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield whether the module is on."""
    file, module = _file(environment), _module()
    lines = _lines(file)
    if _value(lines, "Module") != "1":
        told = f"mod-script-pipe is off in {file}"
    elif module and _value(lines, "ModuleDateTime") != _wanted(module)["ModuleDateTime"]:
        told = f"mod-script-pipe is another than {file} knows, so that Audacity switches it off"
    else:
        yield Finding("audacity", "fine", f"mod-script-pipe is on in {file}")
        return
    remedy = f"Close Audacity and `ditto hosts install audacity`. Or: {BY_HAND}"
    yield Finding("audacity", "wrong", told, remedy)


def _module() -> Path | None:
    return next((path for each in MODULES if (path := Path(each)).exists()), None)


def _file(environment: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return expanded("~/Library/Application Support/audacity/audacity.cfg", environment)
    old = expanded("~/.audacity-data", environment)
    folder = old if old.is_dir() else expanded("$XDG_CONFIG_HOME/audacity", environment)
    return folder / "audacity.cfg"


def _wanted(module: Path) -> dict[str, str]:
    """Return the value of the module's name in each section."""
    age = datetime.fromtimestamp(int(module.stat().st_mtime))
    return {"Module": "1", "ModulePath": str(module), "ModuleDateTime": age.isoformat()}


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _place(lines: list[str], section: str) -> tuple[int, int | None]:
    """Return where the section ends, and the line in it that is about the module."""
    if f"[{section}]" not in lines:
        return -1, None
    first = lines.index(f"[{section}]") + 1
    rest = range(first, len(lines))
    end = next((number for number in rest if lines[number].startswith("[")), len(lines))
    ours = (number for number in range(first, end) if lines[number].startswith(f"{NAME}="))
    return end, next(ours, None)


def _value(lines: list[str], section: str) -> str:
    line = _place(lines, section)[1]
    return "" if line is None else lines[line].partition("=")[2]


def _set(lines: list[str], section: str, value: str) -> None:
    end, line = _place(lines, section)
    said = f"{NAME}={value}"
    if line is not None:
        lines[line] = said
    elif end < 0:
        lines += [f"[{section}]", said]
    else:
        lines.insert(end, said)
