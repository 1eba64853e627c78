"""The control options: what reaches the daemon, where it begins, and what a person is told."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from bridge.splice import from_wire
from plugin_protocol.controls import (
    Intensity,
    Melody,
    Note,
    Repeat,
    Section,
    Structure,
    TextMatch,
)
from plugin_protocol.errors import RequestRefusedError
from plugin_protocol.values import Generate, Vary

RATE = 44_100


def asked(daemon: Any) -> list[Any]:
    """The controls of the task that the daemon got."""
    return list(daemon.task.objectives[1:])


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A recording to follow."""
    path = tmp_path / "song.wav"
    soundfile.write(path, np.sin(np.arange(RATE) / 20)[:, None], RATE, subtype="PCM_24")
    return path


@pytest.fixture
def chords(tmp_path: Path) -> Path:
    """A MIDI file of four seconds, with two notes at once."""
    file = mido.MidiFile(ticks_per_beat=480)
    events = [("note_on", 60, 0), ("note_on", 64, 0), ("note_off", 60, 3840), ("note_off", 64, 0)]
    track = [mido.Message(kind, note=note, time=time, velocity=9) for kind, note, time in events]
    file.tracks.append(mido.MidiTrack(track))
    file.save(tmp_path / "chords.mid")
    return tmp_path / "chords.mid"


def test_every_control_reaches_the_daemon(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    outcome = ditto(
        "generate", "-o", tmp_path / "o.wav", "--seconds", 6, "--bpm", 120,
        "--intensity", "0:-30 4:-12", "--melody", "C4 1, rest 1b, E4 0.5", "--structure", "A:3 B:3",
        "--loop-period", "3bars", "--text-match", "warm strings", "--balance", "--quality", "paper",
        "--weight", "melody=0.5", "--weight", "repeat=2",
    )  # fmt: skip
    assert outcome.status == 0, outcome.err
    notes = (Note(start=0, end=1, pitch=60), Note(start=1.5, end=2, pitch=64))
    assert daemon.task.objectives == (
        Generate(seconds=6),
        Intensity(points=((0, -30), (4, -12))),
        Melody(notes=notes, weight=0.5),
        Structure(sections=(Section("A", 3), Section("B", 3))),
        Repeat(period=3, unit="bars", weight=2),
        TextMatch(description="warm strings"),
    )
    assert (daemon.task.balance, daemon.task.quality) == (True, "paper")


def test_vary_says_how_strongly(ditto: Callable, daemon: Any, clip: Path, tmp_path: Path) -> None:
    words = ("--strength", 0.25, "--structure", "A:1 B:1")
    assert ditto("vary", clip, "-o", tmp_path / "o.wav", *words).status == 0
    assert daemon.task.objectives[0] == Vary(strength=0.25)
    assert daemon.task.clip.frames == 2 * RATE


def test_recordings_are_sent_as_they_are(
    ditto: Callable, daemon: Any, clip: Path, song: Path, tmp_path: Path
) -> None:
    outcome = ditto(
        "outpaint", clip, "-o", tmp_path / "o.wav", "--intensity", song, "--intensity-match",
        "shape", "--melody", song, "--melody-reading", "harmony", "--structure", song,
    )  # fmt: skip
    assert outcome.status == 0, outcome.err
    intensity, melody, structure = asked(daemon)
    assert (intensity.match, melody.reading) == ("shape", "harmony")
    assert intensity.reference == melody.reference == structure.reference
    sent = from_wire(daemon.blobs[intensity.reference.sha], intensity.reference)
    assert np.array_equal(sent, soundfile.read(song, dtype="float32", always_2d=True)[0])


def test_notes_begin_where_the_new_music_begins(
    ditto: Callable, daemon: Any, clip: Path, tmp_path: Path
) -> None:
    ditto("outpaint", clip, "-o", tmp_path / "o.wav", "--melody", "C4 1, D4 1")
    assert asked(daemon)[0].notes == (Note(2, 3, 60), Note(3, 4, 62))
    ditto("inpaint", clip, "-o", tmp_path / "o.wav", "--region", "0.5-1", "--melody", "C4 .25")
    assert asked(daemon)[0].notes == (Note(0.5, 0.75, 60),)


def test_of_chords_the_top_line_is_followed_as_far_as_there_is_room(
    ditto: Callable, daemon: Any, chords: Path, tmp_path: Path
) -> None:
    outcome = ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 3, "--melody", chords)
    assert asked(daemon)[0].notes == (Note(0, 3, 64),)
    assert "several notes at once; the top line is followed" in outcome.err
    assert "longer than the new music; its first 3 s are followed" in outcome.err


def test_markers_and_tables_are_read(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("0\t2\tA\n2\t2\tB\n")
    (tmp_path / "curve.csv").write_text("s,dB\n0,-20\n3,-10\n")
    words = ("--structure", tmp_path / "labels.txt", "--intensity", tmp_path / "curve.csv")
    assert ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 3, *words).status == 0
    intensity, structure = asked(daemon)
    assert intensity.points == ((0, -20), (3, -10))
    assert structure.sections == (Section("A", 2), Section("B", 1))


def test_the_pictures_rows_are_drawn_for_each_control(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    words = ("--intensity", "0:-30 1:-20", "--melody", "C4 1", "--plot", tmp_path / "p.png")
    assert ditto("generate", "-o", tmp_path / "o.wav", "--seconds", 1, *words).status == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_an_earlier_result_is_gone_on_from(ditto: Callable, daemon: Any, tmp_path: Path) -> None:
    first = tmp_path / "first.wav"
    ditto("generate", "-o", first, "--seconds", 1, "--takes", 2)
    ditto("generate", "-o", tmp_path / "a.wav", "--seconds", 1, "--from", first)
    assert daemon.task.start.noise == hashlib.sha256(b"noise 0").digest()
    assert daemon.task.start.mode == "continue"
    words = ("--from", tmp_path / "first.ditto.json", "--from-take", 2, "--resample")
    ditto("generate", "-o", tmp_path / "b.wav", "--seconds", 1, *words)
    assert daemon.task.start.noise == hashlib.sha256(b"noise 1").digest()
    assert daemon.task.start.mode == "resample"


def test_noise_that_the_daemon_has_forgotten_can_be_made_again(
    ditto: Callable, daemon: Any, tmp_path: Path
) -> None:
    first = tmp_path / "first.wav"
    ditto("generate", "-o", first, "--seconds", 1)
    daemon.refusal = RequestRefusedError("BLOB_MISSING", "Not here: the noise.")
    words = ("--seconds", 1, "--from", first)
    outcome = ditto("generate", "-o", tmp_path / "a.wav", *words)
    assert outcome.status == 1
    assert "`ditto run` on its manifest makes it once more" in outcome.err


def test_the_help_groups_its_options(ditto: Callable) -> None:
    lines = ditto("generate", "--help").out.splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Music:", "Controls:", "Search:", "Output:", "Options:"]
    assert "--loop-period" not in ditto("outpaint", "--help").out
