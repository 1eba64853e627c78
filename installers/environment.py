"""A private virtual environment with the project in it; for `try.py` and `test.py`.

Standard library only, and no syntax newer than Python 3.8: an old Python must be able to read as
far as the sentence that turns it away.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this very line is for the others
    sys.exit(
        f"DITTO needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install a newer "
        f"Python and run this command with it, for example: python3.12 {sys.argv[0]}"
    )

from collections.abc import Callable, Iterator

if os.name == "nt":
    sys.exit(
        "DITTO runs on Linux and macOS so far. On Windows, install WSL (`wsl --install` in a "
        "terminal), then run this command inside it. Nothing was installed."
    )

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "installers" / "constraints.txt"
SECONDS_BETWEEN_WORDS = 30
TORCH_FOR_CPU = "https://download.pytorch.org/whl/cpu"


def read_arguments(description: str) -> argparse.Namespace:
    """Return the command line: `env`, the folder of the environment."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--env",
        type=Path,
        default=ROOT / ".venv",
        help="folder of the private Python environment (default: .venv in the clone)",
    )
    return parser.parse_args()


def make_environment(folder: Path, *, extra: str = "") -> Path:
    """Make the environment, or bring it up to date, and return its Python."""
    folder = folder.absolute()
    python = folder / "bin" / "python"
    if not _has(python, "pip"):
        # There may be half an environment from an attempt that was interrupted or lacked ensurepip.
        _refuse_unwritable(folder)
        with step(f"make a private Python environment in {folder}"):
            _run([sys.executable, "-m", "venv", str(folder)], _NO_VENV)
    stamp = folder / f"ditto-{extra or 'music'}.installed"
    if not stamp.exists() or stamp.read_text() != _wanted():
        if not _has(python, "torch"):
            with step("install torch (a large download: this can take minutes)"):
                _install_torch(python)
        with step("install DITTO and the packages it needs"):
            project = f"{ROOT}[{extra}]" if extra else str(ROOT)
            _pip(python, "-e", project)
        stamp.write_text(_wanted())
    return python


def run_script(main: Callable[[], int]) -> None:
    """Exit with the status of `main`; Ctrl-C is a sentence, not a traceback."""
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the command again: it goes on where it stopped.")


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is being done, and the time it took."""
    print(f"- {what}", flush=True)
    started = time.monotonic()
    yield
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


def pinned(package: str) -> str:
    """Return the requirement with the version that is known to work, such as torch==2.13.0."""
    pattern = rf"^{re.escape(package)}==\S+$"
    match = re.search(pattern, CONSTRAINTS.read_text(), re.MULTILINE)
    return match[0] if match else package


_NO_VENV = (
    "This Python could not make a virtual environment there. On Debian and Ubuntu: "
    "sudo apt install python3-venv. If the folder is left from an older Python, remove it. Then "
    "run this command again."
)
_NO_PACKAGES = (
    "The packages could not be installed; pip says why above. Check the network and the free space "
    "on the disk, then run this command again: it goes on where it stopped."
)


def _wanted() -> str:
    """Return a digest of everything that decides what is installed."""
    described = (ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()
    return hashlib.sha256(described + f"{ROOT} {sys.version}".encode()).hexdigest()


def _has(python: Path, package: str) -> bool:
    if not python.exists():
        return False
    asked = [str(python), "-c", f"from importlib.metadata import version; version({package!r})"]
    return subprocess.run(asked, capture_output=True).returncode == 0


def _refuse_unwritable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".ditto-may-write"
        probe.touch()
        probe.unlink()
    except OSError as error:
        sys.exit(
            f"Nothing can be written in {folder} ({error.strerror}). "
            "Choose another folder for the environment with --env."
        )


def _install_torch(python: Path) -> None:
    """Install torch: without gigabytes of GPU libraries where no GPU can use them."""
    if sys.platform == "linux" and not _has_gpu() and not _pip_has_its_own_source(python):
        quick = ["--no-deps", "--index-url", TORCH_FOR_CPU, "--retries", "1", "--timeout", "15"]
        if _status(_pip_command(python, *quick, pinned("torch"))) == 0:
            return
        print("  no torch without GPU libraries to be had; taking the usual one", flush=True)
    _pip(python, pinned("torch"))


def _has_gpu() -> bool:
    return bool(
        shutil.which("nvidia-smi") or Path("/dev/nvidia0").exists() or Path("/dev/kfd").exists()
    )


def _pip_has_its_own_source(python: Path) -> bool:
    """Return whether the user's pip settings name where packages come from; then they decide."""
    asked = [str(python), "-m", "pip", "config", "list"]
    settings = subprocess.run(asked, capture_output=True, text=True).stdout
    return bool(re.search(r"index-url|find-links|no-index", settings))


def _pip(python: Path, *arguments: str) -> None:
    _run(_pip_command(python, "-c", str(CONSTRAINTS), *arguments), _NO_PACKAGES)


def _pip_command(python: Path, *arguments: str) -> list[str]:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    return [str(python), "-m", "pip", "install", *quiet, *arguments]


def _run(command: list[str], advice: str) -> None:
    if _status(command) != 0:
        sys.exit(advice)


def _status(command: list[str]) -> int:
    """Run a command that may take minutes and return its exit status."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    while True:
        try:
            return process.wait(timeout=SECONDS_BETWEEN_WORDS)
        except subprocess.TimeoutExpired:
            print("  still at it", flush=True)
