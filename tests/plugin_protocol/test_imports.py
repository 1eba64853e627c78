"""The protocol is light, and works under another name."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


BLOCK = (
    "import importlib.abc, sys\n"
    "class Refuse(importlib.abc.MetaPathFinder):\n"
    "    def find_spec(self, name, *rest):\n"
    "        if name.partition('.')[0] in ('torch', 'numpy', 'engine', 'bridge'):\n"
    "            raise ImportError(name)\n"
    "sys.meta_path.insert(0, Refuse())\n"
)


@pytest.mark.parametrize("module", sorted(file.stem for file in ROOT.glob("*.py")))
def test_every_module_is_there_without_torch_and_numpy(module: str) -> None:
    statement = f"{BLOCK}import plugin_protocol.{module}"
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT.parent, check=True)


def test_the_folder_works_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "ditto_client")
    loaded = loaded_by("import ditto_client.client", tmp_path)
    assert "plugin_protocol" not in loaded
