"""The parser under libFuzzer, for a short while; for longer by hand, see `fuzz_parser`."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FUZZER = Path(__file__).with_name("fuzz_parser.py")
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris, which CI installs")
def test_nothing_that_libfuzzer_thinks_of_escapes_the_parser(tmp_path: Path) -> None:
    run = subprocess.run(
        (sys.executable, str(FUZZER), str(tmp_path), "-runs=3000", "-seed=1"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "Done 3000 runs" in run.stderr
