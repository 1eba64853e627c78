"""Print the ReaPack index of the scripts for REAPER, for the address at which they are published.

python3 reapack_index.py https://example.org/reaper/ > index.xml

What the package is called and consists of stands in the header of its file.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as Xml

FOLDER = Path(__file__).parent / "reaper"
PACKAGE = FOLDER / "DITTO - Settings.lua"


def header() -> dict[str, str]:
    """Return the tags of the package's header; lines that go on belong to the tag before them."""
    found: dict[str, str] = {}
    tag = ""
    for line in PACKAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        if match := re.fullmatch(r"-- @(\w+) ?(.*)", line):
            tag, found[match[1]] = match[1], match[2]
        else:
            found[tag] += "\n" + line.removeprefix("--").strip()
    return {tag: text.strip() for tag, text in found.items()}


def provided(lines: str) -> Iterator[tuple[str, bool]]:
    """Yield each file that `@provides` names, and whether it is an action."""
    for line in lines.splitlines():
        pattern = line.removeprefix("[main] ")
        for file in sorted(FOLDER.glob(pattern)):
            yield file.name, pattern != line


def index(address: str) -> Xml.Element:
    """Return the index of files that lie at `address`."""
    tags = header()
    root = Xml.Element("index", version="1", name="DITTO")
    category = Xml.SubElement(root, "category", name="DITTO")
    package = Xml.SubElement(
        category, "reapack", name=PACKAGE.name, type="script", desc=tags["description"]
    )
    version = Xml.SubElement(package, "version", name=tags["version"], author=tags["author"])
    for name, is_action in provided(tags["provides"]):
        source = Xml.SubElement(version, "source", file=name)
        if is_action:
            source.set("main", "main")
        source.text = f"{address.rstrip('/')}/{quote(name)}"
    return root


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: reapack_index.py ADDRESS, where ADDRESS is the folder on the web")
    made = index(sys.argv[1])
    Xml.indent(made)
    print('<?xml version="1.0" encoding="utf-8"?>')
    print(Xml.tostring(made, encoding="unicode"))
