"""Every package's docstring is its map, and no module is missing on it."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

PACKAGES = (
    "engine",
    "engine.baselines",
    "engine.evaluation",
    "engine.evaluation.embedded",
    "engine.features",
    "engine.models",
    "engine.models.families",
    "engine.objectives",
    "engine.sampler",
    "engine.training",
    "engine.training.corpus",
    "engine.training.vocoder",
)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_map_names_every_module(name: str) -> None:
    package = import_module(name)
    words = set(re.findall(r"\w+", package.__doc__ or ""))
    modules = {module.name for module in iter_modules(package.__path__)}
    assert modules - {"__main__"} <= words


def test_the_map_of_the_engine_fits_a_glance() -> None:
    assert len((import_module("engine").__doc__ or "").splitlines()) <= 25
