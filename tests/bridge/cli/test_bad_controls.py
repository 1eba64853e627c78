"""Controls that cannot be had: each fault told with its place and a way out, all at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import pytest


def assert_refused(outcome: Any, daemon: Any, *sentences: str) -> None:
    assert (outcome.status, outcome.out) in ((1, ""), (2, ""))
    lines = outcome.err.splitlines()
    assert all(line.startswith("ditto: ") for line in lines)
    assert len(lines) == len(sentences), outcome.err
    for line, words in zip(lines, sentences, strict=True):
        assert words in line
    assert daemon.calls == []


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        ("", "--intensity is empty. Write seconds:dB"),
        ("0:-30", "--intensity: a single point is no curve"),
        ("4:-30 0:-12", "point 2 at 0 s does not come after the one at 4 s"),
        ("0:-30 2:-12 2:-20", "point 3 at 2 s does not come after the one at 2 s"),
        ("0:-30 4:nan", "point 2 is not finite: 4 s, nan dB"),
        ("nan:-30 4:-12", "point 1 is not finite: nan s, -30 dB"),
        ("0:-30 4:inf", "point 2 is not finite: 4 s, inf dB"),
        ("-1:-30 4:-12", "point 1 (-1:-30) lies before 0 s"),
        ("0:-30 9:-12", "point 2 (9:-12) lies beyond the result, which is 6 s long. End at 6"),
        ("0:-30 4:40", "asks for 40 dB; -120 to 20 is possible"),
        ("0:-300 4:-12", "asks for -300 dB; -120 to 20 is possible"),
        ("loud.cvs", "'loud.cvs' is no point"),
        ("none.wav", "none.wav does not exist"),
        ("none.csv", "none.csv does not exist"),
        (" ".join(f"{n / 100}:-20" for n in range(513)), "has 513 points; 512 is the most"),
    ],
)
def test_a_curve_that_cannot_be_followed_is_refused(
    curve: str, words: str, ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    outcome = ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 6, "--intensity", curve)
    assert_refused(outcome, daemon, words)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--structure", "", "--structure is empty"),
        ("--structure", "A B", None),
        ("--structure", "A:0 B:2", "'0' is no length"),
        ("--structure", "A:6", "fewer than two sections have a label"),
        ("--structure", "A:2 A:2", "has a single label"),
        ("--structure", "A:2 -:2", "fewer than two sections have a label"),
        ("--structure", "A:4 B:4", "lasts 8 s, longer than the new music (6 s)"),
        ("--structure", "A:2bars B:2bars", "lasts 8 s, longer than the new music (6 s)"),
        ("--structure", "A:1 B:1bar", "has both seconds and bars"),
        ("--loop-period", "0", "--loop-period: '0' is no length"),
        ("--loop-period", "two", "is no length"),
        ("--loop-period", "7", "--loop-period: a period of 7 s does not fit into 6 s"),
        ("--loop-period", "4bars", "--loop-period lasts 8 s, longer than the music (6 s)"),
        ("--melody", "H4 1", "names no note"),
        ("--melody", "none.mid", "none.mid does not exist"),
        ("--text-match", " ", "--text-match: the description is empty"),
        ("--weight", "melody=1", "--weight melody weighs a control that is not asked for"),
        ("--weight", "loudness=1", "--weight takes NAME=VALUE with one of the names intensity"),
        ("--weight", "melody=0", "--weight takes a number of weight above 0"),
        ("--weight", "melody", "--weight takes a number of weight above 0"),
        ("--intensity-match", "shape", "Give --intensity too"),
        ("--melody-reading", "lead", "Give --melody too"),
        ("--from-take", "2", "Name it with --from"),
        ("--from", "none.wav", "none.ditto.json does not exist"),
    ],
)
def test_a_control_that_cannot_be_had_is_refused(
    option: str, value: str, words: str | None, ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    outcome = ditto(
        "generate", "-o", tmp_path / "o.wav", "--seconds", 6, "--bpm", 120, option, value
    )
    wanted = [words] if words else ["'A' has no label", "'B' has no label"]
    assert_refused(outcome, daemon, *wanted)


def test_a_midi_file_without_notes_is_refused(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    file = mido.MidiFile()
    file.tracks.append(mido.MidiTrack())
    file.save(tmp_path / "empty.mid")
    words = ("--melody", tmp_path / "empty.mid")
    outcome = ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 2, *words)
    assert_refused(outcome, daemon, "holds no notes beside drums")


def test_all_that_is_wrong_is_told_at_once(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    outcome = ditto(
        "generate", "-o", tmp_path / "o.wav", "--seconds", 4, "--intensity", "2:-30 1:50",
        "--melody", "X4 1", "--structure", "A:9", "--loop-period", "x", "--resample",
    )  # fmt: skip
    assert_refused(
        outcome,
        daemon,
        "'X4 1' names no note",
        "--loop-period: 'x' is no length",
        "--resample is about an earlier result",
        "does not come after",
        "fewer than two sections have a label",
        "asks for 50 dB",
        "--structure lasts 9 s",
    )


def test_what_is_asked_of_the_old_music_alone_is_refused(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    outcome = ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--intensity", "0:-30 2:-10")
    assert_refused(outcome, daemon, "where nothing is new; new music lies at 2-5 s")


def test_a_bad_clip_and_a_bad_curve_are_told_at_once(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    outcome = ditto("vary", tmp_path / "no.wav", "-o", tmp_path / "o.wav", "--intensity", "1:-3")
    assert_refused(outcome, daemon, "no.wav does not exist", "a single point is no curve")


def test_change_after_the_music_repeats_itself_is_a_contradiction(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    words = ("--loop-period", "2", "--structure", "A:2 B:2", "--intensity", "0:-30 4:-10")
    outcome = ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 6, *words)
    assert_refused(
        outcome,
        daemon,
        "--intensity goes on to 4 s, but --loop-period makes all after 2 s a repetition",
        "--structure goes on to 4 s, but --loop-period makes all after 2 s a repetition",
    )


def test_noise_of_another_model_is_refused(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    first = tmp_path / "first.wav"
    ditto("generate", "-o", first, "--seconds", 1, "--model", "other")
    daemon.calls.clear()
    words = ("--seconds", 1, "--from", first)
    outcome = ditto("generate", "-o", tmp_path / "o.wav", *words)
    assert_refused(outcome, daemon, "made by the model 'other'")
    outcome = ditto("generate", "-o", tmp_path / "o.wav", *words, "--from-take", 2)
    assert_refused(outcome, daemon, "has 1 takes. Give 1 to 1")


def document(tmp_path: Path, *controls: dict[str, Any], **fields: Any) -> Path:
    """Write a spec of six seconds of music."""
    job = {"kind": "generate", "seconds": 6}
    spec = {"schema": "ditto-spec/1", "job": job, "controls": controls, **fields}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    return tmp_path / "spec.json"


LOUD = {"kind": "intensity", "points": [[0, -30], [4, -12]]}


@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ([LOUD, LOUD], "$.controls[1] (intensity): it asks about the same time as intensity"),
        ([{**LOUD, "region": {"start": 0, "end": 3}}, {**LOUD, "region": {"start": 2, "end": 5}}],
         "it asks about the same time as intensity"),
        ([{**LOUD, "region": {"start": 3, "end": 1}}],
         "must end after it starts; got 3 to 1 s"),
        ([{**LOUD, "region": {"start": 7, "end": 9}}], "asks for 7 to 9 s of the result"),
        ([{**LOUD, "reference": {"path": "a.wav"}}], "both points and a reference are given"),
        ([{"kind": "melody"}], "neither notes nor a reference is given"),
        ([{"kind": "melody", "notes": [[0, 2, 60], [1, 3, 64]]}], "note 2 starts at 1 s"),
        ([{"kind": "melody", "notes": [[1, 1, 60]]}], "note 1 must end after it starts"),
        ([{"kind": "melody", "notes": [[5, 7, 60]]}], "note 1 ends at 7 s, beyond the result"),
        ([{"kind": "melody", "notes": [[5, 7]]}], "$.controls[0].notes[0]: "),
        ([{**LOUD, "points": [[0, "loud"], [1, 2]]}],
         "$.controls[0].points[0][1]: expected a number, got text"),
        ([{**LOUD, "wieght": 1}], "$.controls[0]: object contains unknown field 'wieght'"),
        ([{**LOUD, "weight": 0}], "$.controls[0].weight: expected a number > 0"),
        ([{"kind": "groove"}], "$.controls[0].kind: invalid value 'groove'"),
        ([{"kind": "structure", "sections": [["A", 0]]}], "$.controls[0].sections[0][1]: expected"),
    ],
)  # fmt: skip
def test_a_document_is_refused_by_the_place_of_its_fault(
    controls: list[dict[str, Any]], words: str, ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    outcome = ditto("run", document(tmp_path, *controls), "-o", tmp_path / "o.wav")
    lines = outcome.err.splitlines()
    assert (outcome.status, daemon.calls) == (1, [])
    assert words in lines[0]
    assert str(tmp_path / "spec.json") in lines[0]


def test_regions_that_do_not_meet_contradict_nothing(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    early, late = ({**LOUD, "region": {"start": s, "end": s + 2}} for s in (0, 2))
    outcome = ditto("run", document(tmp_path, early, late), "-o", tmp_path / "o.wav")
    assert outcome.status == 0, outcome.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[]", "$: expected an object, got a list"),
        ("{}", "$: object missing required field 'schema'"),
        ('{"schema": "other/1"}', "$.schema: 'other/1' is unknown here"),
        ('{"schema": "ditto-spec/1"}', "missing required field 'job'"),
        (
            '{"schema": "ditto-spec/1", "job": {"kind": "loop"}}',
            "clip: there is no clip to work on",
        ),
        ('{"schema": "ditto-spec/1", "job": {"kind": "generate", "seconds": NaN}}', "is no JSON"),
    ],
)
def test_what_is_no_document_is_refused(
    text: str, words: str, ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    (tmp_path / "spec.json").write_text(text)
    outcome = ditto("run", tmp_path / "spec.json", "-o", tmp_path / "o.wav")
    assert_refused(outcome, daemon, words)


def test_a_spec_is_no_result_to_go_on_from(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    words = ("--seconds", 1, "--from", document(tmp_path))
    outcome = ditto("generate", "-o", tmp_path / "o.wav", *words)
    assert_refused(outcome, daemon, "is a spec, of which nothing was made yet")
