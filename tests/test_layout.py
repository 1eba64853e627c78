"""The flat layout and its arrows: our names are ours, and nobody imports what it must not."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ("engine", "bridge", "plugin_protocol")


@pytest.mark.parametrize("name", NAMES)
def test_each_name_imports_our_folder(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == ROOT / name / "__init__.py"


@pytest.mark.parametrize("name", NAMES)
def test_no_other_distribution_claims_our_names(name: str) -> None:
    assert set(packages_distributions().get(name, ["ditto-daw"])) == {"ditto-daw"}


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after `statement`."""
    code = f"{statement}\nimport sys\nprint('\\n'.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    ["import bridge.cli", "import bridge.front", "import plugin_protocol.client"],
)
def test_only_the_worker_loads_torch(statement: str) -> None:
    assert not {"torch", "diffusers", "librosa", "matplotlib", "engine"} & loaded_by(statement)


def test_training_needs_nothing_that_a_bare_machine_with_torch_lacks() -> None:
    loaded = loaded_by("import engine.training.stages")
    assert not {"diffusers", "librosa", "soundfile", "soxr", "numba"} & loaded


def test_files_are_short_enough_to_read_in_one_sitting() -> None:
    files = [f for name in (*NAMES, "installers") for f in (ROOT / name).rglob("*.py")]
    too_long = {f.name: n for f in files if (n := len(f.read_text().splitlines())) > 300}
    assert not too_long


BANNED_MODULES = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
BANNED_CALLS = {"recv_pyobj", "send_pyobj", "eval", "exec"}
BANNED_OF = {("torch", "load"), ("os", "system")}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_turns_bytes_into_code_or_objects(name: str) -> None:
    for file in (ROOT / name).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    assert not BANNED_MODULES & {each.name.split(".")[0] for each in names}, file
                case ast.ImportFrom(module=module):
                    top = (module or "").split(".")
                    assert top[0] not in BANNED_MODULES, file
                    assert top[:2] != ["multiprocessing", "connection"], file
                case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                    assert (owner, attribute) not in BANNED_OF, file
                    assert attribute not in BANNED_CALLS - {"eval", "exec"}, file
                case ast.Call(func=ast.Name(id=called)):
                    assert called not in BANNED_CALLS, file
                case ast.keyword(arg="allow_pickle"):
                    raise AssertionError(file)


@pytest.mark.parametrize("name", ["bridge", "plugin_protocol"])
def test_numpy_reads_no_files_for_the_daemon(name: str) -> None:
    sources = [file.read_text() for file in (ROOT / name).rglob("*.py")]
    assert not any("np.load" in source or "numpy.load" in source for source in sources)
