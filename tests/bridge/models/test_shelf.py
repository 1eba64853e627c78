"""Models are added complete or not at all, found changed where they were, and removed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from model_folder import WEIGHTS, write_model

from bridge.errors import ModelError
from bridge.models.manifest import Manifest
from bridge.models.shelf import ON_ITS_WAY, Shelf


def add(shelf: Shelf, name: str, folder: Path, *, link: bool = False) -> Manifest:
    return shelf.add(name, folder, link=link, judge=lambda _: None)


def left_in(shelf: Shelf, tmp_path: Path) -> list[Path]:
    folder = tmp_path / "state" / "models"
    return [*folder.rglob("*")] if folder.exists() else []


@pytest.mark.parametrize("link", [False, True])
def test_what_was_added_is_remembered_file_by_file(shelf: Shelf, folder: Path, link: bool) -> None:
    added = add(shelf, "mine", folder, link=link)
    assert shelf.names() == ("mine",)
    assert shelf.manifest("mine") == added
    assert (added.pipeline, added.licence) == ("StableAudioPipeline", "stable-audio-community")
    assert added.weights == {"transformer": 22}
    for file in added.files:
        data = (folder / file.path).read_bytes()
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert (shelf.files("mine") / file.path).read_bytes() == data
    assert added.size == sum(file.size for file in added.files)
    assert list(shelf.verify("mine")) == []


def test_a_copy_needs_its_source_no_more_and_a_link_does(shelf: Shelf, folder: Path) -> None:
    add(shelf, "copied", folder)
    add(shelf, "linked", folder, link=True)
    assert not any(path.is_symlink() for path in shelf.files("copied").rglob("*"))
    (folder / WEIGHTS).unlink()
    assert list(shelf.verify("copied")) == []
    (problem,) = shelf.verify("linked")
    assert problem.startswith(f"{WEIGHTS} cannot be read: No such file")
    with pytest.raises(ModelError, match="is not as it was when linked was added"):
        shelf.files("linked")


def test_the_digest_is_of_the_files_and_not_of_the_name(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    one, other = add(shelf, "one", folder), add(shelf, "other", folder, link=True)
    assert one.digest == other.digest
    (folder / "transformer" / "config.json").write_text("{ }")
    assert add(shelf, "third", folder).digest != one.digest
    same = write_model(tmp_path / "again")
    assert add(shelf, "again", same).digest == one.digest


@pytest.mark.parametrize("link", [False, True])
def test_verify_finds_a_single_changed_bit(shelf: Shelf, folder: Path, link: bool) -> None:
    add(shelf, "mine", folder, link=link)
    weights = (shelf.files("mine") / WEIGHTS).resolve()
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert list(shelf.verify("mine")) == [f"{WEIGHTS} has changed"]
    # As large as before, it is still loaded: only reading it all would tell.
    assert shelf.files("mine")


def test_verify_finds_files_that_came_and_links_in_place_of_files(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    add(shelf, "mine", folder)
    files = shelf.files("mine")
    (files / "transformer" / "model.bin").write_bytes(b"not read")
    (files / WEIGHTS).rename(tmp_path / "real")
    (files / WEIGHTS).symlink_to(tmp_path / "link")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    changed, came = shelf.verify("mine")
    assert changed.startswith(f"{WEIGHTS} cannot be read")
    assert came == "transformer/model.bin was not there when the model was added"


def test_removing_lets_go_of_copies_and_leaves_linked_files(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    before = sorted(folder.rglob("*"))
    for link in (False, True):
        add(shelf, "mine", folder, link=link)
        shelf.remove("mine")
        assert shelf.names() == ()
        assert left_in(shelf, tmp_path) == []
    assert sorted(folder.rglob("*")) == before


def test_a_name_is_given_once(shelf: Shelf, folder: Path) -> None:
    first = add(shelf, "mine", folder)
    with pytest.raises(ModelError, match="There is a model mine already"):
        add(shelf, "mine", folder)
    assert shelf.manifest("mine") == first


def test_of_two_that_add_the_same_name_the_first_has_it(shelf: Shelf, folder: Path) -> None:
    def other(_: Path) -> None:
        shelf.add("mine", folder, link=True, judge=lambda _: None)

    with pytest.raises(ModelError):
        shelf.add("mine", folder, link=False, judge=other)
    assert shelf.manifest("mine").linked
    assert list(shelf.verify("mine")) == []


@pytest.mark.parametrize("name", ["embedded", "embedded-base", "embedded-mine", "toy", "clap"])
def test_what_ships_can_be_neither_replaced_nor_removed(
    shelf: Shelf, folder: Path, name: str
) -> None:
    for act in (lambda: add(shelf, name, folder), lambda: shelf.remove(name)):
        with pytest.raises(ModelError, match="taken by what ships with DITTO"):
            act()


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "/x", "Mine", ".x", "x\n", "x" * 65, "-x"]
)
def test_names_that_are_paths_or_worse_are_refused(
    shelf: Shelf, folder: Path, tmp_path: Path, name: str
) -> None:
    for act in (lambda: add(shelf, name, folder), lambda: shelf.remove(name)):
        with pytest.raises(ModelError, match="cannot be the name of a model"):
            act()
    with pytest.raises(ModelError, match="was added; there are: none so far"):
        shelf.manifest(name)
    assert left_in(shelf, tmp_path) == []


def test_a_pickle_under_a_safe_name_is_refused(shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ModelError, match=f"{WEIGHTS} is no complete safetensors file"):
        add(shelf, "mine", folder)
    assert left_in(shelf, tmp_path) == []


def test_weights_that_were_cut_short_are_refused(shelf: Shelf, folder: Path) -> None:
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[:-1])
    with pytest.raises(ModelError, match="no complete safetensors file"):
        add(shelf, "mine", folder)


def test_what_the_engine_cannot_use_is_not_taken(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    def judge(seen: Path) -> None:
        assert seen == folder.resolve()
        raise ModelError("It is for another pipeline.")

    with pytest.raises(ModelError, match="another pipeline"):
        shelf.add("mine", folder, link=False, judge=judge)
    assert left_in(shelf, tmp_path) == []


def test_a_disk_that_fills_up_leaves_nothing_behind(
    shelf: Shelf,
    folder: Path,
    tmp_path: Path,
    full_disk: Callable[[int], AbstractContextManager[None]],
) -> None:
    with full_disk(100), pytest.raises(ModelError, match="could not be taken in: File too large"):
        add(shelf, "mine", folder)
    assert left_in(shelf, tmp_path) == []
    assert add(shelf, "mine", folder)


def test_what_would_not_fit_is_refused_with_both_numbers_before_a_byte_is_copied(
    shelf: Shelf, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.room.Room.spare", 0)
    with pytest.raises(ModelError, match=r"takes 0\.0 GiB, and the daemon's disk has room for"):
        add(shelf, "mine", folder)
    assert left_in(shelf, tmp_path) == []
    assert add(shelf, "mine", folder, link=True)


def test_a_file_that_is_exchanged_for_a_link_while_it_is_added_is_not_followed(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    def exchange(_: Path) -> None:
        (folder / WEIGHTS).rename(tmp_path / "elsewhere")
        (folder / WEIGHTS).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ModelError, match="could not be taken in"):
        shelf.add("mine", folder, link=False, judge=exchange)
    assert left_in(shelf, tmp_path) == []


def test_what_a_killed_program_left_goes_with_the_next_and_what_a_living_one_does_stays(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    models = tmp_path / "state" / "models"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(30)
    dead, alive = (models / f"{ON_ITS_WAY}{pid}-x" for pid in (gone.pid, os.getppid()))
    for path in (dead, alive):
        (path / "files").mkdir(parents=True)
    assert shelf.names() == ()
    add(shelf, "mine", folder)
    assert (dead.exists(), alive.exists()) == (False, True)


def test_a_damaged_manifest_is_named_with_the_remedy(
    shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    add(shelf, "mine", folder)
    (tmp_path / "state" / "models" / "mine" / "manifest.json").write_text("{}")
    with pytest.raises(ModelError, match="`ditto models remove mine`, then add the model again"):
        shelf.manifest("mine")
    shelf.remove("mine")
    assert shelf.names() == ()


def test_a_file_where_the_folder_should_be_is_no_model(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "models").write_text("")
    assert shelf.names() == ()


def test_an_audio_text_model_in_the_same_folder_is_none_of_these(
    shelf: Shelf, tmp_path: Path
) -> None:
    (tmp_path / "state" / "models" / "clap").mkdir(parents=True)
    assert shelf.names() == ()
