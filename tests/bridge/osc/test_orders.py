"""A request in OSC words is what the command line makes of the same options."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from bridge.cli.app import ditto
from bridge.errors import BridgeError
from bridge.osc.grounds import Grounds
from bridge.osc.orders import asked, id_of, in_words
from bridge.spec import plain
from plugin_protocol.values import Region


@pytest.fixture
def grounds(tmp_path: Path) -> Grounds:
    (tmp_path / "music").mkdir()
    found = Grounds(tmp_path / "music")
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, 88200)
    soundfile.write(found.folder / "clip.wav", audio, 44100, subtype="FLOAT")
    soundfile.write(tmp_path / "outside.wav", audio, 44100, subtype="FLOAT")
    (found.folder / "curve.csv").write_text("0,-30\n2,-12\n")
    return found


@pytest.fixture
def spec(grounds: Grounds) -> Callable[..., Any]:
    def of(kind: str, *words: str) -> Any:
        return json.loads(json.dumps(plain(asked(kind, words, grounds).request.spec)))

    return of


def printed(folder: Path, kind: str, *words: str) -> Any:
    """Return what the command prints of the clip, called where the clip is."""
    clip = [] if kind == "generate" else [str(folder / "clip.wav")]
    done = CliRunner().invoke(ditto, [kind, *words, "--print-spec", *clip])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("kind", "words", "options"),
    [
        ("inpaint", "region 0.5 1.25", ["--region", "0.5-1.25"]),
        ("inpaint", "region 0 .5 1 1.5", ["--region", "0-.5", "--region", "1-1.5"]),
        ("outpaint", "seconds 2 side before", ["--seconds", "2", "--side", "before"]),
        ("outpaint", "prompt dry drums seed 7", ["--prompt", "dry drums", "--seed", "7"]),
        ("loop", "takes 3 quality draft", ["--takes", "3", "--quality", "draft"]),
        ("vary", "intensity 0:-30 2:-12", ["--intensity", "0:-30 2:-12"]),
        ("vary", "melody C4 1 E4 0.5", ["--melody", "C4 1, E4 0.5"]),
        ("vary", "melody C4 1, E4 0.5", ["--melody", "C4 1, E4 0.5"]),
        ("vary", "structure A:1 B:1 bpm 120", ["--structure", "A:1 B:1", "--bpm", "120"]),
        ("generate", "seconds 3 key A minor", ["--seconds", "3", "--key", "A minor"]),
        ("generate", "loop-period 2bars bpm 104", ["--loop-period", "2bars", "--bpm", "104"]),
    ],
)  # fmt: skip
def test_words_are_options(
    spec: Callable, grounds: Grounds, kind: str, words: str, options: list[str]
) -> None:
    clip = [] if kind == "generate" else ["in", "clip.wav"]
    assert spec(kind, *clip, *words.split()) == printed(grounds.folder, kind, *options)


def test_a_curve_in_a_file_is_read_from_the_folder(spec: Callable) -> None:
    (control,) = spec("vary", "in", "clip.wav", "intensity", "curve.csv")["controls"]
    assert control["points"] == [[0.0, -30.0], [2.0, -12.0]]


def test_one_word_may_hold_a_whole_text(spec: Callable) -> None:
    said = spec("outpaint", "in", "clip.wav", "prompt", "a melody in the key of A")
    assert said["prompt"] == "a melody in the key of A"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["region", "1", "2"], "'in' is missing"),
        (["colour", "red"], "'colour' is no key here"),
        (["in", "clip.wav"], "region"),
        (["in", "clip.wav", "region"], "'region' has no value"),
        (["in", "clip.wav", "region", "1"], "region takes START-END"),
        (["in", "clip.wav", "region", "1", "9"], "ends outside the clip"),
        (["in", "clip.wav", "region", "1", "1.5", "seed", "x"], "seed takes a whole number"),
        (["in", "clip.wav", "seed", "1", "seed", "2"], "twice"),
        (["in", "nothing.wav", "region", "1", "2"], "does not exist"),
        (["in", "../outside.wav", "region", "1", "2"], "outside"),
        (["in", "clip.wav", "region", "1", "2", "melody", "../outside.wav"], "outside"),
        (["in", "clip.wav", "region", "1", "2", "melody", "/etc/passwd"], "outside"),
        (["in", "clip.wav", "region", "1", "2", "intensity", "/etc/fstab"], "outside"),
        (["in", "clip.wav", "region", "1", "2", "structure", "/etc/x.json"], "outside"),
        (["in", "clip.wav", "region", "1", "2", "out", "/tmp/x.wav"], "outside"),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_request(
    grounds: Grounds, words: list[str], sentence: str
) -> None:
    with pytest.raises(BridgeError) as refused:
        asked("inpaint", words, grounds)
    assert sentence in in_words(refused.value)
    assert "Invalid value" not in in_words(refused.value)
    assert "--" not in in_words(refused.value)


@pytest.mark.parametrize("word", ["\x1b[2J.wav", "a\x07b", "\x9b31m"])
def test_a_refusal_steers_no_terminal(grounds: Grounds, word: str) -> None:
    for words in (["in", word, "region", "1", "2"], [word], ["in", "clip.wav", "region", word]):
        with pytest.raises(BridgeError) as refused:
            asked("inpaint", words, grounds)
        assert in_words(refused.value).isprintable()


@pytest.mark.parametrize("key", ["prompt", "key"])
@pytest.mark.parametrize("text", ["--out=/tmp/x.wav", "-o", "--", "--help", "--from=x"])
def test_no_value_becomes_an_option(spec: Callable, key: str, text: str) -> None:
    said = spec("outpaint", "in", "clip.wav", key, text)
    assert text in (said["prompt"], said["music"]["key"])


@pytest.mark.parametrize("key", ["from", "resample", "plot", "json", "manifest", "print-spec"])
def test_options_about_other_files_are_no_keys(grounds: Grounds, key: str) -> None:
    with pytest.raises(BridgeError, match="is no key here"):
        asked("outpaint", [key, "x", "in", "clip.wav"], grounds)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "a b", "x" * 65, "ü", "-rf"])
def test_an_id_can_be_part_of_a_name(name: str) -> None:
    with pytest.raises(BridgeError, match="'id' takes"):
        id_of(["in", "clip.wav", "id", name])


def test_what_is_varied_may_be_a_stretch_of_the_clip(grounds: Grounds) -> None:
    order = asked("vary", ["in", "clip.wav", "region", "0.5", "1.25"], grounds)
    assert order.within == Region(start=0.5, end=1.25)
    assert asked("vary", ["in", "clip.wav"], grounds).within is None


@pytest.mark.parametrize("stretch", [["1"], ["2", "1"], ["0", "1", "1", "2"], ["a", "b"]])
def test_a_stretch_to_vary_is_one_and_ends_after_it_starts(
    grounds: Grounds, stretch: list[str]
) -> None:
    with pytest.raises(BridgeError):
        asked("vary", ["in", "clip.wav", "region", *stretch], grounds)
