"""The worker process, seen from the front."""

import time
from pathlib import Path

from bridge.crew import Crew
from bridge.inbox import Inbox
from bridge.paths import locate
from bridge.pipe import WorkerState
from bridge.settings import Settings
from bridge.worker_link import LONGEST_REST, Died, Said, WorkerEvent, WorkerLink


def link(home: Path) -> tuple[WorkerLink, Inbox[WorkerEvent]]:
    paths = locate({"DITTO_HOME": str(home)})
    paths.create()
    inbox: Inbox[WorkerEvent] = Inbox()
    return WorkerLink(Settings(paths, worker_command=("/nonexistent",)), inbox.put), inbox


def test_a_worker_that_cannot_be_started_is_reported_dead(tmp_path: Path) -> None:
    worker, inbox = link(tmp_path)
    worker.start_if_due()
    assert [type(event) for event in inbox.take()] == [Died]
    assert not worker.is_alive
    inbox.close()


def test_a_worker_that_dies_for_days_is_still_given_its_next_try(tmp_path: Path) -> None:
    worker, inbox = link(tmp_path)
    for _ in range(10_000):
        worker.accept(Died(worker, generation=0, exit_code=1))
    assert worker._start_at <= time.monotonic() + LONGEST_REST
    inbox.close()


def test_what_a_worker_says_of_its_device_is_told_until_it_dies(tmp_path: Path) -> None:
    worker, inbox = link(tmp_path)
    for device, told in (("cuda:0", "cuda:0"), ("", "cuda:0"), ("cpu", "cpu")):
        state = WorkerState(state="idle", device=device)
        worker.accept(Said(worker, generation=0, message=state))
        assert worker.report().device == told
    worker.accept(Died(worker, generation=0, exit_code=1))
    assert worker.report().device == ""
    inbox.close()


def test_each_worker_sees_its_own_device_and_writes_its_own_files(tmp_path: Path) -> None:
    paths = locate({"DITTO_HOME": str(tmp_path)})
    paths.create()
    inbox: Inbox[WorkerEvent] = Inbox()
    tells = ("/bin/sh", "-c", "echo $CUDA_VISIBLE_DEVICES >&2")
    seen = ("GPU-8932f937", "MIG-05f3e2c1", "2")
    crew = Crew.of(Settings(paths, worker_command=tells, workers=seen), inbox.put)
    crew.attend()
    ended, deadline = set(), time.monotonic() + 20
    while len(ended) < len(seen) and time.monotonic() < deadline:
        ended |= {event.worker for event in inbox.take()}
        time.sleep(0.01)
    files = [paths.logs / name for name in ("worker.out", "worker-2.out", "worker-3.out")]
    assert [file.read_text().strip() for file in files] == list(seen)
    crew.kill()
    inbox.close()
