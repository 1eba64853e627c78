"""The door's folder: no name leads out of it, and only sound files are written."""

from pathlib import Path

import pytest

from bridge.cli.failures import RefusedError
from bridge.osc.grounds import Grounds


@pytest.fixture
def grounds(tmp_path: Path) -> Grounds:
    (tmp_path / "music").mkdir()
    (tmp_path / "secret.wav").touch()
    return Grounds(tmp_path / "music")


@pytest.mark.parametrize(
    "name", ["../secret.wav", "a/../../secret.wav", "/etc/passwd", "../music-2/x.wav", "..", "\0"]
)
def test_no_name_leads_out(grounds: Grounds, name: str) -> None:
    with pytest.raises(RefusedError):
        grounds.place(name)
    with pytest.raises(RefusedError):
        grounds.output(name)


def test_links_are_followed_before_one_looks(grounds: Grounds, tmp_path: Path) -> None:
    (grounds.folder / "door").symlink_to(tmp_path)
    (grounds.folder / "loop").symlink_to(grounds.folder / "loop")
    for name in ("door/secret.wav", "loop/x.wav"):
        with pytest.raises(RefusedError):
            grounds.place(name)


def test_names_inside_are_meant_from_the_folder(grounds: Grounds) -> None:
    inside = grounds.folder / "a.wav"
    assert grounds.place("a.wav") == grounds.place(str(inside)) == inside
    assert grounds.place("b/../a.wav") == inside


@pytest.mark.parametrize("name", [".profile", "x.py", "x.wav.sh", "no/x.wav", "ditto-osc/x.wav"])
def test_only_sound_files_in_folders_that_are_there_are_written(
    grounds: Grounds, name: str
) -> None:
    with pytest.raises(RefusedError):
        grounds.output(name)


def test_a_folder_of_everybody_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(RefusedError, match="other users"):
        Grounds(tmp_path)


def test_a_link_in_place_of_the_exchange_is_refused(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "ditto-osc").symlink_to(tmp_path)
    with pytest.raises(RefusedError, match="link"):
        Grounds(tmp_path / "music")
