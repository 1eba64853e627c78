"""The messages as JSON Schema 2020-12, for clients in other languages.

`python -m plugin_protocol.schema > plugin_protocol/schema.json` writes the committed file. Binary
is base64 text there, as in the conformance vectors; on the wire it is MessagePack's own.
"""

import inspect
import json
import sys
from typing import Any

import msgspec

from .messages import FromClient, FromDaemon
from .values import PROTOCOL_MAJOR, PROTOCOL_MINOR


def schema() -> dict[str, Any]:
    """Return the schema: `$defs` of all structs, and of all that a client and the daemon send."""
    (client, daemon), structs = msgspec.json.schema_components(
        (FromClient, FromDaemon), ref_template="#/$defs/{name}"
    )
    definitions = {name: _described(structs[name]) for name in sorted(structs)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"DITTO wire protocol {PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
        "anyOf": [{"$ref": "#/$defs/FromClient"}, {"$ref": "#/$defs/FromDaemon"}],
        "$defs": {"FromClient": client, "FromDaemon": daemon, **definitions},
    }


def text() -> str:
    """Return the schema as it is in the file."""
    return json.dumps(schema(), indent=1) + "\n"


def _described(struct: dict[str, Any]) -> dict[str, Any]:
    # Some Pythons keep the indentation of docstrings, others do not.
    return {**struct, "description": inspect.cleandoc(struct["description"])}


if __name__ == "__main__":
    sys.stdout.write(text())
