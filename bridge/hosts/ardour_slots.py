"""Ardour's action slots and hooks: our scripts in them, so that nobody has to put them there.

Ardour keeps both in one XML file. A script there is a line of Lua, in base64, that assigns its
name `n`, its source `s`, its compiled factory `f`, which may be source as well, and its arguments
`a`. Source: gtk2_ardour/luainstance.cc of Ardour 7.3.
"""

import base64
import os
import re
import secrets
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bridge.doctor import Finding
from bridge.hosts.host import HostError, expanded, host_named, source_of

LINUX = "$XDG_CONFIG_HOME/ardour7"
HOOK = "ditto_place_results.lua"
AGAIN = "`ditto hosts install ardour`"
SLOTS = 32
SIGNALS = (16, 46)
"""StateSaved and LuaTimerS, as Ardour 7 numbers what a hook can wait for."""
_LUA = "Lua 5.3"
_SLOT = re.compile(r'scripts\[(\d+)\](?: = (\{\}|nil)|\["n"\] = "([^"]*)")')
_NAME = re.compile(r'^\s*name *= "([^"]+)"', re.MULTILINE)


def prepare(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Put our scripts into slots and hooks; return what was done, in sentences."""
    file, (*actions, hook) = _file(environment), _scripts()
    new = assign(file, actions, hook)
    if not new:
        return [f"all scripts are in the slots and hooks of {file}"]
    return [
        f"put into the slots and hooks of {file}: {', '.join(new)}",
        "Where Ardour is running, close it and install again: it writes that file as it knows it.",
    ]


def release(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Take our scripts out again; return what was done, in sentences."""
    file = _file(environment)
    gone = withdraw(file, _scripts())
    return [f"taken out of the slots and hooks of {file}: {', '.join(gone)}"] if gone else []


def examine(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield whether results can be placed, and what can be pressed."""
    file, (*actions, hook) = _file(environment), _scripts()
    slots, hooks = slots_in(file).values(), [each.get("name") for each in _hooks(_read(file))]
    missing = [name for script in actions if (name := _name_of(script)) not in slots]
    if _name_of(hook) not in hooks:
        told = f"'{_name_of(hook)}' is no hook in {file}"
        yield Finding("ardour", "wrong", told, f"Close Ardour, and {AGAIN}.")
    elif missing:
        told = f"not in the slots of {file}: {', '.join(missing)}"
        yield Finding("ardour", "doubtful", told, f"Nothing, if you did that; else {AGAIN}.")
    else:
        yield Finding("ardour", "fine", f"all scripts are in the slots and hooks of {file}")


def _file(environment: Mapping[str, str]) -> Path:
    home = "~/Library/Preferences/Ardour7" if sys.platform == "darwin" else LINUX
    return expanded(home, environment) / "ui_scripts"


def _scripts() -> list[Path]:
    """Return the actions in the order of hosts.toml, and the hook last."""
    files = [Path(file) for place in host_named("ardour").places for file in place.files]
    scripts = [source_of("ardour") / file for file in files if file.suffix == ".lua"]
    return sorted(scripts, key=lambda script: script.name == HOOK)


def assign(file: Path, actions: Sequence[Path], hook: Path) -> list[str]:
    """Put the scripts into free slots and the hook beside the hooks; return the names of the new.

    What has our name already is left where it is, and so is everything else. Ardour must not run:
    it writes the file as it knows it. Raises HostError where the file is not Ardour's.
    """
    root = _read(file)
    state, hooks = _state(root), _hooks(root)
    slots = _slots(state)
    free = iter([number for number in range(1, SLOTS + 1) if number not in slots])
    added = []
    for script in actions:
        if _name_of(script) not in slots.values() and (slot := next(free, None)) is not None:
            state += " " + _assignments(f"scripts[{slot}]", script)
            added.append(_name_of(script))
    if _name_of(hook) not in [each.get("name") for each in hooks]:
        hooks.append(_hook(hook))
        added.append(_name_of(hook))
    if added:
        _write(file, root, state)
    return added


def withdraw(file: Path, scripts: Sequence[Path]) -> list[str]:
    """Take the scripts out of slots and hooks again; return the names of those that were there."""
    root = _read(file)
    state, hooks = _state(root), _hooks(root)
    names = {_name_of(script) for script in scripts}
    gone = []
    for slot, name in _slots(state).items():
        if name in names:
            state += f" scripts[{slot}] = nil"
            gone.append(name)
    for each in list(hooks):
        if each.get("name") in names:
            hooks.remove(each)
            gone.append(str(each.get("name")))
    if gone:
        _write(file, root, state)
    return gone


def slots_in(file: Path) -> dict[int, str]:
    """Return the names of the scripts in Ardour's slots, the first of which is 1."""
    return _slots(_state(_read(file)))


def _state(root: ET.Element) -> str:
    text = _child(root, "ActionScript").text or ""
    return base64.b64decode(text).decode("utf-8", "surrogateescape") or "scripts = {}"


def _slots(state: str) -> dict[int, str]:
    slots: dict[int, str] = {}
    for number, value, name in _SLOT.findall(state):
        if value == "nil":
            slots.pop(int(number), None)
        else:
            slots[int(number)] = name
    return slots


def _read(file: Path) -> ET.Element:
    if not file.exists():
        return ET.Element("UIScripts")
    try:
        root = ET.parse(file).getroot()
    except ET.ParseError as error:
        raise HostError(
            f"{file} is no XML ({error}). Move it away and do the same again."
        ) from error
    if root.tag != "UIScripts":
        raise HostError(f"{file} is not Ardour's. Move it away and do the same again.")
    return root


def _child(root: ET.Element, tag: str) -> ET.Element:
    found = root.find(tag)
    return ET.SubElement(root, tag) if found is None else found


def _hooks(root: ET.Element) -> ET.Element:
    return _child(root, "ActionHooks")


def _name_of(script: Path) -> str:
    found = _NAME.search(script.read_text(encoding="utf-8"))
    assert found, script
    return found[1]


def _assignments(variable: str, script: Path) -> str:
    source = script.read_text(encoding="utf-8")
    factory = f"local ardour, signals, factory = function () end\n{source}\nreturn factory (...)\n"
    members = {"n": _name_of(script), "s": source, "f": factory}
    assigned = [f'{variable}["{key}"] = {_quoted(text)}' for key, text in members.items()]
    return " ".join([f"{variable} = {{}}", *assigned, f'{variable}["a"] = {{}}'])


def _hook(script: Path) -> ET.Element:
    bits = "".join("1" if bit in SIGNALS else "0" for bit in range(max(SIGNALS), -1, -1))
    made = ET.Element("LuaCallback")
    # A number that Ardour has for nothing else: it counts its own from 1.
    made.set("id", str(2**40 + secrets.randbelow(2**40)))
    made.set("lua", _LUA)
    made.set("name", _name_of(script))
    made.set("signals", bits)
    made.text = base64.b64encode(_assignments("s", script).encode()).decode()
    return made


def _write(file: Path, root: ET.Element, state: str) -> None:
    slots = _child(root, "ActionScript")
    slots.text = base64.b64encode(state.encode("utf-8", "surrogateescape")).decode()
    slots.set("lua", _LUA)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    ET.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)
    temporary.replace(file)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
