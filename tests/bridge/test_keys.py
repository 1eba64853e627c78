"""Keys: whose they are, and what becomes of those that others could read."""

from pathlib import Path

import pytest

from bridge.errors import KeyFileError, UnknownClientError
from bridge.keys import KeyRing
from plugin_protocol import connection
from plugin_protocol.connection import ConnectionFileError


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


def test_secret_keys_are_nobody_elses_to_read(ring: KeyRing, tmp_path: Path) -> None:
    ring.pair("studio", "tcp://127.0.0.1:8471")
    files = [file for file in (tmp_path / "keys").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {(tmp_path / "keys").stat().st_mode & 0o777} == {0o700}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_keys_that_others_may_touch_are_not_used(ring: KeyRing, tmp_path: Path, mode: int) -> None:
    ring.server()
    (tmp_path / "keys" / "server.json").chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        ring.server()


def test_a_bundle_that_others_can_read_is_not_used(ring: KeyRing, tmp_path: Path) -> None:
    bundle = ring.pair("studio", "tcp://127.0.0.1:8471")
    file = tmp_path / "studio.ditto"
    connection.write(file, bundle)
    assert connection.read(file) == bundle
    file.chmod(0o640)
    with pytest.raises(ConnectionFileError, match="readable by others"):
        connection.read(file)


def test_the_secret_of_a_client_is_in_its_bundle_only(ring: KeyRing, tmp_path: Path) -> None:
    bundle = ring.pair("studio", "tcp://127.0.0.1:8471")
    assert bundle.keys is not None
    kept = b"".join(file.read_bytes() for file in (tmp_path / "keys").rglob("*.json"))
    assert bundle.keys.public.encode() in kept
    assert bundle.keys.secret.encode() not in kept


@pytest.mark.parametrize("name", ["", "../x", "a/b", "Studio", ".x", "x" * 41])
def test_a_name_that_would_be_a_path_is_refused(ring: KeyRing, name: str) -> None:
    with pytest.raises(KeyFileError, match="cannot be a client's name"):
        ring.pair(name, "tcp://127.0.0.1:8471")
    with pytest.raises(UnknownClientError):
        ring.remove(name)
