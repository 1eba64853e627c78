"""The command line as a whole: what it loads, and that no traceback ever leaves it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge import devices
from bridge.cli import connection, order
from bridge.lock import only_daemon
from bridge.paths import locate
from plugin_protocol.errors import DaemonUnreachableError
from plugin_protocol.messages import Pong, WorkerReport

HEAVY = ("torch", "matplotlib", "librosa", "soundfile", "numpy", "rich", "mido", "zmq", "engine")


def test_the_command_line_loads_nothing_heavy() -> None:
    program = "import sys, bridge.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert set(HEAVY) & set(loaded.stdout.split()) == set()


def test_making_music_loads_no_torch_and_no_engine() -> None:
    program = "import sys, bridge.cli.order, bridge.plot; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert {"torch", "engine"} & set(loaded.stdout.split()) == set()


def test_help_names_every_command(ditto: Callable) -> None:
    outcome = ditto("--help")
    music = ["outpaint", "inpaint", "loop", "vary", "generate", "run"]
    jobs = ["jobs", "show", "watch", "cancel", "finish"]
    daemon = ["serve", "status", "stop", "doctor", "log", "pair", "keys"]
    automation = ["batch", "watch-folder", "job", "hosts"]
    for command in [*music, *automation, *jobs, *daemon, "bench"]:
        assert f"\n  {command} " in outcome.out


def test_no_command_shows_the_help_and_is_2(ditto: Callable) -> None:
    outcome = ditto()
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == ditto("--help").out


def test_a_bug_is_called_a_bug_and_the_traceback_is_in_the_log(
    ditto: Callable, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by our own mistake")

    monkeypatch.setenv("DITTO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(order, "carry_out", broken)
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav")
    assert outcome.status == 1
    assert outcome.err.startswith("ditto: This is a bug in ditto (ZeroDivisionError).")
    assert outcome.err.count("\n") == 1
    log = tmp_path / "home" / "state" / "logs" / "command-line.log"
    assert "by our own mistake" in log.read_text()


def test_a_daemon_that_cannot_be_reached_is_one_line(
    ditto: Callable, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(say: object) -> None:
        raise DaemonUnreachableError("No daemon answers.")

    monkeypatch.setattr(connection, "connect", unreachable)
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav")
    assert (outcome.status, outcome.err.splitlines()[-1]) == (1, "ditto: No daemon answers.")


def test_status_tells_what_the_daemon_does(ditto: Callable, daemon: Any) -> None:
    outcome = ditto("status")
    assert outcome.status == 0
    assert "worker idle, 0 queued" in outcome.out
    assert "outpaint  done" in outcome.out
    assert "version" not in outcome.out


def test_status_says_where_a_lone_worker_makes_music(
    ditto: Callable, daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pong = Pong(epoch=1, worker="idle", workers=(WorkerReport(device="cuda:0", state="idle"),))
    monkeypatch.setattr(daemon, "ping", lambda: pong)
    assert "worker idle on cuda:0, 0 queued" in ditto("status").out


def test_a_daemon_that_shall_use_a_gpu_and_has_none_is_not_started(
    ditto: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(tmp_path / "home"))
    check = (sys.executable, "-c", "import sys; sys.exit('There is none. Choose the CPU instead.')")
    monkeypatch.setattr(devices, "CHECK", check)
    outcome = ditto("serve", "--device", "cuda")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "ditto: There is none. Choose the CPU instead.\n"
    assert not (tmp_path / "home").exists()


def test_status_has_a_line_for_each_of_several_workers(
    ditto: Callable, daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = (
        WorkerReport(device="cuda:0", state="busy", job="7"),
        WorkerReport(device="", state="starting"),
    )
    pong = Pong(epoch=1, worker="busy", job="7", queued=3, workers=workers)
    monkeypatch.setattr(daemon, "ping", lambda: pong)
    assert ditto("status").out.splitlines()[:3] == [
        "the daemon runs: 2 workers, 3 queued",
        "  worker 1 on cuda:0: busy with job 7",
        "  worker 2: starting",
    ]


def test_a_daemon_of_another_version_is_mentioned(ditto: Callable, daemon: Any) -> None:
    daemon.version = "99.0"
    assert "is version 99.0" in ditto("status").out


def test_a_daemon_that_hangs_is_named(
    ditto: Callable, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(tmp_path))
    monkeypatch.setattr(connection, "STARTING_SECONDS", 0.0)
    paths = locate()
    paths.create()
    with only_daemon(paths.lock):
        outcome = ditto("stop")
    assert outcome.status == 1
    assert f"`kill -9 {os.getpid()}` ends it" in outcome.err


def test_output_that_nobody_reads_is_no_bug(tmp_path: Path) -> None:
    program = "import sys; from bridge.cli import main; sys.argv[1:] = ['--help']; main()"
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_status_without_a_daemon_is_1(ditto: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "connect_running", lambda: None)
    assert ditto("status").status == 1


def test_stop_stops_the_daemon(ditto: Callable, daemon: Any) -> None:
    assert ditto("stop").status == 0
    assert daemon.called("stop") == [()]


def test_stop_without_a_daemon_has_nothing_to_do(
    ditto: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "connect_running", lambda: None)
    assert ditto("stop").status == 0
