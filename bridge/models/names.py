"""What a model may be called: as `--model` takes it, and as nothing else is called already."""

import re

from bridge.errors import ModelError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHIPPED = ("embedded", "embedded-base")
RESERVED = ("toy", "clap")
"""Of the engine's tests, and of the folder where an audio-text model may lie."""


def check_name(name: str) -> None:
    """Raise ModelError where no model of the user's may have that name."""
    if not NAME.fullmatch(name):
        raise ModelError(
            f"{name!r} cannot be the name of a model. Use up to 64 small letters, digits, dots, "
            "underscores and hyphens, a letter or digit first."
        )
    if name.startswith("embedded") or name in RESERVED:
        raise ModelError(
            f"The name {name} is taken by what ships with DITTO, which cannot be replaced or "
            "removed. Choose another one."
        )
