"""The daemon is made of our packages, or it does not start."""

import subprocess
import sys
from pathlib import Path

import pytest

import bridge
from bridge import guard
from bridge.errors import ForeignPackageError, UnsupportedPlatformError
from bridge.guard import OUR_FOLDER, check_packages, check_platform
from bridge.supervisor import EXIT_CANNOT_START


def start_daemon_beside(package: Path) -> subprocess.CompletedProcess[str]:
    """Start the daemon with the package's folder first on the import path."""
    environment = {"PYTHONPATH": f"{package.parent}:{OUR_FOLDER}", "DITTO_HOME": "/nonexistent"}
    command = [sys.executable, "-P", "-m", "bridge.daemon"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["engine", "plugin_protocol"])
def test_the_daemon_refuses_a_foreign_package(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')")
    daemon = start_daemon_beside(tmp_path / name)
    assert daemon.returncode == EXIT_CANNOT_START
    assert daemon.stderr.startswith(f"Another package named '{name}' is in the way: Python would")
    assert daemon.stderr.count("\n") == 1


def test_a_module_is_in_the_way_as_well(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("raise SystemExit('imported')")
    assert "is in the way" in start_daemon_beside(tmp_path / "engine.py").stderr


def test_our_own_packages_are_fine() -> None:
    check_packages()
    assert Path(bridge.__file__).parent.parent == OUR_FOLDER


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(ForeignPackageError, match="'engine'"):
        check_packages(tmp_path)


def test_windows_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.os, "name", "nt")
    with pytest.raises(UnsupportedPlatformError, match="Use WSL"):
        check_platform()


def test_the_front_is_light() -> None:
    heavy = "{'torch', 'numpy', 'engine'} & set(sys.modules)"
    script = f"import sys, bridge.front, bridge.launch; print({heavy})"
    command = [sys.executable, "-c", script]
    assert subprocess.check_output(command, cwd=OUR_FOLDER, text=True) == "set()\n"


def test_in_the_daemon_only_the_sockets_and_the_keys_know_zmq() -> None:
    of_zmq = "n for n, m in sys.modules.items() if n.startswith('bridge') and hasattr(m, 'zmq')"
    script = f"import sys, bridge.daemon, bridge.front, bridge.launch; print(*sorted({of_zmq}))"
    command = [sys.executable, "-c", script]
    assert subprocess.check_output(command, cwd=OUR_FOLDER, text=True, timeout=60) == (
        "bridge.keys bridge.sockets\n"
    )
