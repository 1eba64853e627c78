"""Waiting for a daemon: soon at first, then seldom, and no two clients in step."""

from itertools import islice

import pytest

from plugin_protocol.backoff import waits


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_waits_double_up_to_a_limit(chance: float) -> None:
    whole = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    expected = [seconds * (1 + chance) / 2 for seconds in whole]
    assert list(islice(waits(lambda: chance), 8)) == pytest.approx(expected)


def test_no_two_clients_wait_alike() -> None:
    assert list(islice(waits(), 8)) != list(islice(waits(), 8))
