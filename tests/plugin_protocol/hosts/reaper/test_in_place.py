"""New music in REAPER: where it lies, sample by sample, and what one undo restores."""

import copy
from typing import Any

import numpy as np
import pytest
from pretend_reaper.model import Envelope
from pretend_reaper.sound import heard, played
from pretend_reaper.studio import RATE, Studio


def state_of(studio: Studio) -> list[Any]:
    return copy.deepcopy(studio.project.state())


def changed_frames(studio: Studio, take: int = -1) -> tuple[int, int]:
    """Return the first frame at which a take of the item differs from its first, and the last."""
    item = studio.item
    count = len(heard(item))
    differs = played(item, item.takes[0], 0, count) != played(item, item.takes[take], 0, count)
    frames = np.flatnonzero(differs.any(axis=1))
    return int(frames[0]), int(frames[-1])


def test_a_fill_changes_the_selection_to_the_sample_and_nothing_else(studio: Studio) -> None:
    studio.project.selection = (11.0, 12.5)
    studio.reaper.run("Fill selection")
    assert changed_frames(studio) == (1 * RATE, 2.5 * RATE - 1)
    assert np.all(heard(studio.item)[RATE : RATE * 5 // 2] == 0.25)
    assert studio.item.values["D_LENGTH"] == 4.0


def test_one_undo_restores_the_project(studio: Studio) -> None:
    before = state_of(studio)
    studio.project.selection = (11.0, 12.5)
    studio.reaper.run("Fill selection")
    assert [name for name, _ in studio.project.undo] == ["DITTO: Fill selection"]
    assert studio.project.state() != before
    studio.project.undo_once()
    assert studio.project.state() == before


def test_the_original_take_stays_and_the_new_one_is_heard(studio: Studio) -> None:
    original = studio.take
    studio.project.selection = (11.0, 12.5)
    studio.reaper.run("Fill selection")
    assert studio.item.takes[0] is original
    assert studio.take.texts["P_NAME"] == "DITTO fill 1 (seed 0)"
    assert '"manifest": "' in studio.take.texts["P_EXT:ditto"]


def test_every_take_that_was_asked_for_is_there(studio: Studio) -> None:
    studio.set("takes", 3)
    studio.set("seed", 7)
    studio.project.selection = (11.0, 12.5)
    studio.reaper.run("Fill selection")
    assert [take.texts["P_NAME"] for take in studio.item.takes[1:]] == [
        f"DITTO fill {number} (seed {number + 6})" for number in (1, 2, 3)
    ]
    assert len(studio.project.undo) == 1


def test_a_selection_between_samples_takes_the_nearest(studio: Studio) -> None:
    studio.item.values["D_POSITION"] = 10.00001
    studio.project.selection = (11.00002, 12.50003)
    studio.reaper.run("Fill selection")
    assert changed_frames(studio) == (RATE, 2.5 * RATE - 1)


def test_razor_edits_are_filled_all_at_once(studio: Studio) -> None:
    edits = '10.5 11.0 "" 12.0 12.25 "" 13.0 14.0 "{AN-ENVELOPE}"'
    studio.project.tracks[0].texts["P_RAZOREDITS"] = edits
    studio.reaper.run("Fill selection")
    assert studio.asked()["job"]["regions"] == [
        {"start": 0.5, "end": 1.0},
        {"start": 2.0, "end": 2.25},
    ]


@pytest.mark.parametrize("how", ["slow", "reversed", "looped", "trimmed", "mono"])
def test_an_item_is_filled_as_it_is_heard(studio: Studio, how: str) -> None:
    take, values = studio.take, studio.take.values
    assert take.source is not None
    if how == "slow":
        values["D_PLAYRATE"] = 0.75
    elif how == "reversed":
        take.source.is_reversed = take.source.is_section = True
    elif how == "looped":
        values["D_STARTOFFS"], studio.item.values["D_LENGTH"] = 3.0, 9.0
    elif how == "trimmed":
        values["D_STARTOFFS"], studio.item.values["D_LENGTH"] = 0.5, 3.0001
    elif how == "mono":
        values["I_CHANMODE"] = 2
    before = heard(studio.item)
    studio.project.selection = (11.0, 12.0)
    studio.reaper.run("Fill selection")
    after = heard(studio.item)
    assert studio.take is not take
    assert np.array_equal(after[:RATE], before[:RATE])
    assert np.array_equal(after[2 * RATE :], before[2 * RATE :])
    assert np.all(after[RATE : 2 * RATE] == 0.25)


def test_volume_pan_and_effects_of_the_take_go_on_and_are_not_heard_twice(studio: Studio) -> None:
    studio.take.values |= {"D_VOL": 0.5, "D_PAN": -0.3}
    studio.take.effects = ["ReaEQ", "ReaVerb"]
    studio.item.values["D_VOL"] = 0.7
    before = heard(studio.item)
    studio.project.selection = (11.0, 12.5)
    studio.reaper.run("Fill selection")
    assert np.array_equal(heard(studio.item)[:RATE], before[:RATE])
    assert (studio.take.values["D_VOL"], studio.take.values["D_PAN"]) == (0.5, -0.3)
    assert studio.take.effects == ["ReaEQ", "ReaVerb"]


def test_a_heard_volume_envelope_is_in_the_audio_of_the_new_take(studio: Studio) -> None:
    before = heard(studio.item)
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.25), (4.0, 1.0)])]
    studio.project.selection = (13.0, 13.5)
    studio.reaper.run("Fill selection")
    gain = np.interp(np.arange(3 * RATE) / RATE, [0, 4], [0.25, 1.0])[:, None]
    assert studio.take.envelopes == []
    assert np.allclose(heard(studio.item)[: 3 * RATE], before[: 3 * RATE] * gain, atol=1e-6)


def test_an_envelope_that_is_off_changes_nothing(studio: Studio) -> None:
    before = heard(studio.item)
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.25), (4.0, 1.0)], active=False)]
    studio.project.selection = (13.0, 13.5)
    studio.reaper.run("Fill selection")
    assert np.array_equal(heard(studio.item)[: 3 * RATE], before[: 3 * RATE])


def test_a_continued_item_is_longer_by_what_is_marked_behind_it(studio: Studio) -> None:
    before, was = heard(studio.item), state_of(studio)
    studio.project.selection = (14.0, 15.25)
    studio.reaper.run("Continue item after its end")
    after = heard(studio.item)
    assert len(after) == (4 + 1.25) * RATE
    assert np.array_equal(after[: 4 * RATE], before)
    assert np.all(after[4 * RATE :] == 0.25)
    assert studio.item.values["D_POSITION"] == 10.0
    studio.project.undo_once()
    assert studio.project.state() == was


def test_where_nothing_is_marked_an_item_is_continued_by_bars(studio: Studio) -> None:
    studio.set("bars", 3)
    studio.project.bpm, studio.project.meter = 90.0, (6, 8)
    studio.reaper.run("Continue item after its end")
    assert studio.asked()["job"] == {"kind": "outpaint", "seconds": 6.0, "side": "after"}
    assert len(heard(studio.item)) == (4 + 6) * RATE


def test_the_original_does_not_begin_again_behind_its_end(studio: Studio) -> None:
    studio.project.selection = (14.0, 15.0)
    studio.reaper.run("Continue item after its end")
    studio.item.active = 0
    assert not heard(studio.item)[4 * RATE :].any()


def test_a_lead_in_moves_the_start_and_nothing_that_was_there(studio: Studio) -> None:
    before, was = heard(studio.item), state_of(studio)
    studio.project.selection = (8.5, 10.0)
    studio.reaper.run("Continue item before its start")
    assert studio.item.values["D_POSITION"] == 8.5
    after = heard(studio.item)
    assert len(after) == (4 + 1.5) * RATE
    assert np.all(after[: 3 * RATE // 2] == 0.25)
    assert np.array_equal(after[3 * RATE // 2 :], before)
    studio.item.active = 0
    assert np.array_equal(heard(studio.item)[3 * RATE // 2 :], before)
    studio.project.undo_once()
    assert studio.project.state() == was


def test_a_lead_in_takes_envelopes_of_other_takes_along(studio: Studio) -> None:
    studio.take.values["D_PLAYRATE"] = 2.0
    studio.take.envelopes = [Envelope("Volume", [(0.0, 1.0), (4.0, 0.5)])]
    studio.project.selection = (9.0, 10.0)
    studio.reaper.run("Continue item before its start")
    assert studio.item.takes[0].envelopes[0].points == [(2.0, 1.0), (6.0, 0.5)]


def test_there_is_no_music_before_the_project(studio: Studio) -> None:
    studio.item.values["D_POSITION"] = 1.5
    studio.set("bars", 8)
    studio.reaper.run("Continue item before its start")
    assert studio.item.values["D_POSITION"] == 0.0
    assert studio.asked()["job"]["seconds"] == 1.5


def test_a_loop_ends_where_it_begins_and_repeats(studio: Studio) -> None:
    before = heard(studio.item)
    studio.reaper.run("Make loop")
    assert studio.item.values["D_LENGTH"] == 5.0
    assert studio.item.values["B_LOOPSRC"] == 1.0
    studio.item.values["D_LENGTH"] = 10.0
    twice = heard(studio.item)
    assert np.array_equal(twice[: 4 * RATE], before)
    assert np.array_equal(twice[5 * RATE :], twice[: 5 * RATE])


@pytest.mark.parametrize("is_heard", [True, False])
def test_only_the_selection_is_reshaped(studio: Studio, is_heard: bool) -> None:
    studio.take.envelopes = [Envelope("Volume", [(0.0, 0.25), (4.0, 1.0)], active=is_heard)]
    original = heard(studio.item)
    gain = np.interp(np.arange(4 * RATE) / RATE, [0, 4], [0.25, 1.0])[:, None]
    before = original * gain if is_heard else original
    studio.project.selection = (11.0, 12.0)
    studio.reaper.run("Reshape to envelope")
    after = heard(studio.item)
    assert np.all(after[RATE : 2 * RATE] == 0.25)
    assert np.allclose(after[:RATE], before[:RATE], atol=1e-6)
    assert np.allclose(after[2 * RATE :], before[2 * RATE :], atol=1e-6)


def test_music_stays_in_place_where_the_item_is_trimmed_meanwhile(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_DITTO", "patient")
    studio.project.selection = (11.0, 12.0)
    studio.reaper.act("Fill selection")
    studio.reaper.pump(lambda: len(list(studio.folder.glob("ditto/*/progress.json"))) == 1)
    # The left edge moves half a second to the right.
    studio.item.values |= {"D_POSITION": 10.5, "D_LENGTH": 3.5}
    studio.take.values["D_STARTOFFS"] = 0.5
    (studio.jobs[0] / "go").touch()
    studio.reaper.pump()
    assert changed_frames(studio) == (RATE // 2, RATE * 3 // 2 - 1)
