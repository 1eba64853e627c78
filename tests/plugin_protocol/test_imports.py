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
    return set(subprocess.check_output(command, cwd=folder, text=True, timeout=100).split())


def test_the_client_needs_neither_torch_nor_numpy_nor_us() -> None:
    loaded = loaded_by("import plugin_protocol.client", ROOT.parent)
    assert not loaded & {"torch", "numpy", "engine", "bridge"}


REFUSE = """
import importlib, importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in sys.argv[1].split(","):
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
for module in sys.argv[2:]:
    importlib.import_module(f"plugin_protocol.{module}")
"""
MODULES = sorted(file.stem for file in ROOT.glob("*.py"))
ON_A_SOCKET = {
    "async_client", "async_conversation", "async_link", "async_transfer", "client", "conversation",
    "link", "mailbox", "making", "transfer",
}  # fmt: skip
"""What talks itself. All else reads and writes messages that may travel otherwise."""


def load_without(refused: str, modules: list[str]) -> None:
    command = [sys.executable, "-c", REFUSE, refused, *modules]
    subprocess.run(command, cwd=ROOT.parent, check=True, timeout=100)


def test_every_module_is_there_without_torch_and_numpy() -> None:
    load_without("torch,numpy,engine,bridge", MODULES)


def test_messages_can_be_read_without_zmq() -> None:
    load_without("zmq,torch,numpy", [name for name in MODULES if name not in ON_A_SOCKET])


def test_the_thin_client_needs_msgpack_alone() -> None:
    load_without("zmq,msgspec,torch,numpy", ["thin_client"])


def test_the_folder_works_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "ditto_client")
    loaded = loaded_by("import ditto_client.client", tmp_path)
    assert "plugin_protocol" not in loaded
