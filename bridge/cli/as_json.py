"""The same answers for programs: one JSON value on stdout, digests in hexadecimal."""

import json
from collections.abc import Mapping
from typing import Any

import click

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")

OF_THE_CONVERSATION = ("i", "re", "x")


def plain(message: object) -> Any:
    """Return a message of the protocol as maps, lists, texts and numbers, nothing left out.

    What belongs to the conversation and not to its subject is: types and numbers of messages.
    """
    import msgspec

    if isinstance(message, msgspec.Struct):
        config = message.__struct_config__
        kind = {} if config.tag_field in (None, "t") else {config.tag_field: config.tag}
        names = (name for name in message.__struct_fields__ if name not in OF_THE_CONVERSATION)
        return kind | {name: plain(getattr(message, name)) for name in names}
    if isinstance(message, Mapping):
        return {key: plain(value) for key, value in message.items()}
    if isinstance(message, tuple | list):
        return [plain(value) for value in message]
    return message


def print_json(value: object) -> None:
    """Print the value as one line."""
    click.echo(json.dumps(value, default=bytes.hex))
