"""Forms in words and marker files: sections in order, gaps that ask for nothing, faults named."""

from pathlib import Path

import pytest

from bridge.formats.forms import form_of
from bridge.formats.lengths import length_of
from bridge.formats.markers import markers_of
from bridge.formats.problems import ProblemsError
from plugin_protocol.controls import Section

ABA = (Section("A", 2.0), Section("B", 2.0), Section("A", 2.0))


def test_a_form_in_seconds_and_one_in_bars() -> None:
    assert form_of("A:2 B:2 A:2", "--structure") == (ABA, "seconds")
    bars = (Section("verse", 1.0), Section("chorus", 2.0))
    assert form_of("verse:1bar chorus:2bars", "--structure") == (bars, "bars")


def test_a_dash_asks_for_nothing() -> None:
    assert form_of("A:1 -:2 B:1", "--structure")[0][1] == Section("", 2.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "--structure is empty"),
        ("A B A", "'A' has no label or no length"),
        ("A: B:2", "'A:': '' is no length"),
        ("A:0 B:2", "'A:0': '0' is no length"),
        ("A:-1 B:2", "'A:-1': '-1' is no length"),
        ("A:nan B:2", "'nan' is no length"),
        (":2 B:2", "':2' has no label"),
        ("A:2 B:1bar", "has both seconds and bars"),
        ("A:two B:2", "'two' is no length"),
    ],
)
def test_what_is_no_form_is_refused(text: str, words: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        form_of(text, "--structure")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2", (2, "seconds")),
        ("1.5s", (1.5, "seconds")),
        ("2bars", (2, "bars")),
        ("1 bar", (1, "bars")),
        (".5", (0.5, "seconds")),
    ],
)
def test_lengths_are_seconds_unless_they_are_bars(text: str, length: tuple[float, str]) -> None:
    assert length_of(text, "--loop-period") == length


@pytest.mark.parametrize("text", ["", "0", "-2", "bars", "2 beats", "inf", "nan", "2bars2"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ProblemsError, match=r"--loop-period: .* is no length"):
        length_of(text, "--loop-period")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.txt", "0.000000\t2.000000\tA\n2.000000\t4.000000\tB\n4.000000\t6.000000\tA\n"),
        ("m.txt", "0\t2\tA\n\\\t100\t200\n2\t4\tB\n4\t6\tA\n"),
        ("m.txt", "0\t0\tA\n2\t2\tB\n4\t4\tA\n"),
        ("m.csv", "start,end,label\n0,2,A\n2,4,B\n4,6,A\n"),
        ("m.csv", "time,label\n0,A\n2,B\n4,A\n"),
        ("m.csv", "2,4,B\n4,6,A\n0,2,A\n"),
        ("m.json", '[[0, 2, "A"], [2, 4, "B"], [4, 6, "A"]]'),
        ("m.json", '{"markers": [{"start": 0, "label": "A"}, {"start": 2, "label": "B"}, '
         '{"start": 4, "end": 6, "label": "A"}]}'),
    ],
)  # fmt: skip
def test_marker_files_of_every_kind_say_the_same(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert markers_of(tmp_path / name, 6.0) == ABA


def test_gaps_between_markers_ask_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("1\t2\tA\n3\t4\tB\n")
    labels = [(section.label, section.length) for section in markers_of(tmp_path / "m.txt", 6.0)]
    assert labels == [("", 1), ("A", 1), ("", 1), ("B", 1)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("m.txt", "", "holds no markers"),
        ("m.txt", "0\t2\tA\nverse\n", "line 2: write start, end and label"),
        ("m.csv", "0,2,A\n1,3,B\n", "'B' starts at 1 s, before the one before it ends (2 s)"),
        ("m.csv", "0,2,A\n3,2.5,B\n", "marker 'B' at 3 s has no right times"),
        ("m.csv", "-1,2,A\n2,3,B\n", "marker 'A' at -1 s has no right times"),
        ("m.csv", "0,nan,A\n", "has no right times"),
        ("m.csv", "0,2,A\n6,6,B\n", "marker 'B' at 6 s has no length"),
        ("m.json", '[[0, 2]]', "marker 1: write [start, end, label]"),
        ("m.json", '{"a": 1}', "holds no markers"),
    ],
)  # fmt: skip
def test_what_holds_no_form_is_refused(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ProblemsError) as caught:
        markers_of(tmp_path / name, 6.0)
    assert words in str(caught.value)
