"""Keys of scales that are played."""

import numpy as np
import pytest

from engine.evaluation.embedded.harmony import chroma, close_keys, in_key, key_of

RATE = 44100
MAJOR = (0, 2, 4, 5, 7, 9, 11)


def scale(root: int) -> np.ndarray:
    """Four seconds of all notes of a major scale, tonic and fifth louder, (1, samples)."""
    time = np.arange(RATE * 4) / RATE
    loudness = {0: 2.0, 7: 1.6}
    notes = [
        loudness.get(step, 1.0) * np.sin(2 * np.pi * 261.63 * 2 ** ((root + step) / 12) * time)
        for step in MAJOR
    ]
    return (0.05 * np.sum(notes, 0)).astype(np.float32)[None]


@pytest.mark.parametrize("root", [0, 2, 7, 9])
def test_a_scale_lies_in_its_key_and_is_heard_as_it(root: int) -> None:
    (notes,) = chroma(scale(root), RATE)
    assert in_key(notes, (root, "major")) > 0.8
    assert key_of(notes) == (root, "major")


def test_seven_notes_of_equal_strength_of_twelve_are_chance() -> None:
    assert in_key(np.ones(12), (3, "dorian")) == pytest.approx(7 / 12)


def test_keys_are_close_that_share_six_notes() -> None:
    def notes(root: int, steps: tuple[int, ...]) -> set[int]:
        return {(root + step) % 12 for step in steps}

    minor = (0, 2, 3, 5, 7, 8, 10)
    keys = {(r, m): notes(r, s) for r in range(12) for m, s in (("major", MAJOR), ("minor", minor))}
    for one, first in keys.items():
        close = [other for other in keys if close_keys(one, other)]
        assert close == [other for other, second in keys.items() if len(first & second) >= 6]
        assert len(close) == 6


def test_modes_are_as_close_as_their_notes() -> None:
    assert close_keys((2, "dorian"), (0, "major"))
    assert close_keys((7, "mixolydian"), (9, "minor"))
    assert not close_keys((0, "mixolydian"), (6, "major"))
