"""The daemon under fire, a little of each; `ditto bench bridge` does it at length."""

import sys

import pytest

from bridge.benchmarks.attacks import delivered
from bridge.benchmarks.fuzz import fuzz
from bridge.benchmarks.kills import under_fire
from bridge.benchmarks.soak import soak

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of memory")


def test_kills_lose_nothing_run_nothing_twice_and_change_nothing() -> None:
    toll = under_fire(4, seed=1)
    assert toll.orders
    assert (toll.lost, toll.run_twice, toll.differing) == ([], 0, 0)


def test_nonsense_costs_neither_memory_nor_a_good_client() -> None:
    harm = fuzz(4000, seed=1)
    assert harm.past_the_handshake > 0
    assert harm.good_clients_served == harm.messages // 2000 + 1
    assert harm.grown_kib < 10 * 1024


def test_no_attack_gets_anything_in() -> None:
    assert [row.what for row in delivered()] == ["attacks tried", "attacks tried / delivered"]


def test_clients_that_die_leave_no_drafts_and_no_checkpoints() -> None:
    rows = {row.what: row.measured for row in soak(0.03)}
    assert rows["drafts and checkpoints left"] == "0"
