"""The command line."""

from __future__ import annotations

import argparse

from . import companion
from .actions import ACTIONS


def main(words: list[str]) -> None:
    """Do what the words say."""
    parser = argparse.ArgumentParser(
        prog="ditto_audacity.py",
        description="DITTO in Audacity: `listen` carries out what is chosen in Tools > DITTO; any "
        "other action is done now, with what is selected.",
    )
    names = ["listen", *ACTIONS, "another", "cancel", "finish", "collect", "settings"]
    parser.add_argument("action", choices=names)
    parser.add_argument("setting", nargs="*", help="NAME=VALUE, with settings")
    parsed = parser.parse_args(words)
    try:
        if parsed.action == "listen":
            companion.listen()
        else:
            companion.once([parsed.action, *parsed.setting])
    except KeyboardInterrupt:
        print()
