"""Continuations whose answer is known: a clip that goes on as it is, and one that does not."""

from dataclasses import replace

import numpy as np
import pytest

from engine.evaluation.embedded.continuation import (
    COLUMNS,
    NEW_SECONDS,
    OLD_SECONDS,
    Tally,
    rhythm_of,
    table,
)
from engine.models.mel_codec import MelCodec
from engine.training.corpus.composition import compose

RATE = 44100
PIECE = replace(compose(0)[0], root="C", mode="major", bpm=120, offset=0.0, drums=True)
SCALE = (0, 4, 7, 12, 11, 7, 5, 2)
CODEC = MelCodec()


def clip(*, late: float = 0.0, bpm: float = 120.0, transposed: int = 0) -> np.ndarray:
    """Notes of C major on the beats; after OLD_SECONDS, `late` beats late, or otherwise played."""
    total = round((OLD_SECONDS + NEW_SECONDS) * RATE)
    audio = np.zeros(total + RATE)
    time = np.arange(RATE // 4) / RATE
    for is_new in (False, True):
        beat = 60 / (bpm if is_new else 120.0)
        start, end = (OLD_SECONDS, OLD_SECONDS + NEW_SECONDS) if is_new else (0.0, OLD_SECONDS)
        for i in range(int((end - start) / beat)):
            at = round((start + (i + late * is_new) * beat) * RATE)
            pitch = SCALE[i % len(SCALE)] + transposed * is_new
            tone = np.sin(2 * np.pi * 261.63 * 2 ** (pitch / 12) * time) * np.exp(-12 * time)
            audio[at : at + len(time)] += 0.3 * tone
    return np.stack([audio[:total]] * 2).astype(np.float32)


@pytest.mark.parametrize("late", [0.0, 0.2, 0.4, -0.3])
def test_onsets_are_displaced_by_as_much_as_they_come_late(late: float) -> None:
    whole = clip(late=late)
    assert rhythm_of(whole, PIECE, CODEC)[1] == pytest.approx(late, abs=0.08)


def test_another_tempo_is_heard() -> None:
    assert rhythm_of(clip(), PIECE, CODEC)[0]
    assert not rhythm_of(clip(bpm=95.0), PIECE, CODEC)[0]


def test_what_goes_on_as_it_was_agrees_in_everything_and_a_tritone_away_in_key_no_more() -> None:
    goes_on, moved = Tally(), Tally()
    goes_on.add(clip(), PIECE, CODEC)
    moved.add(clip(transposed=6), PIECE, CODEC)
    assert goes_on.means[0] == goes_on.means[2] == goes_on.means[3] == 1
    assert moved.means[0] == 0
    assert moved.means[1] < goes_on.means[1] - 0.3
    lines = list(table({"a": goes_on, "b": moved}, 1))
    assert {line.count("|") for line in lines} == {len(COLUMNS) + 2}
