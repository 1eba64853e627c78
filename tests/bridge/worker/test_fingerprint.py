"""Other code, other word; the same code, the same word."""

from pathlib import Path

import pytest

from bridge.version import installed_version
from bridge.worker import fingerprint as module
from bridge.worker.fingerprint import fingerprint


def test_the_same_code_has_the_same_word_which_names_the_version() -> None:
    assert fingerprint() == fingerprint()
    assert fingerprint().startswith(f"{installed_version()}+")


def test_a_changed_line_changes_the_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "makes_music"
    package.mkdir()
    source = package / "__init__.py"
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "MAKERS", ("makes_music",))
    words = []
    for line in ("STEP = 1\n", "STEP = 2\n", "STEP = 1\n"):
        source.write_text(line)
        words.append(fingerprint())
    assert words[0] == words[2] != words[1]
