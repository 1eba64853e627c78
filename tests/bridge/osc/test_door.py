"""Requests through the door: music at its place, under the id that was chosen, whatever happens."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from door_process import DITTO, DoorProcess, Patch, packet

RATE = 44_100
NEW = 64  # samples that the fake engine makes of each second

QUICK = ("prompt", "3")
LONG = ("prompt", "1000")


def samples(path: str | Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_clip_comes_back_continued_with_every_sample_of_it(patch: Patch, clip: Path) -> None:
    patch.send("outpaint", "id", "on", "in", "clip.wav", "seconds", 2.0, *QUICK)
    heard = patch.replies("done")
    assert [heard[0].verb, heard[0].values, heard[-1].verb] == ["accepted", ("on",), "done"]
    assert {reply.verb for reply in heard[1:-1]} <= {"progress"}
    name, path, length, first, last, seed = heard[-1].values
    made, old = samples(path), samples(clip)
    assert (name, length, seed) == ("on", len(made), 0)
    assert (first, last) == (len(old), len(old) + 2 * NEW)
    assert len(made) == last
    assert np.array_equal(made[:first], old)


def test_again_is_the_same_with_the_next_seed(patch: Patch, clip: Path, door: DoorProcess) -> None:
    request = ("out", "t.wav", "in", "clip.wav", "seconds", 1, "seed", 5.0, *QUICK)
    patch.send("outpaint", "id", "t", *request)
    assert patch.reply("done")[-1] == 5
    first = samples(door.folder / "t.wav")
    patch.send("again", "t")
    assert patch.reply("done")[-1] == 6
    second = samples(door.folder / "t.wav")
    assert np.array_equal(second[: 2 * RATE], first[: 2 * RATE])
    assert not np.array_equal(second[2 * RATE :], first[2 * RATE :])


def test_a_packet_that_comes_twice_is_one_request(
    patch: Patch, clip: Path, door: DoorProcess
) -> None:
    for _ in range(2):
        patch.send("outpaint", "id", "twice", "in", "clip.wav", *QUICK)
        patch.reply("accepted")
    patch.reply("done")
    assert len([*door.exchange.glob("*-twice*")]) == 1


def test_cancel_ends_it_and_only_then_is_the_id_free(patch: Patch, clip: Path) -> None:
    patch.send("outpaint", "id", "c", "in", "clip.wav", *LONG)
    patch.reply("progress")
    patch.send("outpaint", "id", "c", "in", "clip.wav", *QUICK)
    assert patch.replies("done")[-1].values[1] == "BUSY"
    patch.send("cancel", "c")
    assert patch.replies("done")[-1].values[:2] == ("c", "CANCELLED")
    patch.send("outpaint", "id", "c", "in", "clip.wav", *QUICK)
    assert patch.reply("done")[0] == "c"


def test_finish_keeps_what_there_is(patch: Patch, clip: Path) -> None:
    patch.send("outpaint", "id", "f", "in", "clip.wav", "seconds", 1, *LONG)
    while patch.reply("progress")[1] <= 0:
        pass
    patch.send("finish", "f")
    _, path, length, *_ = patch.reply("done")
    assert len(samples(path)) == length == 2 * RATE + NEW


def test_a_clip_in_the_exchange_is_taken_away_and_others_are_copied(
    patch: Patch, clip: Path, door: DoorProcess
) -> None:
    patch.send("ping")
    _, exchange, token = patch.reply("pong")
    given = Path(exchange) / f"{token}.wav"
    given.write_bytes(clip.read_bytes())
    patch.send("outpaint", "in", str(given), *QUICK)
    patch.reply("accepted")
    assert not given.exists()
    assert clip.exists()
    patch.reply("done")


def test_nothing_but_its_own_untouched_results_is_overwritten(
    patch: Patch, clip: Path, door: DoorProcess
) -> None:
    mine = door.folder / "mine.wav"
    mine.write_bytes(b"dear")
    patch.send("outpaint", "in", "clip.wav", "out", "mine.wav", *QUICK)
    assert "overwrites nothing else" in patch.replies("done")[-1].values[2]
    for _ in range(2):
        patch.send("outpaint", "id", "o", "in", "clip.wav", "out", "its.wav", *QUICK)
        patch.reply("done")
    (door.folder / "its.wav").write_bytes(b"edited since")
    patch.send("again", "o")
    assert patch.replies("done")[-1].values[1] == "REFUSED"
    assert mine.read_bytes() == b"dear"
    assert (door.folder / "its.wav").read_bytes() == b"edited since"


def test_what_appears_while_it_is_made_is_kept_and_the_music_too(
    patch: Patch, clip: Path, door: DoorProcess
) -> None:
    patch.send("outpaint", "id", "late", "in", "clip.wav", "out", "late.wav", *QUICK)
    patch.reply("accepted")
    (door.folder / "late.wav").write_bytes(b"dear")
    _, code, sentence = patch.replies("done")[-1].values
    assert code == "REFUSED"
    there = sentence.removesuffix(".").rpartition(" ")[2]
    assert len(samples(there)) > 2 * RATE
    assert (door.folder / "late.wav").read_bytes() == b"dear"


def test_a_request_that_is_refused_leaves_nothing(patch: Patch, door: DoorProcess) -> None:
    before = {*door.folder.rglob("*")}
    for words in (("in", "/etc/passwd"), ("in", "no.wav"), ("id", "../x"), (), ("seed", 1)):
        patch.send("outpaint", *words)
        assert patch.replies("accepted")[-1].values[1] == "REFUSED"
    assert {*door.folder.rglob("*")} == before


def test_an_id_that_nobody_gave_is_unknown(patch: Patch) -> None:
    for verb in ("cancel", "finish", "again", "resume", "taken"):
        patch.send(verb, "nobody")
        (failed,) = patch.replies("accepted")
        assert failed.values[:2] == ("nobody", "REFUSED")


def test_a_crowd_is_told_to_wait(patch: Patch, clip: Path) -> None:
    for number in range(9):
        patch.send("outpaint", "id", f"n{number}", "in", "clip.wav", *LONG)
    assert patch.replies("done")[-1].values[:2] == ("n8", "BUSY")
    for number in range(8):
        patch.send("cancel", f"n{number}")
    ended = {patch.replies("done")[-1].values[:2] for _ in range(8)}
    assert ended == {(f"n{number}", "CANCELLED") for number in range(8)}


def test_what_is_no_request_gets_no_answer(patch: Patch) -> None:
    stun = b"\0\1\0\x08\x21\x12\xa4\x42" + b"/ditto/ping\0"
    for data in (b"", b"/", b"/ditto/failed\0\0\0,\0\0\0", b"/ditto\0\0", b"#bundle\0", stun):
        patch.send_bytes(data)
    assert patch.is_silent()
    patch.send_bytes(b"/ditto/inpaint\0\0" + bytes(20_000))
    assert patch.replies("pong")[-1].values[1] == "REFUSED"


def test_spoilt_requests_harm_nobody(patch: Patch, door: DoorProcess) -> None:
    before = {*door.folder.rglob("*")}
    random = np.random.default_rng(0)
    words = ("id", "x", "in", "no.wav", "region", 1.0, 2.0, "melody", "C4 1", "seed", 3, "takes", 2)
    sound = packet("/ditto/inpaint", *words)
    for _ in range(40):
        for _ in range(50):
            spoilt = bytearray(sound[: random.integers(8, len(sound) + 1)])
            for at in random.integers(8, len(spoilt) + 1, random.integers(0, 8)):
                spoilt[at - 1] = random.integers(256)
            patch.send_bytes(bytes(spoilt))
        patch.send("ping")
        while patch.replies("pong")[-1].verb != "pong":
            pass
    assert {*door.folder.rglob("*")} == before


def test_a_sender_that_hides_whose_it_is_is_not_served(door: DoorProcess, patch: Patch) -> None:
    before = {*door.folder.rglob("*")}
    with door.patch() as shy:
        os.kill(door.process.pid, signal.SIGSTOP)
        shy.send("generate", "id", "shy", "seconds", 1, *QUICK)
    os.kill(door.process.pid, signal.SIGCONT)
    assert patch.is_silent()
    assert {*door.folder.rglob("*")} == before


def test_answers_go_to_the_reply_port_where_there_is_one(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        there.settimeout(20)
        door = DoorProcess(tmp_path, environment, "--reply-port", there.getsockname()[1])
        with door.patch() as patch:
            patch.send("ping")
            assert there.recv(1000).startswith(b"/ditto/pong\0")
        assert door.close().splitlines()[-1] == "closed"


def test_the_door_may_close_and_the_music_goes_on(
    environment: dict[str, str], tmp_path: Path
) -> None:
    door = DoorProcess(tmp_path, environment)
    with door.patch() as patch:
        patch.send("generate", "id", "g", "seconds", 1, "out", "g.wav", "prompt", "60")
        patch.reply("progress")
        door.close()
    (folder,) = door.exchange.iterdir()
    eventually(lambda: (folder / "done.json").exists())
    assert not (tmp_path / "g.wav").exists()
    again = DoorProcess(tmp_path, environment)
    eventually(lambda: (tmp_path / "g.wav").exists())
    with again.patch() as patch:
        patch.send("list")
        assert patch.replies("jobs")[0].values == ("g", "done", "generate")
        patch.send("resume", "g")
        assert patch.reply("done")[1] == str(tmp_path / "g.wav")
        patch.send("taken", "g")
        patch.send("list")
        assert patch.replies("jobs")[-1].values == (0,)
    again.close()


def test_the_door_serves_on_when_nobody_reads_what_it_says(
    environment: dict[str, str], tmp_path: Path
) -> None:
    door = DoorProcess(tmp_path, environment)
    assert door.process.stdout is not None
    door.process.stdout.close()
    with door.patch() as patch:
        for _ in range(2):
            patch.send("generate", "seconds", 1, *QUICK)
            patch.reply("done")
    door.process.send_signal(signal.SIGTERM)
    door.process.wait(30)


def test_a_patch_that_died_finds_its_music_under_its_id(door: DoorProcess, clip: Path) -> None:
    with door.patch() as patch:
        patch.send("outpaint", "id", "life", "in", "clip.wav", "prompt", "40")
        patch.reply("progress")
    with door.patch() as next_one:
        next_one.send("resume", "life")
        assert next_one.reply("done")[0] == "life"


def test_a_work_that_is_killed_goes_on(patch: Patch, clip: Path, door: DoorProcess) -> None:
    patch.send("outpaint", "id", "k", "in", "clip.wav", "prompt", "60")
    patch.reply("progress")
    (folder,) = door.exchange.glob("*-k")
    worker = json.loads((folder / "progress.json").read_text())["pid"]
    os.kill(worker, signal.SIGKILL)
    assert patch.reply("done")[0] == "k"


def test_a_port_that_is_taken_is_said(door: DoorProcess, tmp_path: Path, environment: Any) -> None:
    command = [*DITTO, "osc", "--port", str(door.port), "--folder", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"Port {door.port} cannot be had" in done.stderr
