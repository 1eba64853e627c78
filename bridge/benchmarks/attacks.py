"""Who wants to get in, and what of theirs is delivered. Nothing may be.

Every attack hands over a job of its own, or asks for somebody else's. It is delivered if the daemon
knows the job afterwards, or if the attacker gets anything else than an error.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import zmq
from msgspec.structs import replace

from bridge.benchmarks.strangers import GREETING, READY, browser_post, zmtp_1, zmtp_3
from bridge.benchmarks.table import Row
from bridge.benchmarks.trial import SILENT_WORKER, TrialDaemon
from bridge.keys import KeyRing
from bridge.paths import SOCKET_NAME
from plugin_protocol.client import new_job_id
from plugin_protocol.connection import Connection, Keys
from plugin_protocol.framing import decode_reply, encode
from plugin_protocol.messages import Error, Hello, JobAttach, JobSubmit
from plugin_protocol.values import Generate, Task

ANSWER_MS = 700
NOBODY = 65534
FOLDER = threading.Lock()
"""Held while its mode matters."""
TASK = Task(objectives=(Generate(seconds=1),))


@dataclass(frozen=True)
class Target:
    """The daemon under attack, a job of its user's, and a bundle that was paired."""

    daemon: TrialDaemon
    job: str
    bundle: Connection

    @property
    def local(self) -> str:
        """The endpoint in the private folder."""
        return self.daemon.known().endpoint

    @property
    def path(self) -> Path:
        """The same as a file."""
        return self.daemon.paths.runtime / SOCKET_NAME

    @property
    def keys(self) -> Keys:
        """Those of the bundle."""
        assert self.bundle.keys is not None
        return self.bundle.keys


Attack = Callable[[Target, str], bool]
"""Hands over the job with that id; returns whether it got an answer that is no error."""


def attacks() -> dict[str, Attack]:
    """Return every attack that can be tried on this system, by its name."""
    found: dict[str, Attack] = {
        "a web page's POST to the network port": lambda t, job: _raw(t, job, web=True, tcp=True),
        "a web page's POST to the private socket": lambda t, job: _raw(t, job, web=True, tcp=False),
        "ZMTP 1.0 to the network port": lambda t, job: _raw(t, job, web=False, tcp=True),
        "ZMTP 1.0 to the private socket": lambda t, job: _raw(t, job, web=False, tcp=False),
        "the network port without encryption": lambda t, job: _network(t, job, None),
        "the network port with a password": _with_a_password,
        "a key that nobody paired": lambda t, job: _network(t, job, replace(t.keys, **_pair())),
        "a paired public key without its secret": lambda t, job: _network(
            t, job, replace(t.keys, secret=_pair()["secret"])
        ),
        "another daemon's key": lambda t, job: _network(
            t, job, replace(t.keys, server=_pair()["public"])
        ),
        "a client that was removed": _removed,
        "no hello": _without_hello,
        "a paired client and the user's job": _somebody_elses_job,
        "a routing id that is taken": _taken_routing_id,
    }
    if sys.platform == "linux" and os.getuid() == 0:  # only root can become somebody else
        found["another user at the folder"] = lambda t, job: _by_hand_as(
            NOBODY, t, job, open_folder=False
        )
        found["another user at the socket"] = lambda t, job: _by_hand_as(
            NOBODY, t, job, open_folder=True
        )
    return found


def delivered() -> list[Row]:
    """Try them all at once on one daemon, which must serve its user all the while."""
    tried = attacks()
    jobs = {name: new_job_id() for name in tried}
    with TrialDaemon(SILENT_WORKER, network=True) as daemon, daemon.client("user") as user:
        own = new_job_id()
        user.submit(own, TASK)
        target = Target(daemon, own, daemon.pair("studio"))
        # With the right keys the same messages do get in, or the rest would prove nothing.
        assert _network(target, new_job_id(), target.keys)
        assert _by_hand_as(os.getuid(), target, new_job_id(), open_folder=False)
        with ThreadPoolExecutor(len(tried)) as threads:
            heard = threads.map(lambda name: tried[name](target, jobs[name]), tried)
            got_in = dict(zip(tried, heard, strict=True))
        came_through = [
            name for name in tried if got_in[name] or user.attach(jobs[name]).state != "unknown"
        ]
        assert user.attach(own).state == "queued"
    return [
        Row("attacks tried", ", ".join(tried)),
        Row("attacks tried / delivered", f"{len(tried)} / {len(came_through)}", "0 delivered"),
        *(Row("DELIVERED", name) for name in came_through),
    ]


# ---- by hand ---------------------------------------------------------------------------------


def _evil(job: str) -> list[list[bytes]]:
    """Return the messages that would hand the job over: hello and submit."""
    hello = encode(Hello(i=1, client="evil"))
    submit = encode(JobSubmit(i=2, job=job, task=TASK))
    return [[bytes(frame) for frame in message] for message in (hello, submit)]


def _raw(target: Target, job: str, *, web: bool, tcp: bool) -> bool:
    body = b"".join(zmtp_1(message) for message in _evil(job))
    data = browser_post(body) if web else zmtp_1([b"me"]) + body
    host, port = target.daemon.known().network.removeprefix("tcp://").rsplit(":", 1)
    family, where = (
        (socket.AF_INET, (host, int(port))) if tcp else (socket.AF_UNIX, str(target.path))
    )
    with socket.socket(family) as peer, suppress(OSError):
        peer.settimeout(ANSWER_MS / 1000)
        peer.connect(where)
        peer.sendall(data)
        return b"DITO" in peer.recv(4096)
    return False


@contextmanager
def _opened(target: Target) -> Iterator[None]:
    modes = {target.daemon.home: 0o755, target.path.parent: 0o755, target.path: 0o777}
    before = {path: path.stat().st_mode for path in modes}
    for path, mode in modes.items():
        path.chmod(mode)
    yield
    for path, mode in before.items():
        path.chmod(mode)


def _by_hand_as(user: int, target: Target, job: str, *, open_folder: bool) -> bool:
    """Connect as a user, by hand; with the folder open, only the filter is in the way."""
    frames = [
        zmtp_3(frame, more=i + 1 < len(message))
        for message in _evil(job)
        for i, frame in enumerate(message)
    ]
    code = (
        "import os, socket\n"
        f"if os.getuid() != {user}: os.setgid({user}); os.setuid({user})\n"
        "peer = socket.socket(socket.AF_UNIX); peer.settimeout(1)\n"
        f"peer.connect({str(target.path)!r})\n"
        f"peer.sendall(bytes.fromhex({(GREETING + READY).hex()!r}))\n"
        "said = b''\n"
        # A message before the daemon is ready would be thrown out whoever sends it.
        "while b'ROUTER' not in said and (data := peer.recv(4096)): said += data\n"
        f"peer.sendall(bytes.fromhex({b''.join(frames).hex()!r}))\n"
        "while data := peer.recv(4096): print(data.hex(), flush=True)\n"
    )
    command = [sys.executable, "-c", code]
    with FOLDER, _opened(target) if open_folder else nullcontext():
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return b"DITO".hex() in done.stdout


# ---- with a library --------------------------------------------------------------------------


@contextmanager
def _dealer() -> Iterator[zmq.Socket[bytes]]:
    context = zmq.Context()
    try:
        yield context.socket(zmq.DEALER)
    finally:
        context.destroy(linger=0)


def _gets_in(dealer: zmq.Socket[bytes], messages: list[list[bytes]]) -> bool:
    """Send all, and return whether anything but an error comes back."""
    with suppress(zmq.Again):  # thrown out already
        for message in messages:
            dealer.send_multipart(message, zmq.NOBLOCK)
    while dealer.poll(ANSWER_MS):
        if not isinstance(decode_reply(dealer.recv_multipart())[0], Error):
            return True
    return False


def _network(target: Target, job: str, keys: Keys | None) -> bool:
    with _dealer() as dealer:
        if keys is not None:
            _use(dealer, keys)
        dealer.connect(target.bundle.endpoint)
        return _gets_in(dealer, _evil(job))


def _with_a_password(target: Target, job: str) -> bool:
    with _dealer() as dealer:
        dealer.plain_username, dealer.plain_password = b"studio", b"letmein"
        dealer.connect(target.bundle.endpoint)
        return _gets_in(dealer, _evil(job))


def _removed(target: Target, job: str) -> bool:
    bundle = target.daemon.pair("gone")
    KeyRing(target.daemon.paths.keys).remove("gone")
    return _network(target, job, bundle.keys)


def _without_hello(target: Target, job: str) -> bool:
    with _dealer() as dealer:
        dealer.connect(target.local)
        return _gets_in(dealer, _evil(job)[1:])


def _somebody_elses_job(target: Target, _job: str) -> bool:
    """A paired client may greet; the job it asks for is the user's."""
    hello, attach = encode(Hello(i=1, client="evil")), encode(JobAttach(i=2, job=target.job))
    with _dealer() as dealer:
        _use(dealer, target.keys)
        dealer.connect(target.bundle.endpoint)
        dealer.send_multipart(hello)
        if not dealer.poll(20_000):
            raise TimeoutError("A paired client got no answer.")
        dealer.recv_multipart()
        return _gets_in(dealer, [[bytes(frame) for frame in attach]])


def _taken_routing_id(target: Target, job: str) -> bool:
    """Two peers of one routing id; the second must hear nothing of the first one's job."""
    with _dealer() as owner, _dealer() as thief:
        for dealer in (owner, thief):
            dealer.routing_id = b"the same"
        owner.connect(target.local)
        assert _gets_in(owner, _evil(target.job)[:1])
        thief.connect(target.local)
        time.sleep(0.2)
        return _gets_in(thief, _evil(job))


def _use(dealer: zmq.Socket[bytes], keys: Keys) -> None:
    dealer.curve_serverkey = keys.server.encode()
    dealer.curve_publickey = keys.public.encode()
    dealer.curve_secretkey = keys.secret.encode()


def _pair() -> dict[str, str]:
    public, secret = zmq.curve_keypair()
    return {"public": public.decode(), "secret": secret.decode()}
