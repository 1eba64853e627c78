"""The numbers that PROTOCOL.md states of the daemon are those that it keeps."""

import re
from pathlib import Path
from typing import Any

import pytest

import plugin_protocol
from bridge import (
    addresses,
    at_work,
    daemon,
    endings,
    garbage,
    listeners,
    news,
    peers,
    room,
    scheduler,
    sockets,
    store,
    supervisor,
    terms,
    transfers,
)
from bridge.handlers import LIMITS
from bridge.rights import OWNER_RIGHTS, PAIRED_RIGHTS
from bridge.settings import Settings
from bridge.worker import serve
from plugin_protocol import conversation, starting
from plugin_protocol.client import Client
from plugin_protocol.link import Link
from plugin_protocol.messages import Error, JobGet

DOCUMENT = " ".join(
    (Path(plugin_protocol.__file__).parent / "PROTOCOL.md").read_text().replace("**", "").split()
)
DAY = 24 * 3600


def written(value: float) -> str:
    """Return a number as the document writes it."""
    words = {60: "a minute", 3600: "an hour", DAY: "a day", 600: "ten minutes"}
    return words.get(value, f"{value:g}")


@pytest.mark.parametrize(
    "sentence",
    [
        f"forgets a client that has sent no message for {peers.SILENCE_SECONDS:g} s",
        f"does not read | {peers.OUTBOX}, then it is forgotten |",
        f"after {peers.OUTBOX} messages its session",
        f"More than {peers.BAD_MESSAGES} bad messages from one client within a minute",
        f"no client has listened to it for {listeners.GRACE_SECONDS:g} s",
        "weights of {:g}, {:g} and {:g} for".format(*scheduler.WEIGHTS.values()),
        f"waited for {written(scheduler.AGING_SECONDS)} counts as one priority higher",
        f"batch job give way that has more than {at_work.WORTH_PREEMPTING:g} s to go",
        f"without a receipt | {terms.UNACKNOWLEDGED_SECONDS / DAY:g} days |",
        f"its state and words without its blobs | {store.WORDS_MS / DAY / 1000:g} days |",
        f"its id | {store.IDS_DAYS} days, and until it is {store.IDS_DAYS} days old |",
        f"more than {store.IDS_DAYS} days ago",
        f"a blob that no job needs | {written(garbage.WANTED_SECONDS)} after",
        f"an unfinished upload | {written(garbage.UPLOAD_SECONDS)}; of those put away, the newest "
        f"{transfers.IDLE_UPLOADS} of {transfers.IDLE_BYTES / 2**30:g} GiB together |",
        f"more than {garbage.CAP_BYTES / 2**30:g} GiB of blobs",
        f"no job needs are kept for {written(garbage.WANTED_UNDER_PRESSURE)} only",
        f"nothing more comes for {written(transfers.PAUSE_SECONDS)} is put away",
        f"a tenth of the disk, or {room.RESERVE_BYTES / 2**30:g} GiB where that is less",
        f"allows itself ({daemon.ADDRESS_SPACE_BYTES / 2**30:g} GiB)",
        f"every {Settings().preview_seconds:g} s at most",
        "only the newest two are kept",
        "after three deaths of the worker it fails",
        "by 2 s, and by a tenth of what is left",
        "whose quota is full to four fifths",
        "sends a frame of more than 321 KiB",
        "not greeted within 3 s",
        f"comes back by itself (an update, a service that is restarted) for "
        f"{conversation.STOPPED_SECONDS:g} s",
        f"names a socket that takes connections, for {starting.READY_SECONDS:g} s at most",
        f"Exit status {supervisor.EXIT_ALREADY_RUNNING} means",
        f"faster, {supervisor.EXIT_CANNOT_START} that it cannot start",
    ],
)
def test_it_says(sentence: str) -> None:
    assert sentence in DOCUMENT


def test_numbers_that_it_writes_as_words() -> None:
    assert serve.PREVIEWS_KEPT == 2
    assert endings.CRASHES == 3
    assert (news.ETA_SHARE, news.ETA_SECONDS) == (0.1, 2.0)
    assert room.RESERVE_SHARE == 0.1
    assert LIMITS["stored_mib_per_owner"] * 2**20 * 4 // 5 == garbage.CROWDED_BYTES
    assert terms.RETENTION_SECONDS == {"ack": 0, "24h": DAY, "7d": 7 * DAY}
    options = {option.name: value for option, value in sockets.OPTIONS.items()}
    assert options["MAXMSGSIZE"] == 321 * 1024
    assert options["HEARTBEAT_IVL"] == 0
    assert options["HANDSHAKE_IVL"] == 3000
    assert addresses.LOOPBACK.startswith("127.0.0.1:")


def test_it_names_every_limit_that_welcome_tells() -> None:
    for name, limit in LIMITS.items():
        assert f"`{name}`" in DOCUMENT
        is_size = name in ("chunk", "window", "header", "blob")
        assert is_size or re.search(rf"\| [^|]*`{name}`[^|]* \| [^|]*\b{limit}\b", DOCUMENT), name


def test_it_names_every_right() -> None:
    line = r"\| `(\w+)` \| [^|]+ \| (everybody|programs on the local socket) \|"
    table = dict(re.findall(line, DOCUMENT))
    assert tuple(table) == OWNER_RIGHTS
    assert tuple(right for right, who in table.items() if who == "everybody") == PAIRED_RIGHTS


def test_it_names_every_metric(client: Client) -> None:
    section = DOCUMENT.split("### 8.4")[1].split("### 8.5")[0]
    assert set(client.metrics()) <= set(re.findall(r"`(\w+)`", section))


def test_a_refusal_names_the_job_that_was_asked_about(daemon: Any) -> None:
    job = "01890000-0000-7000-8000-00000000beef"
    with Link(daemon.find(), name="test") as link:
        number = link.send(JobGet(job=job))
        while (message := link.receive()[0]).re != number:
            pass
    assert isinstance(message, Error)
    assert (message.failure.code, message.job) == ("UNKNOWN_JOB", job)
