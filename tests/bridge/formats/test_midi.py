"""MIDI files: the tempo map is honoured, drums are left out, of chords the top line is taken."""

from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.formats.midi import read_midi, top_line
from bridge.formats.problems import ProblemsError
from plugin_protocol.controls import Note

BEAT = 480


def written(path: Path, *messages: mido.Message | mido.MetaMessage) -> Path:
    file = mido.MidiFile(ticks_per_beat=BEAT)
    file.tracks.append(mido.MidiTrack(messages))
    file.save(path)
    return path


def on(pitch: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=pitch, velocity=90, time=time, channel=channel)


def off(pitch: int, time: int = BEAT, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=pitch, time=time, channel=channel)


def tempo(bpm: float) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


def test_notes_follow_the_tempo_map(tmp_path: Path) -> None:
    path = written(
        tmp_path / "m.mid", tempo(120), on(60), off(60), tempo(60), on(62), off(62), on(64), off(64)
    )
    found = read_midi(path)
    assert found.notes == (
        Note(start=0, end=0.5, pitch=60),
        Note(start=0.5, end=1.5, pitch=62),
        Note(start=1.5, end=2.5, pitch=64),
    )
    assert not found.chords


def test_a_note_on_without_velocity_ends_the_note(tmp_path: Path) -> None:
    ending = mido.Message("note_on", note=60, velocity=0, time=BEAT)
    assert read_midi(written(tmp_path / "m.mid", on(60), ending)).notes[0].end == 0.5


def test_of_chords_the_top_line_is_taken_and_said(tmp_path: Path) -> None:
    path = written(tmp_path / "m.mid", on(60), on(67), off(67), off(60, 0), on(59), off(59))
    found = read_midi(path)
    assert [note.pitch for note in found.notes] == [67, 59]
    assert found.chords


def test_a_legato_line_is_no_chord() -> None:
    line = top_line([Note(start=0, end=1.03, pitch=60), Note(start=1, end=2, pitch=62)])
    assert not line.chords
    assert [(note.start, note.end) for note in line.notes] == [(0, 1), (1, 2)]


def test_drums_are_no_melody(tmp_path: Path) -> None:
    drums = written(tmp_path / "d.mid", on(36, channel=9), off(36, channel=9))
    with pytest.raises(ProblemsError, match="holds no notes beside drums"):
        read_midi(drums)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\xff"])
def test_a_damaged_file_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.mid").write_bytes(data)
    with pytest.raises(ProblemsError, match=r"damaged|no notes"):
        read_midi(tmp_path / "m.mid")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="does not exist"):
        read_midi(tmp_path / "no.mid")


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(1, 8), st.integers(40, 80)).map(
            lambda t: Note(start=float(t[0]), end=float(t[0] + t[1]), pitch=t[2])
        ),
        min_size=1,
        max_size=12,
    )
)
def test_at_every_time_the_line_is_the_highest_note_that_sounds(notes: list[Note]) -> None:
    def sounding(among: tuple[Note, ...] | list[Note], time: float) -> list[int]:
        return [note.pitch for note in among if note.start <= time < note.end]

    line = top_line(notes).notes
    for half in range(60):
        time = half / 2 + 0.25
        highest = sorted(sounding(notes, time))[-1:]
        assert sounding(line, time) == highest
