"""Ardour: select, press, hear it in place, undo if it isn't it; for real, with a screen."""

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.end_to_end.conftest import EXAMPLES, Ditto
from tests.end_to_end.hosts.ardour_gestures import AT, CRESCENDO, FORM, GESTURES, IMPORT
from tests.end_to_end.hosts.ardour_program import RATE, Ardour, Region, installed, wait_until

pytestmark = pytest.mark.slow

CLIP, _ = soundfile.read(EXAMPLES / "groove.wav", dtype="float32", always_2d=True)
END = AT + len(CLIP)
ALL = 12 * RATE
SELECTED = (AT + 88200, AT + 88200 + 22051)


@pytest.fixture(scope="module")
def ardour(ditto: Ditto) -> Iterator[Ardour]:
    """Ardour with the drum clip on four tracks, one second after the start."""
    with (
        tempfile.TemporaryDirectory(prefix="ardour-") as folder,
        installed(Path(folder), ditto, list(GESTURES)) as host,
    ):
        host.start()
        host.ask(IMPORT.format(clip=EXAMPLES / "groove.wav", at=AT))
        host.ask(CRESCENDO)
        host.settings(quality="draft")
        yield host


@dataclass(frozen=True)
class InPlace:
    """What four presses made: regions before, after, undone one by one, and what was saved."""

    before: dict[str, list[Region]]
    after: dict[str, list[Region]]
    undone: list[dict[str, list[Region]]]
    jobs: dict[str, Path]
    saved: list[list[str]]
    played: dict[str, np.ndarray]

    def done(self, track: str) -> dict[str, int]:
        """Return what DITTO says of the job."""
        document: dict[str, int] = json.loads((self.jobs[track] / "done.json").read_text())
        return document


def request(job: Path) -> dict[str, Any]:
    """Return what a job folder asks for."""
    document: dict[str, Any] = json.loads((job / "job.json").read_text())
    return document


def spans(regions: list[Region]) -> list[tuple[int, int]]:
    """Return where each begins, and how long it is."""
    return [(region.start, region.length) for region in regions]


def wait_for_results(ardour: Ardour, before: dict[str, list[Region]]) -> dict[str, list[Region]]:
    """Return what is on these tracks once there is more than before on each."""
    wait_until(
        lambda: all(len(ardour.regions(track)) > len(old) for track, old in before.items()),
        "the results",
        ardour.folder,
        seconds=300,
    )
    return {track: ardour.regions(track) for track in before}


@pytest.fixture(scope="module")
def in_place(ardour: Ardour) -> InPlace:
    """Press the four actions, each on its own track; undo and redo them one by one; save."""
    before = {track: ardour.regions(track) for track in GESTURES}
    jobs = {}
    for track, action in GESTURES.items():
        if track == "Fill":
            ardour.select_range(track, *SELECTED)
        else:
            ardour.select_region(track)
        ardour.press(action)
        jobs[track] = ardour.job()
    after = wait_for_results(ardour, before)
    undone = []
    for _ in GESTURES:
        ardour.ask("Editor:undo (1)")
        undone.append({track: ardour.regions(track) for track in GESTURES})
    ardour.ask(f"Editor:redo ({len(GESTURES)})")
    ardour.save()
    saved, played = ardour.read(ALL)
    return InPlace(before, after, undone, jobs, saved, played)


@pytest.mark.parametrize("track", GESTURES)
def test_the_new_music_lies_where_it_belongs_to_the_sample(in_place: InPlace, track: str) -> None:
    new = in_place.after[track][-1]
    expected = {
        "Fill": (SELECTED[0], SELECTED[1] - SELECTED[0]),
        "Continue": (END, 4 * RATE),
        "Loop": (END, in_place.done(track)["samples"]),
        "Reshape": (AT, len(CLIP)),
    }[track]
    assert (new.start, new.length) == expected


def test_a_loop_is_full_bars_of_the_sessions_tempo(in_place: InPlace) -> None:
    looped = in_place.after["Loop"][-1]
    assert (looped.start + looped.length - AT) % (2 * RATE) == 0  # 120 bpm, 4/4


@pytest.mark.parametrize("track", GESTURES)
def test_the_original_stays_under_the_result(in_place: InPlace, track: str) -> None:
    assert in_place.after[track][:-1] == in_place.before[track]


def test_one_undo_restores_one_track(in_place: InPlace) -> None:
    for times, now in enumerate(in_place.undone, start=1):
        restored = [track for track in GESTURES if now[track] == in_place.before[track]]
        untouched = [track for track in GESTURES if now[track] == in_place.after[track]]
        assert (len(restored), len(untouched)) == (times, len(GESTURES) - times)


@pytest.mark.parametrize("track", GESTURES)
def test_a_copy_of_the_track_as_it_was_is_kept(in_place: InPlace, track: str) -> None:
    copies = [line for line in in_place.saved if line[:3] == ["region", track, "other"]]
    (before,) = in_place.before[track]
    assert [(int(line[3]), int(line[4])) for line in copies] == [(before.start, before.length)]


@pytest.mark.parametrize("track", ["Fill", "Continue", "Loop"])
def test_what_is_played_is_the_result_and_outside_bit_for_bit_the_clip(
    in_place: InPlace, track: str
) -> None:
    expected = np.zeros((ALL, 2), np.float32)
    expected[AT:END] = CLIP
    result, _ = soundfile.read(in_place.jobs[track] / "result.wav", dtype="float32")
    new = in_place.after[track][-1]
    assert len(result) == new.length
    expected[new.start : new.start + new.length] = result
    assert np.array_equal(in_place.played[track], expected)


def test_a_reshaped_region_grows_louder_as_its_gain_curve_does(in_place: InPlace) -> None:
    result, _ = soundfile.read(in_place.jobs["Reshape"] / "result.wav", dtype="float32")
    quarters = [np.sqrt(np.mean(part**2)) for part in np.array_split(result, 4)]
    assert quarters[0] < quarters[1] < quarters[3]


def test_the_request_tells_the_sessions_tempo_and_bars(in_place: InPlace) -> None:
    music = request(in_place.jobs["Fill"])["spec"]["music"]
    assert music["bpm"] == 120
    # The clip begins in the middle of the first bar; bar 2 of the session is one second into it.
    assert (music["beat_offset"] - 1) % 2 == 0


def test_nothing_is_left_to_do_once_results_are_saved(ardour: Ardour, in_place: InPlace) -> None:
    assert not ardour.jobs.joinpath("waiting").read_text().strip()
    assert all(job.joinpath("taken").exists() for job in in_place.jobs.values())
    assert not [name for name in ardour.markers() if name.startswith("DITTO")]


def test_the_other_actions_place_theirs_too(ardour: Ardour) -> None:
    before = {track: ardour.regions(track) for track in ("Fill", "Continue", "Loop")}
    ardour.settings(quality="draft")
    ardour.select_range("Fill", *SELECTED)
    ardour.press_and_answer("DITTO: Follow melody of track", "alt+o")
    ardour.select_range("Loop", AT, AT + 4 * RATE)
    melody = request(ardour.job())["spec"]["controls"][0]
    ardour.ask(FORM)
    ardour.press("DITTO: Structure from markers")
    structure = request(ardour.job())["spec"]["controls"][0]
    ardour.settings(quality="draft", seconds=0.5, takes=2)
    ardour.select_region("Continue")
    ardour.press("DITTO: Continue before")
    after = wait_for_results(ardour, before)
    assert spans(after["Fill"])[-1] == (SELECTED[0], SELECTED[1] - SELECTED[0])
    assert (AT, 4 * RATE) in spans(after["Loop"])
    assert (AT - RATE // 2, RATE // 2) in spans(after["Continue"])
    assert melody["kind"] == "melody"
    assert structure["sections"][:2] == [["A", 2], ["B", 2]]
    assert "Continue, Continue before, bar 1, take 2" in ardour.playlists("Continue")


def test_another_take_is_the_same_with_the_next_seeds(ardour: Ardour) -> None:
    last = ardour.job()
    before = {"Continue": ardour.regions("Continue")}
    ardour.press("DITTO: Another take")
    expected = request(last)
    expected["spec"]["seed"] += expected["spec"]["takes"]
    assert request(ardour.job()) == expected
    after = wait_for_results(ardour, before)["Continue"]
    assert spans(after).count((AT - RATE // 2, RATE // 2)) == 2


def test_collect_results_places_what_nobody_waits_for(ardour: Ardour) -> None:
    ardour.save()
    wait_until(ardour.job().joinpath("taken").exists, "the job to be taken", ardour.folder)
    ardour.job().joinpath("taken").unlink()
    before = {"Continue": ardour.regions("Continue")}
    ardour.press_and_answer("DITTO: Collect results", "alt+c")
    assert len(wait_for_results(ardour, before)["Continue"]) == len(before["Continue"]) + 1


def begin(ardour: Ardour) -> Path:
    """Press what takes long, wait until the search is under way, and return the job's folder."""
    ardour.settings(quality="best")
    ardour.ask(CRESCENDO)
    ardour.select_range("Reshape", AT, AT + 2 * RATE)
    ardour.press("DITTO: Reshape to region gain")
    job = ardour.job()
    progress = job / "progress.json"
    wait_until(
        lambda: progress.exists() and "iteration" in progress.read_text(), "work", ardour.folder
    )
    return job


def told(ardour: Ardour) -> list[str]:
    """Return what the markers of ours say."""
    return [name for name in ardour.markers() if name.startswith("DITTO: ")]


def test_cancel_frees_the_worker_and_changes_nothing(ardour: Ardour, ditto: Ditto) -> None:
    before = ardour.regions("Reshape")
    job = begin(ardour)
    wait_until(lambda: any("iteration" in name for name in told(ardour)), "news", ardour.folder)
    ardour.press("DITTO: Cancel")
    wait_until(job.joinpath("failed.json").exists, "the end", ardour.folder)
    assert json.loads((job / "failed.json").read_text())["code"] == "CANCELLED"
    status = json.loads(ditto.start("status", "--json").communicate(timeout=30)[0])
    assert status["worker"] == "idle", status
    wait_until(lambda: not told(ardour), "the marker to go", ardour.folder)
    assert ardour.regions("Reshape") == before
    assert not ardour.dialog()


def test_the_daemons_death_is_told_and_the_music_comes_all_the_same(
    ardour: Ardour, ditto: Ditto
) -> None:
    before = {"Reshape": ardour.regions("Reshape")}
    job = begin(ardour)
    ardour.press("DITTO: Finish now")
    os.kill(ditto.daemon_pid(), signal.SIGKILL)
    after = wait_for_results(ardour, before)["Reshape"][-1]
    assert (after.start, after.length) == (AT, 2 * RATE)
    assert job.joinpath("done.json").exists()


def test_what_was_finished_while_ardour_was_dead_is_offered_and_placed(ardour: Ardour) -> None:
    ardour.save()
    ardour.settings(quality="draft")
    before = {"Fill": ardour.regions("Fill")}
    ardour.select_range("Fill", *SELECTED)
    ardour.press("DITTO: Fill selection")
    job = ardour.job()
    ardour.kill()
    wait_until(job.joinpath("done.json").exists, "the job", ardour.folder)
    ardour.start()
    wait_until(ardour.dialog, "the question", ardour.folder)
    ardour.key("alt+y")
    after = wait_for_results(ardour, before)["Fill"]
    assert (after[-1].start, after[-1].length) == (SELECTED[0], SELECTED[1] - SELECTED[0])


def test_where_ditto_cannot_be_started_a_message_says_what_to_do(ardour: Ardour) -> None:
    command = Path(ardour.environment["DITTO_COMMAND"])
    aside = command.rename(command.with_name("aside"))
    ardour.select_range("Fill", *SELECTED)
    ardour.press("DITTO: Fill selection")
    wait_until(ardour.dialog, "the message", ardour.folder)
    assert "not found" in (ardour.job() / "unstarted").read_text()
    ardour.key("alt+c")
    wait_until(lambda: not ardour.dialog(), "the message to go", ardour.folder)
    aside.rename(command)
    assert not told(ardour)
