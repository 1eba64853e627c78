"""Folders: private, and short enough for a socket."""

import os
from pathlib import Path

import pytest

from bridge.errors import UnusableFolderError
from bridge.paths import SOCKET_PATH_BYTES, locate


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    paths = locate({"DITTO_HOME": str(tmp_path)})
    inside = [paths.state, paths.runtime, paths.connection_file, paths.database, paths.lock]
    assert all(path.is_relative_to(tmp_path) for path in inside)


def test_the_socket_lies_in_the_sessions_runtime_folder(tmp_path: Path) -> None:
    paths = locate({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert paths.endpoint == f"ipc://{tmp_path}/ditto/ditto.sock"


def test_the_clients_look_where_the_daemon_writes() -> None:
    paths = locate({})
    assert paths.connection_file == paths.state / "daemon.json"


def test_a_deep_home_still_has_a_short_socket(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 30)
    paths = locate({"DITTO_HOME": str(home)})
    assert len(os.fsencode(paths.endpoint.removeprefix("ipc://"))) <= SOCKET_PATH_BYTES
    assert paths.runtime == locate({"DITTO_HOME": str(home)}).runtime
    assert paths.runtime != locate({"DITTO_HOME": str(home / "er")}).runtime


def test_the_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    paths = locate({"DITTO_HOME": str(tmp_path)})
    paths.runtime.mkdir(mode=0o777, parents=True)
    paths.create()
    assert [p.stat().st_mode & 0o777 for p in (paths.state, paths.runtime)] == [0o700] * 2


def test_a_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnusableFolderError, match="set DITTO_HOME to a folder of your own"):
        locate({"DITTO_HOME": str(tmp_path)}).create()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnusableFolderError, match=r"set DITTO_HOME to a folder that can be"):
        locate({"DITTO_HOME": str(tmp_path / "file")}).create()
