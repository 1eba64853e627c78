"""The two clients offer the same, and say of each method how long it keeps its caller."""

import inspect
from typing import Any

import pytest

from plugin_protocol.async_client import AsyncClient
from plugin_protocol.client import Client

RULES = ("[at once]", "[answer]", "[bytes]", "[job]")
ONLY_BLOCKING = {"close", "sha", "on_bytes"}
"""`async with` closes the other one, which hashes in a thread of its own."""


def methods(kind: type[Any]) -> dict[str, Any]:
    return {name: each for name, each in vars(kind).items() if not name.startswith("_")}


def parameters(method: Any) -> list[str]:
    if isinstance(method, property):
        return []
    return [name for name in inspect.signature(method).parameters if name not in ONLY_BLOCKING]


def test_they_have_the_same_methods_with_the_same_parameters() -> None:
    blocking, other = methods(Client), methods(AsyncClient)
    assert blocking.keys() - ONLY_BLOCKING == other.keys()
    for name in other:
        assert parameters(blocking[name]) == parameters(other[name]), name


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_every_method_says_how_long_it_blocks(kind: type[Any]) -> None:
    for name, method in methods(kind).items():
        said = inspect.getdoc(method) or ""
        assert sum(said.count(rule) for rule in RULES) == 1, name
