"""The daemon's guardian: what it mends, what it passes on, when it gives up."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bridge.supervisor import DEATHS, EXIT_CANNOT_START
from plugin_protocol.client import new_job_id
from plugin_protocol.messages import JobProgress, JobState
from plugin_protocol.values import Generate, Task

HERE = Path(__file__).parent
SUPERVISOR = (sys.executable, str(HERE / "fake_supervisor.py"))
LIMITED = ("sh", "-c", 'ulimit "$0" "$1" && shift && exec "$@"')
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
READY = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"


@pytest.fixture
def guarded(unborn_daemon: Any) -> Any:
    """A daemon that is not running yet; `supervise` starts it."""
    return unborn_daemon


def wait_for(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline, "it did not happen within 20 s"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True).stdout
    return status.strip()[:1] not in (b"", b"Z")


def test_a_killed_daemon_comes_back_and_its_job_goes_on(guarded: Any) -> None:
    guarded.supervise()
    # Longer than any reconnection: it must not be over before the last kill.
    task = Task(objectives=(Generate(seconds=1),), prompt="2000", seed=7)
    with guarded.client() as client:
        job, kills = new_job_id(), 0
        client.submit(job, task)
        for event in client.follow(job):
            if not isinstance(event, JobProgress) or event.step <= 10 * (kills + 1):
                continue
            if kills < 3:
                kills += 1
                os.kill(client.welcome.pid, signal.SIGKILL)
            else:
                client.cancel(job, "finish")
        assert isinstance(event, JobState)
        assert event.result is not None
        assert (kills, event.attempt) == (3, 4)
        assert int(event.result.recognized["first iteration"]) > 30


def test_a_daemon_told_to_leave_is_not_started_again(guarded: Any) -> None:
    supervisor = guarded.supervise()
    with guarded.client() as client:
        client.stop_daemon()
    assert supervisor.wait(20) == 0
    assert not guarded.paths.connection_file.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_supervisor_lets_the_daemon_leave(guarded: Any, number: int) -> None:
    supervisor = guarded.supervise()
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    assert not guarded.paths.connection_file.exists()


def test_no_daemon_outlives_its_supervisor(guarded: Any) -> None:
    supervisor = guarded.supervise()
    with guarded.client() as client:
        daemon = client.welcome.pid
    supervisor.kill()
    wait_for(lambda: not is_alive(daemon))
    assert not guarded.paths.connection_file.exists()


@pytest.mark.parametrize("status", [0, 3, EXIT_CANNOT_START])
def test_a_daemon_that_says_why_it_ends_is_not_started_again(status: int, tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); raise SystemExit({status})"
    command = [*SUPERVISOR, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == status
    assert (tmp_path / "starts").read_text() == "x"


def test_it_gives_up_on_a_daemon_that_dies_again_and_again(tmp_path: Path) -> None:
    code = f"import os; open({str(tmp_path / 'starts')!r}, 'a').write('x'); os.abort()"
    command = [*SUPERVISOR, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert (tmp_path / "starts").read_text() == DEATHS * "x"
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"The daemon died {DEATHS} times within 60 s, the last time of SIGABRT")


def test_a_daemon_that_could_start_before_is_tried_until_it_can_again(tmp_path: Path) -> None:
    """Killed, say, and then there is no room on its disk; more often than it might die."""
    starts, hindered = tmp_path / "starts", DEATHS + 1
    code = (
        f"import os; starts = open({str(starts)!r}, 'a+'); starts.write('x'); n = starts.tell()\n"
        "if n == 1: os.kill(os.getpid(), 9)\n"
        f"raise SystemExit({EXIT_CANNOT_START} if n <= {hindered + 1} else 0)"
    )
    command = [*SUPERVISOR, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert starts.read_text() == (1 + hindered + 1) * "x"


def test_the_log_says_what_the_one_before_died_of(guarded: Any) -> None:
    guarded.supervise()
    with guarded.client() as client:
        first = client.welcome
        os.kill(first.pid, signal.SIGABRT)
        wait_for(lambda: guarded.epoch > first.epoch)
    assert '"after": "SIGABRT"' in (guarded.paths.logs / "daemon.log").read_text()


def a_job_accepted(daemon: Any) -> str:
    with daemon.client() as client:
        job = new_job_id()
        client.submit(job, Task(objectives=(Generate(seconds=1),), prompt="200"))
    return job


def is_done_in_the_end(daemon: Any, job: str, *, since: int) -> bool:
    wait_for(lambda: daemon.epoch > since)
    with daemon.client() as client:
        *_, last = client.follow(job)
        return last.state == "done"


@pytest.mark.skipif(sys.platform != "linux", reason="what libzmq does there is not known")
def test_a_daemon_that_runs_out_of_files_costs_a_restart_and_no_job(guarded: Any) -> None:
    """libzmq ends its process when accept() finds no file descriptor left on an ipc socket."""
    guarded.supervise(*LIMITED, "-n", "64")
    job, since = a_job_accepted(guarded), guarded.epoch
    peers = []
    with suppress(OSError):
        for _ in range(90):
            peers.append(socket.socket(socket.AF_UNIX))
            peers[-1].settimeout(1)
            peers[-1].connect(guarded.find().removeprefix("ipc://"))
    wait_for(lambda: guarded.epoch > since)
    for peer in peers:
        peer.close()
    assert is_done_in_the_end(guarded, job, since=since)


def send_for_ever(peer: socket.socket, part: bytes) -> None:
    while True:
        peer.sendall(part)


@pytest.mark.skipif(sys.platform != "linux", reason="others do not limit the address space")
def test_a_message_without_end_costs_its_sender_the_connection_and_nobody_else(
    guarded: Any,
) -> None:
    """libzmq keeps all parts of an unfinished message and tells nobody about them."""
    guarded.supervise(*LIMITED, "-v", str(700 * 1024))
    job, since = a_job_accepted(guarded), guarded.epoch
    part = b"\x03" + struct.pack(">Q", 2**18) + bytes(2**18)  # a long frame, and more to come
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(guarded.find().removeprefix("ipc://"))
        peer.sendall(GREETING + READY)
        said = b""
        while b"Identity" not in said:  # what comes before it is ready, it throws out at once
            said += peer.recv(4096)
        with pytest.raises(ConnectionError):
            send_for_ever(peer, part)
    with guarded.client() as client:
        *_, last = client.follow(job)
        assert (last.state, client.welcome.epoch) == ("done", since)
