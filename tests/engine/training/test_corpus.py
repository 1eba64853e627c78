"""The corpus: music that is what it says it is."""

import dataclasses
import random
from functools import cache

import numpy as np
import pytest

from engine.models.tags import DYNAMICS, INSTRUMENTS, MODES, NOTES, STYLES, parse_tags
from engine.training.corpus.captions import caption
from engine.training.corpus.composition import CHANNELS, DRUM_CHANNEL, compose, dynamics_db
from engine.training.corpus.harmony import lead_voices
from engine.training.corpus.lead import RANGE
from engine.training.corpus.rendering import master
from engine.training.corpus.sections import draw_sections
from engine.training.corpus.styles import INSTRUMENT_NAMES, SCALES
from engine.training.corpus.styles import STYLES as STYLE_TABLE

SEEDS = range(150)
composed = cache(compose)


def test_a_seed_is_a_piece() -> None:
    assert compose(7) == compose(7)
    assert compose(7) != compose(8)


def test_every_tag_of_the_corpus_is_one_the_model_knows() -> None:
    assert set(STYLE_TABLE) == set(STYLES)
    assert set(INSTRUMENT_NAMES.values()) | {"drums"} <= set(INSTRUMENTS)
    for seed in SEEDS:
        piece, _ = composed(seed)
        assert piece.root in NOTES
        assert piece.mode in MODES
        assert piece.dynamics in DYNAMICS


@pytest.mark.parametrize("seed", SEEDS[:40])
def test_pitched_notes_stay_in_the_key(seed: int) -> None:
    """But for power chords, which are a root and a fifth, in key or not."""
    piece, events = composed(seed)
    scale = {(NOTES.index(piece.root) + step) % 12 for step in SCALES[piece.mode]}
    chords = () if 2 not in STYLE_TABLE[piece.style].voices else (CHANNELS["chords"],)
    free = {DRUM_CHANNEL, CHANNELS["double"], *chords}
    notes = [e for e in events if e.kind == "on" and e.channel not in free]
    assert {note.number % 12 for note in notes} <= scale


def notes_of(seed: int, bar: int, role: str) -> list[tuple[float, int]]:
    """Return (sixteenth, key) of what a role begins in one bar."""
    piece, events = composed(seed, 24.0)
    channel = DRUM_CHANNEL if role == "drums" else CHANNELS[role]
    start, end = (piece.offset + 4 * piece.beat * b - 1e-6 for b in (bar, bar + 1))
    return [
        (round((e.time - start) / piece.beat * 4, 3), e.number)
        for e in events
        if e.kind == "on" and e.channel == channel and start <= e.time < end
    ]


@pytest.mark.parametrize("role", ["bass", "chords", "lead", "drums"])
def test_equal_letters_of_the_form_are_played_alike(role: str) -> None:
    compared = 0
    for seed in SEEDS[:40]:
        piece, _ = composed(seed, 24.0)
        bars = range(piece.phrase_bars, 8, piece.phrase_bars)
        alike = [b for b in bars if piece.letter(b) == "A" and piece.plays(role, b)]
        if len(alike) >= 2:
            assert notes_of(seed, alike[0], role) == notes_of(seed, alike[1], role)
            compared += 1
    assert compared >= 5


def test_letters_of_a_form_have_chords_of_their_own() -> None:
    different = 0
    for seed in SEEDS:
        piece, _ = composed(seed)
        sections = draw_sections(piece)
        different += len({s.degrees for s in sections.values()}) == len(sections)
    assert different >= 0.6 * len(SEEDS)


def test_voices_move_less_than_block_chords_would() -> None:
    """From C major to A minor two voices stay and one moves a whole tone (the textbook's case)."""
    c_major = [60, 64, 67]
    assert lead_voices(c_major, [9, 0, 4]) == [60, 64, 69]
    assert lead_voices(c_major, [5, 9, 0]) == [60, 65, 69]


def test_a_lead_stays_within_a_tenth_and_moves_mostly_in_steps() -> None:
    intervals = []
    for seed in SEEDS:
        _, events = composed(seed)
        keys = [e.number for e in events if e.kind == "on" and e.channel == CHANNELS["lead"]]
        if keys:
            assert max(keys) - min(keys) <= RANGE
            intervals += list(np.abs(np.diff(keys)))
    assert np.mean(np.array(intervals) <= 4) >= 0.7


def test_everything_a_piece_says_it_has_is_heard() -> None:
    for seed in SEEDS:
        piece, events = composed(seed)
        heard = {e.channel for e in events if e.kind == "on"}
        silent = [role for role in piece.programs if CHANNELS[role] not in heard]
        assert silent in ([], ["lead"]), "a lead may be breathing when a short clip ends"
        assert piece.drums == (DRUM_CHANNEL in heard)


def test_parts_enter_on_the_way_up_and_leave_on_the_way_down() -> None:
    for seed in SEEDS:
        piece, _ = composed(seed)
        assert not (piece.late and piece.dynamics in ("decrescendo", "step down"))
        assert not (piece.early_out and piece.dynamics in ("crescendo", "step up"))


def test_most_pieces_start_on_a_bar_line() -> None:
    aligned = [composed(seed)[0].offset == 0 for seed in SEEDS]
    assert np.mean(aligned) >= 0.8


def test_every_note_on_has_its_note_off() -> None:
    for seed in SEEDS[:20]:
        _, events = composed(seed)
        on = sorted((e.channel, e.number) for e in events if e.kind == "on")
        off = sorted((e.channel, e.number) for e in events if e.kind == "off")
        assert on == off


def test_drum_hits_of_straight_styles_lie_on_the_sixteenth_grid() -> None:
    for seed in SEEDS:
        piece, events = composed(seed)
        if not STYLE_TABLE[piece.style].swing and piece.style != "trap":
            for event in events:
                if event.kind == "on" and event.channel == DRUM_CHANNEL and event.time > 0:
                    sixteenths = (event.time - piece.offset) / (piece.beat / 4)
                    assert abs(sixteenths - round(sixteenths)) < 1e-6


@pytest.mark.parametrize("shape", DYNAMICS)
def test_dynamics_stay_between_the_loudest_and_its_depth(shape: str) -> None:
    levels = [dynamics_db(shape, u / 100, 20.0) for u in range(101)]
    assert max(levels) <= 0
    assert min(levels) >= -20
    assert (shape == "steady") == (min(levels) == max(levels))


def test_a_caption_never_contradicts_its_piece() -> None:
    for seed in SEEDS:
        piece, _ = composed(seed)
        for draw in range(4):
            tags = parse_tags(caption(piece, random.Random(draw)))
            assert tags.style in (None, piece.style)
            assert tags.root in (None, piece.root)
            assert tags.bpm in (None, piece.bpm)
            assert tags.dynamics in (None, piece.dynamics)
            assert set(tags.instruments) <= set(piece.instruments)


def test_mastering_sets_the_loudest_moment_and_keeps_the_rest_below_it() -> None:
    ramp = np.linspace(0, 0.2, 44100 * 2, dtype=np.float32)
    tone = np.sin(np.arange(88200) * 0.05).astype(np.float32) * ramp
    mastered = master(np.stack([tone, tone]), -20.0)
    last = np.sqrt(np.mean(mastered[:, -8820:] ** 2))
    first = np.sqrt(np.mean(mastered[:, :8820] ** 2))
    assert abs(20 * np.log10(last) + 20.0) < 0.5
    assert first < 0.1 * last


def test_a_piece_says_its_instruments_once() -> None:
    piece, _ = compose(3)
    assert len(set(piece.instruments)) == len(piece.instruments)
    assert "drums" in dataclasses.replace(piece, drums=True).instruments
