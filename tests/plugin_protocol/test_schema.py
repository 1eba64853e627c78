"""The committed schema, the structs, the document and the version say the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import plugin_protocol
from plugin_protocol.framing import CLIENT_TYPES, DAEMON_TYPES
from plugin_protocol.schema import text

FILE = Path(plugin_protocol.__file__).parent / "schema.json"
DOCUMENT = FILE.with_name("PROTOCOL.md").read_text()
SCHEMA = json.loads(FILE.read_text())


def reachable(name: str, seen: set[str]) -> set[str]:
    """Return the definitions that the named one refers to, itself among them."""
    if name not in seen:
        seen.add(name)
        for part in nodes(SCHEMA["$defs"][name]):
            if "$ref" in part:
                reachable(part["$ref"].rpartition("/")[2], seen)
    return seen


def nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in the schema, nested ones too."""
    if isinstance(part, dict):
        yield part
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from nodes(inner)


def test_the_file_is_what_the_structs_say() -> None:
    assert FILE.read_text() == text(), "run: python -m plugin_protocol.schema"


def test_the_file_and_the_document_are_of_one_version() -> None:
    assert DOCUMENT.startswith(f"# {SCHEMA['title'].replace(' 1.', ', version 1.')}\n")


def test_the_file_knows_every_message() -> None:
    defs = SCHEMA["$defs"]
    assert set(defs["FromClient"]["discriminator"]["mapping"]) == set(CLIENT_TYPES)
    assert set(defs["FromDaemon"]["discriminator"]["mapping"]) == set(DAEMON_TYPES)


def test_no_number_is_without_bounds() -> None:
    numbers = [n for n in nodes(SCHEMA) if n.get("type") in ("number", "integer")]
    assert len(numbers) > 100
    for number in numbers:
        assert {"minimum", "exclusiveMinimum"} & number.keys(), number
        assert {"maximum", "exclusiveMaximum"} & number.keys(), number


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [("string", {"maxLength", "pattern"}), ("array", {"maxItems"}), ("object", {"properties"})],
)
def test_nothing_that_a_client_sends_is_without_bounds(kind: str, bounds: set[str]) -> None:
    for name in reachable("FromClient", set()):
        for part in nodes(SCHEMA["$defs"][name]):
            if part.get("type") == kind and "maxProperties" not in part:
                assert bounds & part.keys(), (name, part)


def test_requests_allow_no_field_that_they_do_not_name() -> None:
    refs = SCHEMA["$defs"]["FromClient"]["discriminator"]["mapping"]
    names = {ref.rpartition("/")[2] for ref in refs.values()} - {"BlobData"}
    assert all(SCHEMA["$defs"][name]["additionalProperties"] is False for name in names)
