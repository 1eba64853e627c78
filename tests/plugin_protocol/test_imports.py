"""The protocol is light, and works under another name."""

import shutil
import subprocess
import sys
from pathlib import Path

import plugin_protocol

ROOT = Path(plugin_protocol.__file__).parent


def loaded_by(statement: str, folder: Path) -> set[str]:
    """Return the top-level modules in a fresh interpreter after the statement."""
    script = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", script]
    return set(subprocess.check_output(command, cwd=folder, text=True).split())


def test_the_client_needs_neither_torch_nor_numpy_nor_us() -> None:
    loaded = loaded_by("import plugin_protocol.client", ROOT.parent)
    assert not loaded & {"torch", "numpy", "engine", "bridge"}


def test_the_folder_works_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "ditto_client")
    loaded = loaded_by("import ditto_client.client", tmp_path)
    assert "plugin_protocol" not in loaded
