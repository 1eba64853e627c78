"""What may keep DITTO from working here, and what to do about it. Looks, and changes nothing."""

import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import zmq

from bridge.errors import BridgeError, KeyFileError, ModelError
from bridge.guard import check_packages
from bridge.keys import KeyRing
from bridge.launch import running_daemon
from bridge.lock import holder
from bridge.models.shelf import Shelf
from bridge.paths import Paths
from bridge.sockets import Router
from bridge.supervisor import PYTHON
from bridge.version import installed_version
from plugin_protocol import connection
from plugin_protocol.client import Client
from plugin_protocol.errors import ClientError
from plugin_protocol.messages import Pong

GIB = 2**30
EXAMINATION = (*PYTHON, "-m", "bridge.worker.examination")
EXAMINATION_SECONDS = 180.0
DISK_NEEDED, DISK_WISHED = GIB, 5 * GIB
MEMORY_WISHED = 2 * GIB
FILES_NEEDED = 512

Verdict = Literal["fine", "doubtful", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `remedy` says what to do where it is not fine."""

    subject: str
    verdict: Verdict
    told: str
    remedy: str = ""


def examine(paths: Paths) -> Iterator[Finding]:
    """Yield what was found, the quick things first."""
    yield _packages()
    yield _libraries()
    yield from _folders(paths)
    yield _disk(paths)
    yield _files()
    yield _socket()
    yield _keys(paths)
    yield from _added_models(Shelf(paths.models))
    digests: dict[str, str] = {}
    yield examine_daemon(paths, digests)
    yield from _device_and_models(digests)


def _packages() -> Finding:
    try:
        check_packages()
    except BridgeError as error:
        return Finding("packages", "wrong", str(error), "Uninstall the other package.")
    return Finding("packages", "fine", f"ditto {installed_version()}, and its own packages")


def _libraries() -> Finding:
    told = f"libzmq {zmq.zmq_version()}, pyzmq {zmq.__version__}, msgspec {msgspec.__version__}"
    if not zmq.has("curve"):
        return Finding(
            "libraries",
            "doubtful",
            f"{told}, without encryption",
            "`ditto serve --tcp` and `--listen` need a pyzmq with libsodium: "
            "`pip install --force-reinstall pyzmq`.",
        )
    return Finding("libraries", "fine", told)


def _folders(paths: Paths) -> Iterator[Finding]:
    for name, folder in (("state folder", paths.state), ("socket folder", paths.runtime)):
        if not folder.exists():
            yield Finding(name, "fine", f"{folder} will be made with the first start")
            continue
        status = folder.stat()
        mode = stat.S_IMODE(status.st_mode)
        if status.st_uid != os.getuid():
            remedy = "Remove it, or set DITTO_HOME to a folder of your own."
            yield Finding(name, "wrong", f"{folder} belongs to another user", remedy)
        elif mode & 0o077:
            remedy = f"`chmod 700 {folder}`, or start the daemon, which does it."
            yield Finding(name, "doubtful", f"{folder} is open to others ({mode:o})", remedy)
        elif not os.access(folder, os.W_OK):
            yield Finding(name, "wrong", f"{folder} cannot be written to", f"`chmod 700 {folder}`.")
        else:
            yield Finding(name, "fine", f"{folder} is private and can be written to")


def _disk(paths: Paths) -> Finding:
    folder = next(each for each in (paths.state, *paths.state.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    told = f"{free / GIB:.1f} GiB are free for {paths.state}"
    if free >= DISK_WISHED:
        return Finding("disk", "fine", told)
    remedy = "Make room there, or set DITTO_HOME to another disk."
    return Finding("disk", "wrong" if free < DISK_NEEDED else "doubtful", told, remedy)


def _files() -> Finding:
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES_NEEDED:
        return Finding(
            "open files",
            "doubtful",
            f"this user's programs may open {hard} files each",
            f"Allow at least {FILES_NEEDED} with `ulimit -Hn`, or few clients can connect.",
        )
    return Finding("open files", "fine", "enough for every client")


def _socket() -> Finding:
    with tempfile.TemporaryDirectory(prefix="ditto-") as folder:
        try:
            Router(f"ipc://{Path(folder) / 's'}", uid=os.getuid()).close()
        except BridgeError as error:
            remedy = "Set TMPDIR to a folder on a local disk."
            return Finding("socket", "wrong", str(error), remedy)
    return Finding("socket", "fine", "a private socket can be opened")


def _keys(paths: Paths) -> Finding:
    ring = KeyRing(paths.keys)
    try:
        clients = ring.clients()
        if (paths.keys / "server.json").exists():
            ring.server()
    except KeyFileError as error:
        return Finding("keys", "wrong", str(error), "The daemon listens on no network until then.")
    count = len(clients)
    return Finding("keys", "fine", f"{count} paired client{'' if count == 1 else 's'}")


def _added_models(shelf: Shelf) -> Iterator[Finding]:
    for name in shelf.names():
        subject = f"model {name}"
        try:
            shelf.files(name)
        except ModelError as error:
            remedy = f"`ditto models remove {name}`, then add it again."
            yield Finding(subject, "wrong", str(error), remedy)
            continue
        told = f"all {len(shelf.manifest(name).files)} files are there and as large as they were"
        yield Finding(subject, "fine", told)


def examine_daemon(paths: Paths, digests: dict[str, str]) -> Finding:
    """Look at the daemon; note the digests of the models that it has loaded."""
    try:
        address = running_daemon(paths)
    except (BridgeError, ClientError) as error:
        return Finding("daemon", "wrong", str(error), "Do as it says and look again.")
    if address is None:
        process = holder(paths.lock)
        if process is not None:
            remedy = f"`kill -9 {process}`; its jobs go on under the next one."
            return Finding("daemon", "wrong", f"process {process} does not answer", remedy)
        stale = " (a killed one has left its connection file, which harms nobody)"
        left = stale if connection.read(paths.connection_file) else ""
        return Finding("daemon", "fine", f"none runs{left}; every music command starts one")
    with Client(address, name="ditto-doctor") as client:
        server, workers = client.welcome.server, _workers(client.ping())
        if not isinstance(address, str):
            told = f"{server} answers at {address.endpoint}, {workers}"
            return Finding("daemon", "fine", told)
        digests |= {each.name: each.digest for each in client.welcome.catalogue if each.digest}
    if server != f"ditto/{installed_version()}":
        told = f"{server} runs, and this is ditto/{installed_version()}"
        return Finding("daemon", "doubtful", told, "`ditto stop`; the next command starts its own.")
    return Finding("daemon", "fine", f"{server} answers, {workers}")


def _workers(pong: Pong) -> str:
    if len(pong.workers) < 2:
        where = "".join(f" on {worker.device}" for worker in pong.workers if worker.device)
        return f"its worker is {pong.worker}{where}"
    states = (
        f"{each.state} on {each.device}" if each.device else each.state for each in pong.workers
    )
    return f"its workers are {', '.join(states)}"


def _device_and_models(known: dict[str, str]) -> Iterator[Finding]:
    """Ask a process of its own, which may load torch."""
    remedy = "Install DITTO again, and report the message if that does not help."
    try:
        done = subprocess.run(
            EXAMINATION, capture_output=True, text=True, timeout=EXAMINATION_SECONDS
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        told = f"the engine did not start within {EXAMINATION_SECONDS:.0f} s"
        yield Finding("engine", "wrong", told, remedy)
        return
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        yield Finding("engine", "wrong", f"the engine does not start: {last}", remedy)
        return
    told = f"Python {found['python']}, torch {found['torch']}, best on {found['best_device']}"
    yield Finding("engine", "fine", told)
    for device in found["devices"]:
        yield _device(device)
    for model in found["models"]:
        yield _model(model, known.get(model["name"], ""), remedy)


def _device(found: dict[str, Any]) -> Finding:
    free, total = found["free"], found["total"]
    told = f"{found['name']}, {free / GIB:.1f} of {total / GIB:.1f} GiB are free"
    if free < MEMORY_WISHED:
        remedy = "Close other programs, or choose short clips."
        return Finding(f"device {found['device']}", "doubtful", told, remedy)
    return Finding(f"device {found['device']}", "fine", told)


def _model(found: dict[str, Any], loaded: str, remedy: str) -> Finding:
    subject = f"model {found['name']}"
    if "problem" in found:
        return Finding(subject, "wrong", found["problem"], remedy)
    digest = found["digest"]
    told = f"loads in {found['seconds']:.1f} s, digest {digest[:16]}"
    if loaded and loaded != digest:
        told += f"; the daemon has another one in memory, {loaded[:16]}"
        return Finding(subject, "doubtful", told, "`ditto stop`; the next command loads this one.")
    return Finding(subject, "fine", told)
