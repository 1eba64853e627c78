"""Whose socket a packet came from, by the table that Linux keeps."""

import socket
from pathlib import Path

import pytest

from bridge.osc import senders

HEAD = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"


def line(address: str, owner: int) -> str:
    return (
        f" 6927: {address} 00000000:0000 07 00000000:00000680 00:00000000 00000000 {owner} 0 6843"
    )


def tables(monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str, v6: str = "") -> None:
    """Let Linux say this."""
    (folder / "udp").write_text("\n".join([HEAD, *lines]))
    (folder / "udp6").write_text("\n".join([HEAD, v6]) if v6 else HEAD)
    monkeypatch.setattr(senders, "TABLES", (folder / "udp", folder / "udp6"))
    monkeypatch.setattr(senders.os, "getuid", lambda: 1000)


@pytest.mark.skipif(not senders.can_tell(), reason="only Linux says whose a socket is")
def test_an_open_socket_of_ours_is_ours_and_a_closed_one_nobodys() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind(("127.0.0.1", 0))
        address = mine.getsockname()
        assert senders.is_ours(*address)
    assert not senders.is_ours(*address)


@pytest.mark.skipif(not senders.can_tell(), reason="only Linux says whose a socket is")
def test_a_socket_bound_to_all_addresses_or_to_ipv6_is_ours_too() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mine:
        mine.bind(("::", 0))
        assert senders.is_ours("127.0.0.1", mine.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "owner", "ours"),
    [
        ("0100007F:BEFE", 1000, True),
        ("00000000:BEFE", 1000, True),
        ("0100007F:BEFE", 0, True),
        ("0100007F:BEFE", 1001, False),
        ("00000000:BEFE", 1001, False),
        ("0100007F:BEFD", 1000, False),
        ("0500000A:BEFE", 1000, False),
    ],
)
def test_the_table_is_read_by_address_port_and_owner(
    address: str, owner: int, ours: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tables(monkeypatch, tmp_path, line(address, owner))
    assert senders.is_ours("127.0.0.1", 0xBEFE) is ours


def test_a_stranger_on_the_same_port_spoils_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tables(monkeypatch, tmp_path, line("0100007F:BEFE", 1000), line("00000000:BEFE", 1001))
    assert not senders.is_ours("127.0.0.1", 0xBEFE)


def test_a_stranger_behind_ipv6_is_a_stranger(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mapped = "0000000000000000FFFF00000100007F:BEFE"
    tables(monkeypatch, tmp_path, v6=line(mapped, 1001))
    assert not senders.is_ours("127.0.0.1", 0xBEFE)
    tables(monkeypatch, tmp_path, v6=line(mapped, 1000))
    assert senders.is_ours("127.0.0.1", 0xBEFE)
