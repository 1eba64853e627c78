"""Tempo and key in words."""

import pytest

from engine.models.families.words import in_words
from engine.models.music_model import MusicalContext


@pytest.mark.parametrize(("prompt", "told"), [
    ("warm pad", "warm pad, 128 BPM, C minor"),
    ("warm pad, 90 bpm", "warm pad, 90 bpm, C minor"),
    ("pad in F# major", "pad in F# major, 128 BPM"),
    ("", "128 BPM, C minor"),
])  # fmt: skip
def test_what_the_prompt_says_itself_is_not_said_again(prompt: str, told: str) -> None:
    assert in_words(prompt, MusicalContext(bpm=128.2, key="C minor")) == told


def test_what_is_not_known_is_not_said() -> None:
    assert in_words(" warm pad ", MusicalContext()) == "warm pad"
