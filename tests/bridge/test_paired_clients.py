"""A daemon on a network: what a paired client may do, and who is heard no more."""

import asyncio
import json
import subprocess
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.keys import KeyRing
from bridge.supervisor import EXIT_CANNOT_START
from plugin_protocol import connection
from plugin_protocol.async_client import AsyncClient
from plugin_protocol.client import (
    Client,
    DaemonUnreachableError,
    RequestRefusedError,
    new_job_id,
)
from plugin_protocol.connection import Connection
from plugin_protocol.messages import JobSubmit
from plugin_protocol.values import Generate, Task


@pytest.fixture
def networked(unborn_daemon: Any) -> Any:
    """A daemon that listens on this machine's own network."""
    unborn_daemon.environment["DITTO_NETWORK"] = "127.0.0.1:0"
    unborn_daemon.start()
    return unborn_daemon


def pair(daemon: Any, name: str) -> Connection:
    known = connection.read(daemon.paths.connection_file)
    assert known is not None
    return KeyRing(daemon.paths.keys).pair(name, known.network)


def client(bundle: Connection) -> Client:
    return Client(bundle, name="elsewhere", find=lambda: bundle)


TASK = Task(objectives=(Generate(seconds=1),), prompt="20", seed=5)


def test_a_whole_job_over_the_network(networked: Any) -> None:
    with client(pair(networked, "studio")) as elsewhere:
        blob = bytes(range(256)) * 5000
        assert elsewhere.download(elsewhere.upload(blob)) == blob
        job = new_job_id()
        elsewhere.submit(job, TASK)
        *_, last = elsewhere.follow(job)
        assert last.state == "done"
        assert elsewhere.welcome.rights == ("jobs",)


def test_many_coroutines_share_a_connection_over_the_network(networked: Any) -> None:
    bundle = pair(networked, "studio")

    async def share() -> None:
        async with AsyncClient(bundle, name="elsewhere", find=lambda: bundle) as elsewhere:
            blobs = [bytes([i]) * 300_000 for i in range(4)]
            shas = await asyncio.gather(*map(elsewhere.upload, blobs))
            back = await asyncio.gather(*map(elsewhere.download, shas))
            assert [bytes(data) for data in back] == blobs

    asyncio.run(asyncio.wait_for(share(), 60))


def test_a_paired_client_sees_its_own_jobs_only_and_ends_no_daemon(networked: Any) -> None:
    one, other = (client(pair(networked, name)) for name in ("one", "other"))
    with networked.client() as here, one, other:
        jobs = {new_job_id(): each for each in (here, one)}
        for job, each in jobs.items():
            each.submit(job, TASK)
            with pytest.raises(RequestRefusedError) as refused:
                other.attach(job)
            assert refused.value.code == "FORBIDDEN"
            with pytest.raises(RequestRefusedError, match="another client's"):
                other.cancel(job)
            with pytest.raises(RequestRefusedError, match="another client's"):
                other.submit(job, TASK)
        assert [len(each.jobs()) for each in (here, one, other)] == [2, 1, 0]
        with pytest.raises(RequestRefusedError, match="Only the user"):
            other.stop_daemon()


def test_who_is_removed_is_heard_no_more(networked: Any) -> None:
    bundle = pair(networked, "studio")
    with client(bundle) as elsewhere, networked.client() as here:
        elsewhere.ping()
        KeyRing(networked.paths.keys).remove("studio")
        # Not `submit`, which would wait for an answer.
        elsewhere._talk.link.send(JobSubmit(job=new_job_id(), task=TASK))
        with pytest.raises(DaemonUnreachableError):
            client(bundle)
        assert here.jobs() == ()


def test_the_port_and_so_every_bundle_stays_true_after_a_restart(networked: Any) -> None:
    bundle = pair(networked, "studio")
    networked.kill()
    networked.start()
    with client(bundle) as elsewhere:
        assert elsewhere.welcome.epoch == 2


def test_a_daemon_does_not_start_with_keys_that_others_can_read(unborn_daemon: Any) -> None:
    unborn_daemon.paths.create()
    KeyRing(unborn_daemon.paths.keys).rotate()
    (unborn_daemon.paths.keys / "server.json").chmod(0o644)
    environment = {**unborn_daemon.environment, "DITTO_NETWORK": "127.0.0.1:0"}
    done = subprocess.run(
        unborn_daemon.command, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == EXIT_CANNOT_START
    assert "can be read by others, so it is not used" in done.stderr


def test_no_log_holds_a_key_or_what_music_was_asked_for(networked: Any) -> None:
    bundle = pair(networked, "studio")
    assert bundle.keys is not None
    with client(bundle) as elsewhere:
        job = new_job_id()
        elsewhere.submit(job, replace(TASK, prompt="20 unheard-of song"))
        list(elsewhere.follow(job))
    logged = b"".join(file.read_bytes() for file in networked.paths.logs.iterdir())
    server = json.loads((networked.paths.keys / "server.json").read_bytes())
    for secret in (bundle.keys.secret, server["secret"], "unheard-of song"):
        assert secret.encode() not in logged
    assert job.encode() in logged
