"""Install and remove: what is ours goes and comes, what is not ours stays, whatever happens."""

import ast
import py_compile
import stat
from pathlib import Path

import pytest
from lupa import lua54

from bridge.hosts import putting
from bridge.hosts.host import HostError
from bridge.hosts.putting import Step, install, remove
from bridge.hosts.receipt import receipt_of

from .conftest import World


def put(world: World) -> list[Step]:
    return [*install("studio", world.command, world.paths, world.environment)]


def take_away(world: World) -> list[Step]:
    return [*remove("studio", world.paths)]


def test_every_file_is_put_where_the_host_looks_with_the_command_filled_in(world: World) -> None:
    steps = put(world)
    assert world.below_home() == {
        ".config/studio/fill.lua": f'local DITTO = "{world.command}"\n'.encode(),
        ".config/studio/Extension/deep/a.txt": bytes(range(256)),
        ".studio/tool": b"#!/bin/sh\n",
    }
    assert {step.done for step in steps} == {"new"}
    assert {step.file for step in steps} == set(receipt_of("studio", world.paths).files)
    tool, fill = world.home / ".studio" / "tool", world.fill
    assert (stat.S_IMODE(tool.stat().st_mode), stat.S_IMODE(fill.stat().st_mode)) == (0o755, 0o644)


def test_removing_leaves_the_home_as_it_was(world: World) -> None:
    (world.home / ".config").mkdir()
    before = sorted(world.home.rglob("*"))
    put(world)
    steps = take_away(world)
    assert {step.done for step in steps} == {"removed"}
    assert sorted(world.home.rglob("*")) == before
    assert receipt_of("studio", world.paths).files == {}
    assert take_away(world) == []


def test_a_folder_in_which_something_else_lies_is_not_removed(world: World) -> None:
    put(world)
    other = world.fill.with_name("mine.lua")
    other.write_text("mine")
    take_away(world)
    assert world.below_home() == {".config/studio/mine.lua": b"mine"}


def test_what_python_made_of_a_script_goes_with_it(world: World) -> None:
    (world.source / "Extension" / "listen.py").write_text("")
    put(world)
    py_compile.compile(str(world.fill.parent / "Extension" / "listen.py"))
    take_away(world)
    assert [*world.home.iterdir()] == []


def test_again_changes_nothing(world: World) -> None:
    put(world)
    before = {file: file.stat() for file in receipt_of("studio", world.paths).files}
    assert {step.done for step in put(world)} == {"same"}
    assert {file: file.stat() for file in before} == before


def test_a_newer_version_replaces_what_is_ours_and_removes_what_it_has_not(world: World) -> None:
    put(world)
    (world.source / "fill.lua").write_text("better")
    (world.source / "Extension" / "deep" / "a.txt").rename(world.source / "Extension" / "b.txt")
    done = {step.file.name: (step.done, step.aside) for step in put(world)}
    assert done == {
        "fill.lua": ("newer", None),
        "b.txt": ("new", None),
        "tool": ("same", None),
        "a.txt": ("removed", None),
    }
    assert world.fill.read_text() == "better"
    assert len(world.below_home()) == 3


def test_what_the_user_wrote_or_edited_is_kept_beside_ours(world: World) -> None:
    world.fill.parent.mkdir(parents=True)
    for number, suffix in enumerate(("bak", "bak-2")):
        world.fill.write_text(f"mine {number}")
        (step,) = [step for step in put(world) if step.file == world.fill]
        aside = world.fill.with_name(f"fill.lua.{suffix}")
        assert step == Step("newer", world.fill, aside)
        assert aside.read_text() == f"mine {number}"
        assert str(world.command) in world.fill.read_text()
    take_away(world)
    assert {*world.below_home()} == {f".config/studio/fill.lua.{end}" for end in ("bak", "bak-2")}


def test_what_was_edited_is_not_removed(world: World) -> None:
    put(world)
    world.fill.write_text("mine")
    steps = {step.file: step.done for step in take_away(world)}
    assert steps.pop(world.fill) == "left"
    assert {*steps.values()} == {"removed"}
    assert world.below_home() == {".config/studio/fill.lua": b"mine"}


def test_a_link_of_the_users_is_kept_and_its_file_untouched(world: World, tmp_path: Path) -> None:
    mine = tmp_path / "mine.lua"
    mine.write_text("mine")
    world.fill.parent.mkdir(parents=True)
    world.fill.symlink_to(mine)
    put(world)
    assert mine.read_text() == "mine"
    assert world.fill.with_name("fill.lua.bak").readlink() == mine
    assert not world.fill.is_symlink()


def test_after_an_interruption_the_same_again_completes_it(
    world: World,
) -> None:
    steps = install("studio", world.command, world.paths, world.environment)
    next(steps)
    steps.close()
    assert len(receipt_of("studio", world.paths).files) == 1
    assert [step.done for step in put(world)] == ["same", "new", "new"]
    take_away(world)
    assert world.below_home() == {}


def test_a_file_put_but_not_yet_on_the_receipt_is_known_as_ours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(putting.Receipt, "save", power_cut)
        with pytest.raises(KeyboardInterrupt):
            put(world)
    assert world.fill.exists()
    assert all(step.aside is None for step in put(world))
    take_away(world)
    assert world.below_home() == {}


def test_a_folder_that_cannot_be_written_to_is_named(world: World) -> None:
    (world.home / ".config").write_text("no folder")
    with pytest.raises(HostError, match=r"\.config.* could not be written or removed: .*directory"):
        put(world)


@pytest.mark.parametrize("name", ['a "b"', "back\\slash", "ünï"])
def test_a_command_with_an_odd_name_is_one_string_in_the_script(world: World, name: str) -> None:
    folder = world.command.parent / name
    folder.mkdir()
    command = world.command.rename(folder / "ditto")
    (world.source / "fill.lua").write_text('return "@DITTO@"')
    [*install("studio", command, world.paths, world.environment)]
    assert lua54.LuaRuntime().execute(world.fill.read_text()) == str(command)
    assert ast.literal_eval(world.fill.read_text().removeprefix("return ")) == str(command)


def test_a_pattern_stands_for_all_files_that_fit_it(world: World) -> None:
    table = world.source.parent / "hosts.toml"
    table.write_text(table.read_text().replace('"fill.lua"', '"*.lua"'))
    (world.source / "loop it.lua").write_text("loop")
    put(world)
    assert {path.name for path in world.fill.parent.glob("*.lua")} == {"fill.lua", "loop it.lua"}
