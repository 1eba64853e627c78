"""Run every check that a change must pass: `python3 installers/test.py [--env DIR]`.

Builds the environment first. Ends with the exit status of the first check that fails.
"""

import os
import subprocess
from pathlib import Path

from environment import ROOT, make_environment, read_arguments, run_script, step

CHECKS = (
    ("format", ("ruff", "format", "--check", ".")),
    ("lint", ("ruff", "check", ".")),
    ("types", ("mypy",)),
    ("imports", ("lint-imports",)),
    ("tests", ("pytest",)),
)


def main() -> int:
    """Make the environment, run the checks in order and return the exit status."""
    arguments = read_arguments("Run all checks.")
    python = make_environment(arguments.env, extra="dev")
    for name, (program, *options) in CHECKS:
        with step(f"{name}: {program} {' '.join(options)}".rstrip()):
            status = run_check(python.parent / program, options)
        if status:
            print(f"FAILED: {name} (exit status {status})", flush=True)
            return status
    print("all checks passed", flush=True)
    return 0


def run_check(program: Path, options: list[str]) -> int:
    """Run one check in the clone, with no access to model hubs, and return its exit status."""
    return subprocess.run(
        [str(program), *options], cwd=ROOT, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    ).returncode


if __name__ == "__main__":
    run_script(main)
