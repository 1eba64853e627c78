"""hosts.toml: what it says of the real hosts is true, and its paths follow the systems' rules."""

from pathlib import Path

import pytest

from bridge.hosts.host import HostError, expanded, host_named, known_hosts, source_of
from bridge.hosts.parcel import MARK

NOT_FOR_THE_HOST = {"README.md", "Makefile", "index.xml"}


@pytest.mark.parametrize("name", known_hosts())
def test_each_host_says_what_it_is_and_what_to_do_next(name: str) -> None:
    host = known_hosts()[name]
    assert host.title
    assert host.then.endswith(".")
    assert host.needs or host.build


@pytest.mark.parametrize("name", [name for name, host in known_hosts().items() if not host.build])
def test_each_file_of_a_host_is_put_somewhere(name: str) -> None:
    source = source_of(name)
    patterns = [pattern for place in known_hosts()[name].places for pattern in place.files]
    found = [{*source.glob(pattern)} for pattern in patterns]
    assert all(found), "hosts.toml names a file that there is not"
    put = set().union(*found)
    for file in source.rglob("*"):
        is_put = put & {file, *file.parents}
        is_meant = file.is_file() and file.name not in NOT_FOR_THE_HOST
        assert is_put or not is_meant or "__pycache__" in file.parts, file


@pytest.mark.parametrize("name", [name for name, host in known_hosts().items() if not host.build])
def test_some_script_of_each_host_asks_for_the_command(name: str) -> None:
    files = [file for file in source_of(name).rglob("*") if file.is_file()]
    assert any(MARK in file.read_bytes() for file in files)


def test_two_hosts_put_nothing_in_the_same_place() -> None:
    places = [
        (place.linux, Path(file).name)
        for host in known_hosts().values()
        for place in host.places
        for file in place.files
    ]
    assert len(set(places)) == len(places)


def test_an_unknown_host_is_told_with_those_that_are_known() -> None:
    with pytest.raises(HostError, match="There is no host 'cakewalk' here"):
        host_named("cakewalk")


@pytest.mark.parametrize(
    ("given", "environment", "meant"),
    [
        ("~/.vst3", {}, "/home/anna/.vst3"),
        ("$XDG_CONFIG_HOME/a b", {}, "/home/anna/.config/a b"),
        ("$XDG_CONFIG_HOME/x", {"XDG_CONFIG_HOME": "/cfg"}, "/cfg/x"),
        ("$XDG_CONFIG_HOME/x", {"XDG_CONFIG_HOME": "relative"}, "/home/anna/.config/x"),
        ("$XDG_DATA_HOME/x", {"XDG_DATA_HOME": ""}, "/home/anna/.local/share/x"),
        ("/usr/share/dpf", {}, "/usr/share/dpf"),
    ],
)
def test_folders_follow_the_rules_of_the_system(
    given: str, environment: dict[str, str], meant: str
) -> None:
    assert expanded(given, {"HOME": "/home/anna", **environment}) == Path(meant)
