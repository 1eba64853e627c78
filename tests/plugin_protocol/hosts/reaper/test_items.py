"""REAPER's actions on what is selected: several items, further takes, and what is missing."""

from pathlib import Path

import numpy as np
import pytest
from pretend_reaper.model import Item, Track, item
from pretend_reaper.sound import heard
from pretend_reaper.studio import RATE, Studio, noise

YES, NO, CANCEL = 6, 7, 2


def test_every_selected_item_has_a_job_of_its_own(studio: Studio) -> None:
    bass = item(noise(studio.folder / "bass.wav", 3.0, channels=1), 11.0, "Bass")
    studio.project.tracks.append(Track([bass]))
    studio.project.selection = (12.0, 12.5)
    studio.reaper.run("Fill selection")
    assert len(studio.jobs) == 2
    for each, first in ((studio.item, 2.0), (bass, 1.0)):
        new = heard(each)[round(first * RATE) : round((first + 0.5) * RATE)]
        assert np.all(new == 0.25)


def test_another_take_has_the_next_seed(studio: Studio) -> None:
    studio.set("takes", 2)
    studio.project.selection = (9.0, 10.0)
    studio.reaper.run("Continue item before its start")
    length, start = studio.item.values["D_LENGTH"], studio.item.values["D_POSITION"]
    for _ in range(2):
        studio.reaper.run("Another take")
    assert [take.texts["P_NAME"] for take in studio.item.takes[1:]] == [
        f"DITTO lead-in {number} (seed {number - 1})" for number in (1, 2, 3, 4)
    ]
    assert np.all(heard(studio.item)[:RATE] == 0.25 + 3 / 8)
    played = [studio.item.takes.index(t) for t in studio.item.takes[1:]]
    for studio.item.active in played:
        assert np.array_equal(heard(studio.item)[RATE:], heard_first(studio.item))
    assert (studio.item.values["D_LENGTH"], studio.item.values["D_POSITION"]) == (length, start)


def heard_first(media: Item) -> np.ndarray:
    """Return the audio of the item's file, which its first take plays."""
    source = media.takes[0].source
    assert source is not None
    return source.samples


def test_a_project_that_was_never_saved_keeps_its_jobs_with_the_user(
    studio: Studio, tmp_path: Path
) -> None:
    studio.project.file = ""
    studio.project.selection = (11.0, 12.0)
    studio.reaper.run("Fill selection")
    root = tmp_path / "home" / ".local" / "share" / "ditto" / "jobs" / "reaper"
    assert len(list(root.glob("*-fill/take-1.wav"))) == 1
    studio.project.file = str(studio.folder / "song.rpp")
    studio.reaper.run("Another take")
    assert len(studio.item.takes) == 3


def test_another_take_works_after_the_project_was_saved_elsewhere(
    studio: Studio, tmp_path: Path
) -> None:
    studio.project.selection = (11.0, 12.0)
    studio.reaper.run("Fill selection")
    studio.project.file = str(tmp_path / "elsewhere" / "song.rpp")
    studio.reaper.run("Another take")
    assert len(studio.item.takes) == 3
    assert len(studio.jobs) == 2


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("Cancel", "DITTO is not at work in this project."),
        ("Finish now", "DITTO is not at work in this project."),
        ("Fill selection", "Nothing of the item is selected. Select the time"),
        ("Another take", "No take of this item was made by DITTO."),
        ("Reshape to envelope", "There is no envelope to follow. Draw a take volume envelope"),
        ("Structure from regions or markers", "No named region or marker lies here."),
        ("Follow melody of item", "Select two items"),
    ],
)
def test_what_is_missing_is_said(studio: Studio, action: str, sentence: str) -> None:
    studio.reaper.run(action)
    (box,) = studio.reaper.boxes
    assert box.startswith(sentence)
    assert not (studio.folder / "ditto").exists()


def test_no_item_and_no_audio_are_said(studio: Studio) -> None:
    studio.item.selected = False
    studio.reaper.run("Make loop")
    studio.item.selected, studio.take.source = True, None
    studio.reaper.run("Make loop")
    assert [box.split(".")[0] for box in studio.reaper.boxes] == [
        "No item is selected",
        "The selected item holds no audio",
    ]


def test_reaper_is_never_kept_waiting(studio: Studio) -> None:
    # On a machine so slow that each step takes all the time a script may have.
    studio.reaper.functions.seconds_each_look = 1.0
    studio.reaper.act("Make loop")
    sizes = []
    (job,) = studio.jobs
    while not (job / "job.json").exists():
        sizes.append((job / "item.wav").stat().st_size)
        deferred = studio.reaper.scripts[0].deferred
        deferred.pop()()
    # Half a second of audio in each step.
    assert len(sizes) >= 4 * 2
    studio.reaper.functions.seconds_each_look = 0.0
    studio.reaper.pump()


def test_every_accessor_is_given_back(studio: Studio) -> None:
    studio.reaper.run("Make loop")
    accessors = studio.reaper.functions.accessors
    assert accessors
    assert all(each.is_destroyed for each in accessors)
