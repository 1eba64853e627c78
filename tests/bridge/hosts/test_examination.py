"""What `check` sees: each thing that can be wrong with a host is told, with what to do."""

from collections.abc import Callable

import pytest

from bridge.hosts.examination import examine_host, state_of
from bridge.hosts.putting import install, remove
from bridge.hosts.receipt import receipt_of

from .conftest import World


def verdicts(world: World) -> dict[str, str]:
    return {finding.told: finding.verdict for finding in examine_host("studio", world.paths)}


def put(world: World) -> None:
    [*install("studio", world.command, world.paths, world.environment)]


def test_what_is_whole_and_current_is_fine(world: World) -> None:
    put(world)
    assert set(verdicts(world).values()) == {"fine"}
    assert f"starts {world.command}" in verdicts(world)
    assert state_of("studio", world.paths) == "installed"


def test_what_is_not_installed_is_wrong(world: World) -> None:
    assert verdicts(world)["not installed"] == "wrong"
    put(world)
    [*remove("studio", world.paths)]
    assert verdicts(world)["not installed"] == "wrong"
    assert state_of("studio", world.paths) == "not installed"


@pytest.mark.parametrize(
    ("damage", "told", "verdict"),
    [
        (lambda world: world.fill.unlink(), "{0.fill} is missing", "wrong"),
        (lambda world: world.fill.write_text("mine"), "{0.fill} was edited", "doubtful"),
        (lambda world: world.command.unlink(), "starts {0.command}, which is not there", "wrong"),
        (
            lambda world: world.command.write_text("#!/nowhere/python\n"),
            "starts {0.command}, which does not run",
            "wrong",
        ),
        (
            lambda world: (world.source / "fill.lua").write_text("better"),
            "this ditto has other files",
            "doubtful",
        ),
    ],
)
def test_each_damage_is_told_and_installing_again_mends_it(
    world: World, damage: Callable[[World], object], told: str, verdict: str
) -> None:
    put(world)
    script = world.command.read_bytes()
    damage(world)
    found = verdicts(world)
    assert found[told.format(world)] == verdict
    assert [each for each in found.values() if each != "fine"] == [verdict]
    world.command.write_bytes(script)
    world.command.chmod(0o755)
    put(world)
    assert set(verdicts(world).values()) == {"fine"}


def test_a_host_that_is_not_here_is_doubtful_and_the_first_that_is_counts(world: World) -> None:
    assert verdicts(world)["/bin/sh"] == "fine"
    table = world.source.parent / "hosts.toml"
    table.write_text(table.read_text().replace(', "/bin/sh"', ""))
    assert verdicts(world)["Studio 1 was not found (no-such-studio)"] == "doubtful"


def test_a_program_is_asked_for_its_version(world: World) -> None:
    program = world.home / "studio"
    program.write_text("#!/bin/sh\necho Studio says $1: built with gcc 9, version 7.3.0~ds0 >&2\n")
    program.chmod(0o755)
    table = world.source.parent / "hosts.toml"
    needs = f'needs = ["{program}"]\nversion = "--version"'
    table.write_text(table.read_text().replace('needs = ["no-such-studio", "/bin/sh"]', needs))
    assert verdicts(world)[f"{program}, version 7.3.0"] == "fine"


def test_a_damaged_receipt_is_told(world: World) -> None:
    put(world)
    receipt_of("studio", world.paths).path.write_text("{}")
    with pytest.raises(Exception, match="which says what was put where, is damaged"):
        verdicts(world)
