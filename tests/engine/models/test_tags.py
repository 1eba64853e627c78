"""What a prompt is understood to say."""

import pytest

from engine.models.tags import parse_key, parse_tags, words


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("dark techno", "techno"),
        ("lo-fi beats to relax to", "hip hop"),
        ("a hip-hop loop", "hip hop"),
        ("Film Score, epic", "orchestral"),
        ("something nice", None),
    ],
)
def test_styles_and_their_synonyms_are_found(prompt: str, style: str | None) -> None:
    assert parse_tags(prompt).style == style


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("in A minor", ("A", "minor")),
        ("Bb major", ("A#", "major")),
        ("f sharp min", ("F#", "minor")),
        ("Cb maj", ("B", "major")),
        ("D dorian", ("D", "dorian")),
        ("a beautiful song", None),
        ("minor", None),
    ],
)
def test_keys_are_read_in_any_spelling(text: str, key: tuple[str, str] | None) -> None:
    assert parse_key(text) == key


def test_a_long_phrase_hides_the_words_inside_it() -> None:
    assert parse_tags("electric bass and synth bass").instruments == ("electric bass", "synth bass")


def test_a_style_of_two_words_names_no_instrument() -> None:
    tags = parse_tags("guitar rock with distorted guitar")
    assert (tags.style, tags.instruments) == ("rock", ("overdriven guitar",))


def test_tempo_is_read_with_its_unit_only() -> None:
    assert parse_tags("124 bpm in 1990").bpm == 124
    assert parse_tags("route 66").bpm is None


def test_an_empty_prompt_says_nothing() -> None:
    tags = parse_tags("")
    assert (tags.style, tags.root, tags.dynamics, tags.instruments) == (None, None, None, ())


def test_words_ignore_case_and_punctuation() -> None:
    assert words("Laid-back, F# groove!") == ["laid", "back", "f#", "groove"]
