"""The connection file is found, believed or refused."""

from pathlib import Path

import pytest

from plugin_protocol.connection import (
    Connection,
    ConnectionFileError,
    default_file,
    find,
    read,
    write,
)
from plugin_protocol.errors import DaemonUnreachableError

HERE = Connection(endpoint="ipc:///run/x.sock", pid=7, epoch=1, version="1", protocol=(1, 0))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path / "daemon.json", HERE)
    assert read(tmp_path / "daemon.json") == HERE


def test_it_is_private_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(tmp_path / "daemon.json", HERE)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_file_is_no_daemon(tmp_path: Path) -> None:
    assert read(tmp_path / "daemon.json") is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"endpoint": "tcp://1.2.3.4:5", "pid": 1, "epoch": 1, "version": "1", '
     '"protocol": [1, 0]}'],
)  # fmt: skip
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    file = tmp_path / "daemon.json"
    file.write_text(text)
    with pytest.raises(ConnectionFileError, match=r"is damaged.*remove the file"):
        read(file)


def test_a_file_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "daemon.json"
    write(file, HERE)
    file.chmod(0o666)
    with pytest.raises(ConnectionFileError, match="writable by others"):
        read(file)


def test_the_environment_says_where_it_is() -> None:
    assert default_file({"DITTO_CONNECTION": "/a/b.json"}) == Path("/a/b.json")
    assert default_file({"DITTO_HOME": "/a"}) == Path("/a/state/daemon.json")


def test_finding_no_daemon_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(tmp_path))
    with pytest.raises(DaemonUnreachableError, match="Start one with `ditto serve`"):
        find()
