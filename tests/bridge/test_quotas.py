"""Too much is refused, with the limit's name and when to come again, and nothing is stored."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from office import HandClock, Office

from bridge.quotas import SWEEP_OWNERS, Limits, Quotas
from bridge.refusals import Refusal
from bridge.room import Room
from bridge.upload_gate import UploadGate
from plugin_protocol.values import Failure


@contextmanager
def refused(code: str, limit: str) -> Iterator[list[Failure]]:
    failures: list[Failure] = []
    with pytest.raises(Refusal) as caught:
        yield failures
    failures.append(caught.value.failure)
    assert (failures[0].code, failures[0].limit) == (code, limit)


def test_forty_at_once_then_twenty_a_second() -> None:
    clock = HandClock()
    quotas, accepted = Quotas(clock=clock), 0
    for _ in range(1000):
        try:
            quotas.check_pace("me")
        except Refusal:
            clock.now += 0.01
        else:
            accepted += 1
    seconds = clock.now - HandClock().now
    assert accepted == pytest.approx(40 + 20 * seconds, abs=1)


def test_who_waits_as_long_as_told_is_accepted() -> None:
    clock = HandClock()
    quotas = Quotas(clock=clock)
    for _ in range(40):
        quotas.check_pace("me")
    with refused("RATE_LIMITED", "submits_per_second") as failures:
        quotas.check_pace("me")
    retry = failures[0].retry_after_ms
    assert retry is not None
    clock.now += retry / 1000
    quotas.check_pace("me")


def test_one_owners_pace_is_not_anothers() -> None:
    quotas = Quotas(clock=HandClock())
    for _ in range(40):
        quotas.check_pace("me")
    quotas.check_pace("you")


def test_any_number_of_owners_takes_no_more_room() -> None:
    clock = HandClock()
    quotas = Quotas(clock=clock)
    for i in range(10 * SWEEP_OWNERS):
        quotas.check_pace(str(i))
        clock.now += 1
    assert len(quotas._paces) <= SWEEP_OWNERS + 1


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    limits = Limits(queued_per_owner=2, queued=3, submits_burst=1000)
    with closing(Office(tmp_path, limits=limits)) as office:
        yield office


def is_unchanged(office: Office) -> Callable[[], bool]:
    before = office.store.newest(99)
    return lambda: office.store.newest(99) == before


def test_the_queue_of_an_owner_has_an_end(small: Office) -> None:
    for _ in range(2):
        small.submit(owner="me")
    same = is_unchanged(small)
    with refused("QUEUE_FULL", "queued_per_owner") as failures:
        small.submit(owner="me")
    assert failures[0].retry_after_ms is not None
    assert same()
    small.submit(owner="you")


def test_the_queue_of_all_has_an_end(small: Office) -> None:
    for owner in "abc":
        small.submit(owner=owner)
    with refused("QUEUE_FULL", "queued"):
        small.submit(owner="d")


def test_a_job_that_is_there_already_is_never_too_much(small: Office) -> None:
    first = small.submit()
    small.submit()
    assert small.submit(job=first) == first


def test_what_is_stored_has_an_end(tmp_path: Path) -> None:
    with closing(Office(tmp_path, limits=Limits(stored_mib_per_owner=2))) as office:
        office.storage.ledger.add(bytes(32), 2**20, owner="me")
        office.submit(owner="me")
        office.storage.ledger.add(bytes([1]) * 32, 1, owner="me")
        same = is_unchanged(office)
        with refused("QUOTA_EXCEEDED", "stored_mib_per_owner") as failures:
            office.submit(owner="me")
        assert "1.0 MiB are stored for you" in failures[0].message
        assert same()
        office.submit(owner="you")


@dataclass
class OnItsWay:
    """An upload of which nothing has come yet."""

    size: int
    owner: str = "me"
    sender: bytes = b"1"

    @property
    def missing(self) -> int:
        return self.size


def test_what_is_on_its_way_counts_as_stored(tmp_path: Path) -> None:
    with closing(Office(tmp_path)) as office:
        gate = UploadGate(office.storage, Quotas(Limits(stored_mib_per_owner=2)))
        coming = [OnItsWay(2**20)]
        gate.check(coming, owner="me", sender=b"2", size=2**20)
        gate.check(coming, owner="you", sender=b"2", size=2**21)
        with refused("QUOTA_EXCEEDED", "stored_mib_per_owner"):
            gate.check(coming, owner="me", sender=b"2", size=2**20 + 1)


def test_the_disk_has_room_once_for_uploads_that_come_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Room, "spare", property(lambda _: 3 * 2**20))
    with closing(Office(tmp_path)) as office:
        gate = UploadGate(office.storage, Quotas())
        coming = [OnItsWay(2**20, owner=owner) for owner in "ab"]
        gate.check(coming, owner="c", sender=b"2", size=2**20)
        with refused("STORAGE_FULL", "disk"):
            gate.check(coming, owner="c", sender=b"2", size=2**20 + 1)


def test_a_disk_without_room_refuses_with_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Office(tmp_path)) as office:
        known = office.submit()
        monkeypatch.setattr(Room, "spare", property(lambda _: 2**19))
        same = is_unchanged(office)
        with refused("STORAGE_FULL", "disk") as failures:
            office.submit()
        assert "1.0 MiB were to be stored" in failures[0].message
        assert "room for 0.5 MiB more" in failures[0].message
        assert same()
        assert office.submit(job=known) == known


def test_the_document_of_the_protocol_states_them() -> None:
    text = (Path(__file__).parents[2] / "plugin_protocol" / "PROTOCOL.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for name, number in Limits().on_the_wire().items():
        (row,) = [row for row in rows if f"`{name}`" in row.split(" | ")[0]]
        assert re.search(rf"\b{number}\b", row), name
