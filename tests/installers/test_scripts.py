"""The two commands of the README: readable by old Pythons, and made of what they promise."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

INSTALLERS = Path(__file__).resolve().parents[2] / "installers"
SCRIPTS = ("environment.py", "try.py", "test.py")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Import one of the scripts by its file name."""
    monkeypatch.syspath_prepend(str(INSTALLERS))

    def load_script(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(
            f"installer_{Path(name).stem}", INSTALLERS / name
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    yield load_script
    sys.modules.pop("environment", None)


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_old_python_can_read_as_far_as_the_refusal(name: str) -> None:
    ast.parse((INSTALLERS / name).read_text(), feature_version=(3, 8))


def test_windows_is_turned_away_before_anything_is_installed() -> None:
    pretend = "import argparse, os, shutil, subprocess; os.name = 'nt'; import environment"
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=INSTALLERS, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "install WSL" in done.stderr
    assert done.stderr.endswith("Nothing was installed.\n")


def test_a_folder_that_cannot_be_written_is_named(load, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"Choose another folder for the environment with --env"):
        load("environment.py").make_environment(tmp_path / "file" / "env")


def test_a_long_step_shows_that_it_lives(
    load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = load("environment.py")
    monkeypatch.setattr(script, "SECONDS_BETWEEN_WORDS", 0.01)
    assert script._status([sys.executable, "-c", "import time; time.sleep(0.5); exit(3)"]) == 3
    assert "still at it" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_need_nothing_installed(name: str) -> None:
    tree = ast.parse((INSTALLERS / name).read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    roots = {name.split(".")[0] for name in imported}
    assert roots <= sys.stdlib_module_names | {"environment"}


def test_the_checks_run_in_the_order_of_their_cost(load) -> None:
    programs = [program for _, (program, *_) in load("test.py").CHECKS]
    assert programs == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]


def test_the_first_command_of_a_user_is_one_that_ditto_knows(load) -> None:
    from bridge.cli.app import ditto

    command, *words = load("try.py").continue_clip(Path("music.wav"), Path("picture.png"))
    ditto.commands[command].make_context(command, words)


def test_torch_is_pinned(load) -> None:
    assert re.fullmatch(r"torch==\d+\.\d+\.\d+", load("environment.py").pinned("torch"))


def test_a_package_without_a_pin_is_asked_for_by_name(load) -> None:
    assert load("environment.py").pinned("no-such-package") == "no-such-package"


def test_every_dependency_of_the_project_is_pinned(load) -> None:
    import tomllib

    project = tomllib.loads((INSTALLERS.parent / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = [re.split(r"[^A-Za-z0-9_-]", requirement)[0] for requirement in wanted]
    pinned = load("environment.py").pinned
    assert [name for name in names if "==" not in pinned(name)] == []
