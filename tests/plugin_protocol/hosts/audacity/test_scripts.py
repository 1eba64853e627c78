"""What runs beside Audacity runs with the Python that its user has."""

import ast
import sys
from pathlib import Path

import pytest

import plugin_protocol

FOLDER = Path(plugin_protocol.__file__).parent / "hosts" / "audacity"
OURS = {"__future__"} | sys.stdlib_module_names


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_any_python_from_3_8_on_can_read_it_and_needs_no_package(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= OURS
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module in OURS or node.module == "collections.abc"


def test_every_entry_of_the_menu_asks_for_something_known() -> None:
    commands = (FOLDER / "commands.py").read_text() + (FOLDER / "actions.py").read_text()
    for entry in FOLDER.glob("*.ny"):
        if "(ditto-status)" not in (text := entry.read_text()):
            word = text.partition("ditto-request")[2].partition('"')[2].partition('"')[0]
            assert f'"{word.partition("~")[0]}"' in commands, entry
