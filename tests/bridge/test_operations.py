"""What the daemon tells about itself, and how it comes and goes."""

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from model_folder import write_model

from bridge.models.shelf import Shelf
from bridge.prometheus import Exporter, exposition
from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.link import Link
from plugin_protocol.messages import ModelState, Notice
from plugin_protocol.values import Generate, Priority, Task


def task(iterations: int, seed: int = 0) -> Task:
    return Task(objectives=(Generate(seconds=1),), prompt=str(iterations), seed=seed)


def wait_for(fact: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := fact()):
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.02)
    return found


# ---- models and workers ----------------------------------------------------------------------


def test_a_model_is_loaded_ahead_of_its_first_job(quick_daemon: Any) -> None:
    with quick_daemon.client() as client, Link(quick_daemon.find(), name="other") as other:
        wait_for(lambda: client.ping().worker == "idle")
        assert client.load_model("quick").state == "unloaded"
        told, _ = other.receive()
        assert isinstance(told, ModelState)
        assert (told.model.name, told.model.state) == ("quick", "ready")
    with quick_daemon.client() as client:
        assert [(each.name, each.state) for each in client.welcome.catalogue] == [
            ("quick", "ready")
        ]


def test_a_model_that_is_not_there_cannot_be_loaded(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        wait_for(lambda: client.ping().worker == "idle")
        with pytest.raises(RequestRefusedError, match=r"no model moog; there are: quick\."):
            client.load_model("moog")


def test_a_model_that_was_added_meanwhile_can_be_loaded(quick_daemon: Any, tmp_path: Path) -> None:
    with quick_daemon.client() as client:
        shelf = Shelf(quick_daemon.paths.models)
        shelf.add("mine", write_model(tmp_path / "mine"), link=True, judge=lambda _: None)
        assert client.load_model("mine").name == "mine"
    with quick_daemon.client() as client:
        assert "mine" in client.welcome.models


def test_a_ping_tells_what_the_worker_does(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        job = new_job_id()
        client.submit(job, task(500))
        report = wait_for(lambda: next((w for w in client.ping().workers if w.step > 3), None))
        assert (report.device, report.state, report.job, report.steps) == ("cpu", "busy", job, 500)
        assert report.memory_mib > 0
        assert report.step_age < 20
        client.cancel(job)


# ---- leaving ---------------------------------------------------------------------------------


def test_clients_are_told_that_the_daemon_leaves(quick_daemon: Any) -> None:
    with Link(quick_daemon.find(), name="test") as link:
        quick_daemon.process.send_signal(signal.SIGTERM)
        told, _ = link.receive()
        assert isinstance(told, Notice)
        assert told.kind == "leaving"


def test_a_job_that_runs_when_the_daemon_leaves_loses_not_an_iteration(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        job = new_job_id()
        client.submit(job, task(100))
        wait_for(lambda: client.ping().workers[0].step > 20)
        quick_daemon.signal(signal.SIGTERM)
        assert quick_daemon.process.returncode == 0
        quick_daemon.start()
        *_, last = client.follow(job)
        assert last.result is not None
        assert int(last.result.recognized["first iteration"]) > 20


# ---- numbers ---------------------------------------------------------------------------------


def test_metrics_count_what_has_happened(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        for seed in range(3):
            client.submit(job := new_job_id(), task(2, seed))
            list(client.follow(job))
        with pytest.raises(RequestRefusedError):
            client.download(bytes(32))
        metrics = client.metrics()
    assert metrics["jobs_done"] == metrics["jobs_done_total"] == 3
    assert metrics["refusals_total"] == 1
    assert metrics["jobs_failed"] == metrics["jobs_failed_total"] == 0
    assert metrics["clients"] == 1
    assert metrics["stored_bytes"] > 0
    assert 10 < metrics["resident_mib"] < 150
    assert metrics["job_wait_seconds_count"] == metrics["job_run_seconds_count"] == 3
    assert metrics["job_wait_seconds_sum"] > 0
    assert metrics["jobs_at_work"] == metrics["memory_steps_total"] == 0


def test_metrics_count_who_waits_by_class_and_who_is_at_work(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        client.submit(running := new_job_id(), task(100_000))
        wait_for(lambda: client.metrics()["jobs_at_work"] == 1)
        classes: tuple[Priority, ...] = ("interactive", "batch", "batch")
        waiting = [(new_job_id(), priority) for priority in classes]
        for seed, (job, priority) in enumerate(waiting):
            client.submit(job, task(100_000, seed + 1), priority=priority)
        metrics = client.metrics()
        for job in (*(job for job, _ in waiting), running):
            client.cancel(job)
    counted = {name: metrics[f"jobs_queued_{name}"] for name in get_args(Priority)}
    assert counted == {"interactive": 1, "normal": 0, "batch": 2}
    assert metrics["jobs_queued"] == 3


def test_metrics_count_the_bytes_of_audio_that_come_and_go(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        before = client.metrics()
        client.download(client.upload(b"\1\2\3\4" * 250_000))
        after = client.metrics()
    for name in ("received_bytes_total", "sent_bytes_total"):
        assert 1_000_000 < after[name] - before[name] < 1_010_000


def test_what_is_counted_and_summed_is_a_summary_for_prometheus() -> None:
    assert exposition({"x_seconds_sum": 1234567.5, "x_seconds_count": 2}) == (
        "# TYPE ditto_x_seconds summary\nditto_x_seconds_count 2\nditto_x_seconds_sum 1234567.5\n"
    )


def test_prometheus_reads_the_same_numbers(unborn_daemon: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    unborn_daemon.environment["DITTO_METRICS"] = str(port)
    unborn_daemon.start()
    text = wait_for(lambda: get(port, "/metrics")[1])
    assert "# TYPE ditto_epoch gauge\nditto_epoch 1\n" in text


def get(port: int, path: str, host: str = "", method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    assert answer.getheader("Access-Control-Allow-Origin") is None
    connection.close()
    return answer.status, body


@pytest.fixture
def exporter() -> Any:
    exporter = Exporter(0)
    exporter.publish({"jobs_done_total": 3, "clients": 1.5})
    yield exporter
    exporter.close()


def test_numbers_are_counters_or_gauges() -> None:
    assert exposition({"b_total": 3, "a": 1.5}) == (
        "# TYPE ditto_a gauge\nditto_a 1.5\n# TYPE ditto_b_total counter\nditto_b_total 3\n"
    )


def test_only_who_calls_this_machine_by_its_name_is_answered(exporter: Exporter) -> None:
    port = exporter.port
    assert get(port, "/metrics")[0] == 200
    assert get(port, "/metrics", f"localhost:{port}")[0] == 200
    assert get(port, "/metrics", f"evil.example:{port}")[0] == 403
    assert get(port, "/metrics", "127.0.0.1")[0] == 403


def test_there_is_nothing_else_to_ask_for_and_nothing_to_change(exporter: Exporter) -> None:
    assert get(exporter.port, "/")[0] == 404
    assert get(exporter.port, "/metrics", method="POST")[0] == 501
    assert get(exporter.port, "/metrics", method="OPTIONS")[0] == 501


def test_who_says_nothing_does_not_keep_others_waiting_for_ever(exporter: Exporter) -> None:
    with socket.create_connection(("127.0.0.1", exporter.port)):
        assert get(exporter.port, "/metrics")[0] == 200


# ---- nothing is left behind ------------------------------------------------------------------


def files_of(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no list of files")  # noqa: PTH112
def test_clients_that_come_and_go_leave_no_files_open(quick_daemon: Any) -> None:
    def visit(number: int) -> None:
        with Client(quick_daemon.find(), name="guest") as client:
            sha = client.upload(bytes([number]) * 300_000)
            client.download(sha)

    with quick_daemon.client() as client:
        wait_for(lambda: client.ping().worker == "idle")
        visit(0)
        before = wait_for(lambda: files_of(client.welcome.pid))
        for number in range(1, 20):
            visit(number)
        wait_for(lambda: client.ping() and files_of(client.welcome.pid) <= before)


def test_the_logs_are_lines_of_json_with_the_job_in_them(quick_daemon: Any) -> None:
    with quick_daemon.client() as client:
        client.submit(job := new_job_id(), task(2))
        list(client.follow(job))
    lines = (quick_daemon.paths.logs / "daemon.log").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    told = [r.get("state", r["event"]) for r in records if r.get("job") == job]
    assert told == ["accepted", "loading", "running", "done"]
