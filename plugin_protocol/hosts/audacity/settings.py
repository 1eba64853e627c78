"""What the producer has set, and where jobs lie: a line each, in one file of the user's."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass
class Settings:
    """What every action goes by; seconds where nothing else is said."""

    prompt: str = ""
    quality: str = "normal"
    model: str = "embedded"
    takes: int = 1
    seconds: float = 4.0  # of new music, for Continue and Lead In
    handles: float = 4.0  # of what is heard around a selection
    strength: float = 0.5  # how much Reshape, Structure and Melody change, up to 1


def data_folder() -> Path:
    """Return where programs keep what is the user's."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ditto"
    given = os.environ.get("XDG_DATA_HOME", "")
    home = Path(given) if given.startswith("/") else Path.home() / ".local" / "share"
    return home / "ditto"


def jobs_folder() -> Path:
    """Return the folder that holds a folder for each job of Audacity's."""
    return data_folder() / "jobs" / "audacity"


def _file() -> Path:
    return data_folder() / "audacity.json"


def load() -> Settings:
    """Return what is set."""
    try:
        known = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    names = {field.name for field in fields(Settings)}
    return Settings(**{name: value for name, value in known.items() if name in names})


def change(words: list[str]) -> Settings:
    """Set what words like "takes=2" say, keep the rest. Raises ValueError for a wrong word."""
    settings = load()
    for word in words:
        name, _, value = word.partition("=")
        old = getattr(settings, name, None)
        if old is None:
            names = ", ".join(field.name for field in fields(Settings))
            raise ValueError(f"There is no setting '{name}'. Use one of {names}.")
        try:
            setattr(settings, name, type(old)(value))
        except ValueError:
            raise ValueError(f"'{value}' is no number; {name} needs one.") from None
    _file().parent.mkdir(parents=True, exist_ok=True)
    fresh = _file().with_suffix(".new")
    fresh.write_text(json.dumps(asdict(settings), indent=1), encoding="utf-8")
    fresh.replace(_file())
    return settings
