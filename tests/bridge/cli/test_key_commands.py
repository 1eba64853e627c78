"""`ditto pair` and `keys`, with a daemon that listens on this machine's loopback."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from plugin_protocol import connection

DITTO = (sys.executable, "-c", "from bridge.cli import main; main()")
SECONDS = 30


@pytest.fixture(scope="module")
def listening(lasting_daemon: Any) -> Any:
    """A daemon for all tests of this file."""
    lasting_daemon.kill()
    lasting_daemon.environment["DITTO_NETWORK"] = "127.0.0.1:0"
    lasting_daemon.start()
    return lasting_daemon


@pytest.fixture
def networked(listening: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daemon that `ditto` finds."""
    monkeypatch.setenv("DITTO_HOME", str(listening.home))
    return listening


def run_elsewhere(daemon: Any, bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `ditto` as the owner of that bundle does."""
    environment = {**daemon.environment, "DITTO_CONNECTION": str(bundle)}
    command = [*DITTO, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)


def test_a_paired_client_works_with_its_bundle_until_it_is_removed(
    ditto: Callable, networked: Any, tmp_path: Path
) -> None:
    bundle = tmp_path / "studio-b.ditto"
    assert ditto("pair", "studio-b", "-o", bundle).status == 0
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    (listed,) = json.loads(ditto("keys", "list", "--json").out)
    assert listed["name"] == "studio-b"
    assert listed["fingerprint"] in ditto("keys", "list").out
    done = run_elsewhere(networked, bundle, "status", "--json")
    assert json.loads(done.stdout)["runs"], done.stderr
    stopped = run_elsewhere(networked, bundle, "stop")
    assert (stopped.returncode, "Only the user" in stopped.stderr) == (1, True)
    assert ditto("keys", "remove", "studio-b").status == 0
    done = run_elsewhere(networked, bundle, "status")
    assert (done.returncode, "has not paired this client" in done.stderr) == (1, True)


def test_a_bundle_is_not_written_over(ditto: Callable, networked: Any, tmp_path: Path) -> None:
    assert ditto("pair", "one", "-o", tmp_path / "one.ditto").status == 0
    outcome = ditto("pair", "two", "-o", tmp_path / "one.ditto")
    assert (outcome.status, "exists; name another file" in outcome.err) == (1, True)


def test_after_a_rotation_no_old_bundle_opens_the_next_daemon(
    ditto: Callable, networked: Any, tmp_path: Path
) -> None:
    bundle = tmp_path / "one.ditto"
    ditto("pair", "one", "-o", bundle)
    assert ditto("keys", "rotate").status == 0
    assert ditto("keys", "list").out.startswith("no client is paired")
    networked.kill()
    networked.start()
    done = run_elsewhere(networked, bundle, "status")
    assert (done.returncode, "has not paired this client" in done.stderr) == (1, True)


def test_a_daemon_does_not_write_over_a_bundle(
    ditto: Callable, networked: Any, tmp_path: Path
) -> None:
    bundle = tmp_path / "three.ditto"
    ditto("pair", "three", "-o", bundle)
    written = bundle.read_bytes()
    done = run_elsewhere(networked, bundle, "serve")
    assert (done.returncode, "Unset DITTO_CONNECTION" in done.stderr) == (4, True)
    assert bundle.read_bytes() == written


def test_who_pairs_without_a_network_is_told_how_to_have_one(
    ditto: Callable, shared_daemon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(shared_daemon.home))
    outcome = ditto("pair", "studio-b")
    assert (outcome.status, "`ditto serve --tcp`" in outcome.err) == (1, True)


def test_serve_refuses_to_listen_everywhere(
    ditto: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_HOME", str(tmp_path))
    outcome = ditto("serve", "--listen", "0.0.0.0:8471")
    assert (outcome.status, "Name the one address" in outcome.err) == (1, True)
    assert ditto("serve", "--tcp", "--listen", "10.0.0.1:8471").status == 2
    assert not os.listdir(tmp_path)  # noqa: PTH208


def test_serve_and_status_say_where_the_daemon_listens(tmp_path: Path) -> None:
    environment = {**os.environ, "DITTO_HOME": str(tmp_path), "CUDA_VISIBLE_DEVICES": ""}
    command = [*DITTO, "serve", "--tcp", "--metrics", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as serving:
        impatience = threading.Timer(SECONDS, serving.kill)
        impatience.start()
        assert serving.stderr is not None
        said = "".join(islice(serving.stderr, 4))
        network = re.findall(r"paired clients reach the daemon at (tcp://127\.0\.0\.1:\d+)\n", said)
        metrics = re.findall(r"reads its numbers at (http://127\.0\.0\.1:\d+/metrics)\n", said)
        asked = [*DITTO, "status", "--json"]
        found = subprocess.run(
            asked, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
        serving.terminate()
        serving.communicate(timeout=SECONDS)
        impatience.cancel()
    told = json.loads(found.stdout)
    assert ([told["network"]], [told["metrics"]]) == (network, metrics)


def test_status_repeats_where_the_daemon_listens(ditto: Callable, networked: Any) -> None:
    known = connection.read(networked.paths.connection_file)
    assert known is not None
    assert f"network at {known.network}\n" in ditto("status").out
    assert "metrics at" not in ditto("status").out
