"""A job's life in REAPER: progress, cancel, finish, failure, and what outlives REAPER."""

import copy
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pretend_reaper.machine import Script
from pretend_reaper.model import Project, Track, item
from pretend_reaper.sound import heard
from pretend_reaper.studio import RATE, Studio, noise

YES, NO, CANCEL = 6, 7, 2


@pytest.fixture
def patient(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """DITTO works until it is told to go on."""
    monkeypatch.setenv("STUB_DITTO", "patient")
    studio.project.selection = (11.0, 12.0)
    return studio


def begun(studio: Studio, jobs: int = 1) -> Callable[[], bool]:
    return lambda: len(list(studio.folder.glob("ditto/*/progress.json"))) == jobs


def begin_fill(studio: Studio) -> Script:
    script = studio.reaper.act("Fill selection")
    studio.reaper.pump(begun(studio))
    return script


def go(studio: Studio) -> None:
    for job in studio.jobs:
        (job / "go").touch()


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.01)


def test_the_window_says_what_is_going_on(patient: Studio) -> None:
    script = begin_fill(patient)
    patient.reaper.pump(lambda: "optimizing" in script.window.texts)
    assert "Fill selection, Guitar, bar 6" in script.window.texts
    go(patient)
    patient.reaper.pump()
    assert not script.window.is_open


@pytest.mark.parametrize("by", ["the action", "the window"])
def test_cancel_ends_the_job_and_changes_nothing(patient: Studio, by: str) -> None:
    before = copy.deepcopy(patient.project.state())
    script = begin_fill(patient)
    if by == "the action":
        patient.reaper.act("Cancel")
    else:
        patient.reaper.click(script, "Cancel")
    patient.reaper.pump()
    assert (patient.jobs[0] / "cancel").exists()
    assert patient.project.state() == before
    assert patient.project.undo == []
    assert patient.reaper.boxes == []


@pytest.mark.parametrize("by", ["the action", "the window"])
def test_finish_now_places_the_best_so_far(patient: Studio, by: str) -> None:
    script = begin_fill(patient)
    if by == "the action":
        patient.reaper.act("Finish now")
    else:
        patient.reaper.click(script, "Finish now")
    patient.reaper.pump()
    assert (patient.jobs[0] / "finish").exists()
    assert len(patient.item.takes) == 2


def test_a_closed_window_lets_the_job_go_on(patient: Studio) -> None:
    script = begin_fill(patient)
    script.window.is_closed_by_user = True
    patient.reaper.pump(lambda: not script.window.is_open)
    go(patient)
    patient.reaper.pump()
    assert len(patient.item.takes) == 2


def test_what_ditto_refuses_is_said_in_its_words(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_DITTO", "refusing")
    studio.reaper.run("Make loop")
    assert studio.reaper.boxes == ['No "music".']
    assert studio.project.undo == []


def test_without_ditto_a_sentence_says_what_to_do(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_COMMAND", "/not/there/ditto")
    studio.reaper.run("Make loop")
    (box,) = studio.reaper.boxes
    assert "/not/there/ditto" in box
    assert "ditto hosts install reaper" in box


def test_scripts_from_elsewhere_use_the_ditto_of_those_that_were_installed(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = os.environ["DITTO_COMMAND"]
    monkeypatch.delenv("DITTO_COMMAND")
    studio.reaper.run("Make loop")
    assert "it is not installed" in studio.reaper.boxes[0]
    installed = tmp_path / "REAPER" / "Scripts" / "DITTO" / "ditto_folder.lua"
    installed.parent.mkdir(parents=True)
    installed.write_text(f'-- @noindex\nlocal DITTO = "{command}"\n')
    studio.reaper.functions.resources = tmp_path / "REAPER"
    studio.reaper.run("Make loop")
    assert len(studio.item.takes) == 2


def test_a_result_that_came_after_reaper_was_killed_is_offered(patient: Studio) -> None:
    before = heard(patient.item)
    begin_fill(patient)
    reaper = patient.restart()
    go(patient)
    wait_for(patient.jobs[0] / "done.json")
    reaper.answers = [YES]
    reaper.act("Make loop")
    assert reaper.boxes == [
        '"Fill selection, Guitar, bar 6" has been finished: 1.000 s of new music.\n\n'
        "Put it into the project now?"
    ]
    after = heard(patient.item)
    assert np.all(after[RATE : 2 * RATE] == 0.25)
    assert np.array_equal(after[2 * RATE :], before[2 * RATE :])


def test_a_result_that_is_not_wanted_is_offered_once(patient: Studio) -> None:
    begin_fill(patient)
    reaper = patient.restart()
    go(patient)
    wait_for(patient.jobs[0] / "done.json")
    reaper.answers = [CANCEL, NO]
    for _ in range(3):
        patient.item.selected = False
        reaper.act("Make loop")
    assert sum("has been finished" in box for box in reaper.boxes) == 2
    assert len(patient.item.takes) == 1


def test_a_job_under_way_is_followed_by_the_next_reaper(patient: Studio) -> None:
    begin_fill(patient)
    reaper = patient.restart()
    patient.item.selected = False
    reaper.act("Make loop")
    go(patient)
    reaper.pump()
    assert [take.texts["P_NAME"] for take in patient.item.takes][1:] == ["DITTO fill 1 (seed 0)"]


def test_a_job_that_was_put_aside_goes_on_if_the_producer_says_so(patient: Studio) -> None:
    begin_fill(patient)
    reaper = patient.restart()
    (job,) = patient.jobs
    for process in reaper.processes:
        process.kill()
        process.wait(10)
    (job / "failed.json").write_text('{\n"code": "STOPPED",\n"message": "It was stopped."\n}\n')
    go(patient)
    patient.item.selected = False
    reaper.answers = [YES]
    reaper.act("Make loop")
    reaper.pump()
    assert "Go on with it?" in reaper.boxes[0]
    assert len(patient.item.takes) == 2


def test_work_that_died_is_begun_again(patient: Studio) -> None:
    script = begin_fill(patient)
    patient.reaper.pump(lambda: "optimizing" in script.window.texts)
    (process,) = patient.reaper.processes
    process.kill()
    process.wait(10)
    go(patient)
    patient.reaper.functions.seconds_ahead += 100
    patient.reaper.pump()
    assert len(patient.reaper.processes) == 2
    assert len(patient.item.takes) == 2


def test_a_program_that_says_nothing_is_named(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DITTO_COMMAND", "/bin/true")
    studio.reaper.act("Make loop")
    studio.reaper.pump(lambda: (studio.jobs[0] / "job.json").exists())
    studio.reaper.functions.seconds_ahead += 100
    studio.reaper.pump()
    assert studio.reaper.boxes == ["/bin/true did not start. Run `ditto doctor` in a terminal."]


def test_a_second_action_takes_the_first_ones_job_over(patient: Studio) -> None:
    first = begin_fill(patient)
    second = patient.reaper.act("Make loop")
    patient.reaper.pump(lambda: first not in patient.reaper.scripts)
    assert second in patient.reaper.scripts
    patient.reaper.pump(begun(patient, 2))
    go(patient)
    patient.reaper.pump()
    names = [take.texts["P_NAME"] for take in patient.item.takes][1:]
    assert sorted(names) == ["DITTO fill 1 (seed 0)", "DITTO loop 1 (seed 0)"]


def test_an_action_that_still_reads_keeps_its_job(patient: Studio) -> None:
    first = patient.reaper.act("Fill selection")
    second = patient.reaper.act("Make loop")
    assert {first, second} == set(patient.reaper.scripts)
    patient.reaper.pump(begun(patient, 2))
    go(patient)
    patient.reaper.pump()
    assert len(patient.item.takes) == 3


def test_the_same_action_again_is_one_more_job(patient: Studio) -> None:
    begin_fill(patient)
    patient.reaper.act("Fill selection")
    patient.reaper.pump(begun(patient, 2))
    go(patient)
    patient.reaper.pump()
    assert len(patient.item.takes) == 3


def test_music_goes_into_its_own_project_when_another_tab_is_in_front(
    patient: Studio, tmp_path: Path
) -> None:
    other = Project("", [Track([item(noise(tmp_path / "o.wav", 1.0), 0.0, "Other")])])
    patient.reaper.functions.tabs.append(other)
    begin_fill(patient)
    patient.reaper.functions.front = other
    go(patient)
    patient.reaper.pump()
    assert len(patient.item.takes) == 2
    assert len(other.items[0].takes) == 1
    assert other.undo == []


def test_a_tab_that_was_closed_gets_its_music_when_it_is_opened_again(patient: Studio) -> None:
    begin_fill(patient)
    tabs = patient.reaper.functions.tabs
    tabs[0] = patient.reaper.functions.front = Project()
    patient.reaper.pump()
    go(patient)
    wait_for(patient.jobs[0] / "done.json")
    tabs[0] = patient.reaper.functions.front = patient.project
    patient.reaper.answers = [YES]
    patient.item.selected = False
    patient.reaper.act("Make loop")
    assert len(patient.item.takes) == 2


def test_music_for_an_item_that_is_gone_is_not_lost(patient: Studio) -> None:
    begin_fill(patient)
    patient.project.tracks[0].items.clear()
    go(patient)
    patient.reaper.pump()
    (box,) = patient.reaper.boxes
    assert box == f"The item is no longer in the project. The music is in {patient.jobs[0]}."
    assert (patient.jobs[0] / "result.wav").exists()


def test_a_file_that_reaper_cannot_open_changes_nothing(patient: Studio) -> None:
    before = copy.deepcopy(patient.project.state())
    begin_fill(patient)
    file = str(patient.jobs[0] / "take-1.wav")
    patient.reaper.functions.unreadable.add(file)
    go(patient)
    patient.reaper.pump()
    assert patient.reaper.boxes == [f"REAPER cannot open {file}."]
    assert patient.project.state() == before
    assert patient.project.undo == []
