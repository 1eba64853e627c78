"""PROTOCOL.md says what the structs say."""

import re
from pathlib import Path

import pytest

import plugin_protocol
from plugin_protocol import values
from plugin_protocol.framing import CLIENT_TYPES, DAEMON_TYPES

ROOT = Path(plugin_protocol.__file__).parent
DOCUMENT = (ROOT / "PROTOCOL.md").read_text()


def test_it_is_about_this_version() -> None:
    version = f"{values.PROTOCOL_MAJOR}.{values.PROTOCOL_MINOR}"
    assert DOCUMENT.startswith(f"# DITTO wire protocol, version {version}\n")


@pytest.mark.parametrize("tag", sorted({*CLIENT_TYPES, *DAEMON_TYPES}))
def test_it_names_every_message(tag: str) -> None:
    assert f"| `{tag}` |" in DOCUMENT


def test_it_names_no_message_that_does_not_exist() -> None:
    named = set(re.findall(r"\| `([a-z.]+)`", DOCUMENT))
    assert named == {*CLIENT_TYPES, *DAEMON_TYPES}


def test_it_states_the_limits() -> None:
    header, chunk = values.HEADER_BYTES // 2**10, values.CHUNK_BYTES // 2**10
    blob, window = values.BLOB_BYTES // 2**20, values.WINDOW_CHUNKS
    assert f"| header, chunk, blob | {header} KiB, {chunk} KiB, {blob} MiB |" in DOCUMENT
    assert f"| chunks in flight per client and direction | {window} |" in DOCUMENT


def test_it_explains_every_code_in_use() -> None:
    packages = [ROOT, ROOT.parent / "bridge", ROOT.parent / "engine"]
    sources = [path.read_text() for package in packages for path in package.rglob("*.py")]
    codes = set(
        re.findall(
            r'(?:Refusal|BadMessageError|RequestRefusedError)\(\s*"([A-Z_]+)"', "".join(sources)
        )
    )
    codes |= set(re.findall(r'\bcode\s*=\s*"([A-Z_]+)"', "".join(sources)))
    assert codes
    assert {code for code in codes if code not in DOCUMENT} == set()
