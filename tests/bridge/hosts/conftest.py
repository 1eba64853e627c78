"""A pretended host with three files, and a user with a home of their own."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.hosts import host
from bridge.paths import Paths, locate

TABLE = """
[studio]
title = "Studio 1"
then = "In Studio, press Ctrl-D."
needs = ["no-such-studio", "/bin/sh"]
places = [
  { files = ["fill.lua", "Extension"], linux = "$XDG_CONFIG_HOME/studio", darwin = "~/Studio" },
  { files = ["bin/tool"], linux = "~/.studio", darwin = "~/.studio" },
]
"""


@dataclass(frozen=True)
class World:
    """Where everything is."""

    source: Path
    home: Path
    paths: Paths
    environment: dict[str, str]
    command: Path

    @property
    def fill(self) -> Path:
        return self.home / ".config" / "studio" / "fill.lua"

    def below_home(self) -> dict[str, bytes]:
        """Return every file of the user's with what is in it."""
        return {
            str(file.relative_to(self.home)): file.read_bytes()
            for file in self.home.rglob("*")
            if file.is_file()
        }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    source, home = tmp_path / "hosts" / "studio", tmp_path / "home"
    for folder in (home, source / "Extension" / "deep", source / "bin"):
        folder.mkdir(parents=True)
    (source.parent / "hosts.toml").write_text(TABLE)
    (source / "README.md").write_text("for people")
    (source / "fill.lua").write_text('local DITTO = "@DITTO@"\n')
    (source / "Extension" / "deep" / "a.txt").write_bytes(bytes(range(256)))
    (source / "bin" / "tool").write_text("#!/bin/sh\n")
    (source / "bin" / "tool").chmod(0o755)
    command = tmp_path / "ditto"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    environment = {"HOME": str(home), "DITTO_HOME": str(tmp_path / "ditto-home")}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(host, "FOLDER", source.parent)
    monkeypatch.setattr("sys.platform", "linux")
    return World(source, home, locate(environment), environment, command)
