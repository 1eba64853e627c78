"""What hosts.toml says of each host: which files go where, and what is to be done then."""

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

import plugin_protocol
from bridge.errors import BridgeError

FOLDER = Path(plugin_protocol.__file__).parent / "hosts"

_XDG = {
    "XDG_CONFIG_HOME": "~/.config",
    "XDG_DATA_HOME": "~/.local/share",
    "XDG_STATE_HOME": "~/.local/state",
}


class HostError(BridgeError):
    """A host that is unknown, or in which something cannot be put. The message is for the user."""


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files, or folders with all that is in them, and the folder that they are put in.

    `files` are patterns, relative to the host's source; only the last names are kept. The folders
    may begin with ~ or with a folder of the XDG rules, such as $XDG_CONFIG_HOME.
    """

    files: tuple[str, ...]
    linux: str
    darwin: str

    def folder(self, environment: Mapping[str, str] = os.environ) -> Path:
        """Return the folder on this system, for the user of that environment."""
        return expanded(self.darwin if sys.platform == "darwin" else self.linux, environment)


class Build(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to be run in the source before there are files, and what that needs.

    `tools` are programs, or paths of files; `get` says how to have them.
    """

    command: tuple[str, ...]
    tools: tuple[str, ...]
    get: str


class Host(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One host.

    `needs` are programs or paths, of which one must be there; `version` is what to ask it for its
    version with, "" where that would open a window. `then` is the next thing to do, in the host.
    """

    title: str
    then: str
    places: tuple[Place, ...]
    needs: tuple[str, ...] = ()
    version: str = ""
    source: str = ""
    build: Build | None = None


def known_hosts() -> dict[str, Host]:
    """Return every host by its name."""
    document = tomllib.loads((FOLDER / "hosts.toml").read_text(encoding="utf-8"))
    return msgspec.convert(document, dict[str, Host])


def host_named(name: str) -> Host:
    """Return the host of that name. Raises HostError."""
    hosts = known_hosts()
    if name not in hosts:
        raise HostError(f"There is no host '{name}' here. Use one of {', '.join(hosts)}.")
    return hosts[name]


def source_of(name: str) -> Path:
    """Return the folder that the host's files lie in."""
    return (FOLDER / (known_hosts()[name].source or name)).resolve()


def expanded(path: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path with ~ and the folders of the XDG rules as they are for this user."""
    first, _, rest = path.partition("/")
    if first.removeprefix("$") in _XDG:
        name = first.removeprefix("$")
        # The rules say that a relative one counts as none.
        given = environment.get(name, "")
        first, _, more = (given if given.startswith("/") else _XDG[name]).partition("/")
        rest = f"{more}/{rest}" if more else rest
    home = environment.get("HOME") or str(Path.home())
    return Path(home) / rest if first == "~" else Path(first + "/") / rest
