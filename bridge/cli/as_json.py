"""The same answers for programs: one JSON value on stdout, digests in hexadecimal."""

import json
from typing import Any

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


def plain(message: object) -> Any:
    """Return a message of the protocol as maps, lists, texts and numbers."""
    import msgspec

    return msgspec.to_builtins(message, builtin_types=(bytes,))


def print_json(value: object) -> None:
    """Print the value as one line."""
    click.echo(json.dumps(value, default=bytes.hex))
