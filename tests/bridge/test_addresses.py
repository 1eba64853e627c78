"""Which addresses the daemon listens on."""

import pytest

from bridge.addresses import endpoint_of
from bridge.errors import ListenError


@pytest.mark.parametrize("host", ["0.0.0.0", "255.255.255.255", "224.0.0.1"])
def test_an_address_that_is_everywhere_is_refused(host: str) -> None:
    with pytest.raises(ListenError, match="Name the one address"):
        endpoint_of(f"{host}:8471")


@pytest.mark.parametrize(
    "address", ["", "*:8471", ":8471", "localhost:8471", "::1:8471", "10.0.0.1", "10.0.0.1:x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ListenError, match="is no address to listen on"):
        endpoint_of(address)


@pytest.mark.parametrize("address", ["10.0.0.1:0", "10.0.0.1:80", "127.0.0.1:70000"])
def test_a_port_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(ListenError, match="choose one from 1024 to 65535"):
        endpoint_of(address)


def test_only_this_machine_may_have_any_port() -> None:
    assert endpoint_of("127.0.0.1:0") == "tcp://127.0.0.1:*"
    assert endpoint_of("10.0.0.1:8471") == "tcp://10.0.0.1:8471"
