"""Every test has a REAPER of its own, whose DITTO makes no music."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pretend_reaper import stub_ditto
from pretend_reaper.studio import Studio, noise


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    command = tmp_path / "bin with a space" / "ditto"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{stub_ditto.__file__}" "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("DITTO_COMMAND", str(command))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    folder = tmp_path / "my song"
    folder.mkdir()
    made = Studio.of(folder, noise(folder / "guitar.wav", 4.0))
    yield made
    made.reaper.stop_processes()
