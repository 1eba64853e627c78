"""What is needed stays, what is not goes, whenever the daemon dies."""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office import Office
from shelf import (
    CLIP,
    JOB,
    MADE,
    OTHER,
    STRAY,
    days_pass,
    done,
    is_there,
    make_old,
    stored,
)

from bridge import garbage
from bridge.blobs import BlobStore
from bridge.garbage import UPLOAD_SECONDS, WANTED_UNDER_PRESSURE
from bridge.room import Room
from bridge.terms import DAY


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path)) as office:
        yield office


def test_what_no_job_needs_goes_a_day_after_it_was_wanted(office: Office) -> None:
    stored(office, STRAY)
    office.storage.garbage.collect()
    assert is_there(office, STRAY)
    make_old(office, STRAY)
    office.storage.garbage.collect()
    assert not is_there(office, STRAY)
    assert office.storage.ledger.stored() == 0


def test_a_pass_looks_at_some_and_the_next_ones_at_the_rest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "LOOK_BLOBS", 4)
    contents = [str(i).encode() for i in range(9)]
    for data in contents:
        stored(office, data)
    make_old(office, *contents)
    left = []
    for _ in range(3):
        office.storage.garbage.collect()
        left.append(sum(is_there(office, data) for data in contents))
    assert left == [5, 1, 0]


def test_offering_or_naming_a_blob_keeps_it(office: Office) -> None:
    sha = stored(office, STRAY)
    make_old(office, STRAY)
    assert office.storage.blobs.touch(sha)
    office.storage.garbage.collect()
    assert is_there(office, STRAY)


def test_what_a_result_without_a_receipt_names_stays_for_a_week(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(office, JOB)
    days_pass(monkeypatch, 6.9)
    office.storage.garbage.collect()
    assert is_there(office, CLIP)
    assert is_there(office, MADE)
    days_pass(monkeypatch, 0.2)
    office.storage.garbage.collect()
    assert not is_there(office, CLIP)
    assert not is_there(office, MADE)
    assert office.jobs.state(JOB).result is not None


@pytest.mark.parametrize(("retention", "days"), [("ack", 0), ("24h", 1), ("7d", 7)])
def test_after_the_receipt_the_retention_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch, retention: str, days: float
) -> None:
    done(office, JOB, retention=retention)
    assert office.jobs.acknowledge(JOB)
    assert not office.jobs.acknowledge(JOB)
    days_pass(monkeypatch, days - 0.01)
    office.storage.garbage.collect()
    assert is_there(office, MADE)
    days_pass(monkeypatch, 0.02)
    office.storage.garbage.collect()
    assert not is_there(office, MADE)
    assert office.state(JOB) == "done"


def test_a_months_words_then_the_id_then_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(office, JOB)
    seen = []
    for days in (8, 31, 91):
        days_pass(monkeypatch, days)
        office.storage.garbage.collect()
        record = office.store.get(JOB)
        seen.append(record.kept if record else "nothing")
    assert seen == ["words", "id", "nothing"]


def test_a_blob_of_two_jobs_stays_for_the_second(office: Office) -> None:
    done(office, JOB, retention="ack")
    done(office, OTHER)
    office.jobs.acknowledge(JOB)
    office.storage.garbage.collect()
    assert is_there(office, CLIP)
    assert is_there(office, MADE)


def test_received_results_go_first_where_room_is_short(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(office, JOB)
    monkeypatch.setattr(Room, "spare", property(lambda _: -1))
    office.storage.garbage.collect()
    assert is_there(office, MADE)
    office.jobs.acknowledge(JOB)
    office.storage.garbage.collect()
    assert not is_there(office, MADE)


def test_received_results_go_first_where_an_owners_quota_is_short(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(office, JOB)
    theirs = office.storage.blobs.write(STRAY)
    office.storage.ledger.add(theirs, len(STRAY), owner="another")
    make_old(office, STRAY, seconds=WANTED_UNDER_PRESSURE + 1)
    monkeypatch.setattr(garbage, "CROWDED_BYTES", len(CLIP))
    office.storage.garbage.collect()
    assert is_there(office, MADE)
    office.jobs.acknowledge(JOB)
    office.storage.garbage.collect()
    assert not is_there(office, MADE)
    assert office.storage.ledger.stored_by("") == 0
    assert office.storage.ledger.stored_by("another") == 0


def test_an_upload_that_nobody_goes_on_with_goes_after_an_hour(office: Office) -> None:
    half = office.storage.blobs.upload_file(bytes(32))
    half.write_bytes(b"half")
    office.storage.garbage.collect()
    assert half.exists()
    os.utime(half, (time.time() - UPLOAD_SECONDS - 1,) * 2)
    office.storage.garbage.collect()
    assert not half.exists()


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(["renamed", "unlinked", "touched"]))
def test_a_discard_that_is_interrupted_loses_nothing_wanted(
    tmp_path_factory: pytest.TempPathFactory, when: str
) -> None:
    """The steps of `discard`, stopped or raced at each point."""
    folder = tmp_path_factory.mktemp("blobs")
    blobs = BlobStore(folder)
    sha = blobs.write(STRAY)
    aside = folder / f"discard-{sha.hex()}"
    blobs.path(sha).rename(aside)
    if when == "touched":
        assert not blobs.touch(sha)
        assert blobs.write(STRAY) == sha
    if when == "unlinked":
        aside.unlink()
    blobs.sweep(older_than=UPLOAD_SECONDS)
    assert (blobs.size(sha) is not None) == (when != "unlinked")
    assert not list(folder.glob("discard-*"))


def test_the_list_agrees_with_the_disk_after_a_crash(office: Office, tmp_path: Path) -> None:
    office.storage.blobs.write(b"not listed")
    gone = stored(office, b"not there")
    office.storage.blobs.remove(gone)
    office.close()
    with closing(Office(tmp_path)) as again:
        assert again.storage.ledger.stored() == len(b"not listed")


def test_a_lost_database_costs_no_music_for_a_week(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(office, JOB)
    office.close()
    office.paths.database.write_bytes(b"this is no database" * 100)
    with closing(Office(tmp_path)) as again:
        assert "begun anew" in again.storage.notice
        again.storage.garbage.collect()
        assert is_there(again, MADE)
        later = time.time() + 7 * DAY + 1
        monkeypatch.setattr("bridge.blob_ledger.time.time", lambda: later)
        again.storage.garbage.collect()
        assert not is_there(again, MADE)
