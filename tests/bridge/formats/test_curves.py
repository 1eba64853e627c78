"""Curves as text, .csv and .json: the same points from each, every fault with its place."""

import json
from pathlib import Path

import pytest

from bridge.formats.curves import curve_of, curve_of_csv, curve_of_json
from bridge.formats.problems import ProblemsError

POINTS = ((0.0, -30.0), (4.0, -12.5), (8.0, -20.0))


def test_text_csv_and_json_say_the_same(tmp_path: Path) -> None:
    table, plain, named = (tmp_path / name for name in ("c.csv", "c.json", "n.json"))
    table.write_text("seconds,dB\n" + "\n".join(f"{t},{level}" for t, level in POINTS))
    plain.write_text(json.dumps(POINTS))
    named.write_text(json.dumps({"points": POINTS}))
    assert curve_of("0:-30 4:-12.5 8:-20", "--intensity") == POINTS
    assert curve_of("0:-30, 4:-12.5, 8:-20", "--intensity") == POINTS
    assert curve_of_csv(table) == curve_of_json(plain) == curve_of_json(named) == POINTS


@pytest.mark.parametrize("mark", [",", ";", "\t", ", "])
@pytest.mark.parametrize("header", ["", "time{}level\n", "\ufeffs{}dB\n"])
def test_tables_of_any_program_are_read(mark: str, header: str, tmp_path: Path) -> None:
    rows = "".join(f"{t}{mark}{level}\r\n" for t, level in POINTS)
    (tmp_path / "c.csv").write_text(header.format(mark) + rows + "\n", encoding="utf-8")
    assert curve_of_csv(tmp_path / "c.csv") == POINTS


def test_every_bad_word_is_named() -> None:
    with pytest.raises(ProblemsError) as caught:
        curve_of("0:-30 four:-12 8", "--intensity")
    first, second = caught.value.sentences
    assert first.startswith("--intensity: 'four:-12' is no point. Write seconds:dB")
    assert second.startswith("--intensity: '8' is no point.")


@pytest.mark.parametrize("text", ["", "  ", ","])
def test_an_empty_curve_is_called_empty(text: str) -> None:
    with pytest.raises(ProblemsError, match="--intensity is empty"):
        curve_of(text, "--intensity")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.csv", "s,dB\n0,-30\n4\n5,x\n", "c.csv, line 3: write seconds,dB"),
        ("c.csv", "", "holds no points"),
        ("c.csv", "seconds,dB\n", "holds no points"),
        ("c.json", "[[0, -30], [4]]", "point 2: write [seconds, dB]"),
        ("c.json", "[[0, true], [4, 1]]", "point 1: write [seconds, dB]"),
        ("c.json", "[]", "holds no points"),
        ("c.json", '{"curve": 1}', "holds no points"),
        ("c.json", "[[0, -30],", "c.json is no JSON (line 1)"),
        ("none.csv", None, "none.csv does not exist"),
    ],
)
def test_a_file_without_a_curve_is_refused(
    name: str, text: str | None, words: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    read = curve_of_csv if name.endswith("csv") else curve_of_json
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path / name)
    assert words in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ProblemsError, match="no text in UTF-8"):
        curve_of_csv(tmp_path / "c.csv")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"0" * (2**20 + 1))
    with pytest.raises(ProblemsError, match="1 MiB of text is the most"):
        curve_of_csv(tmp_path / "c.csv")
