"""The corpus: music that is what it says it is."""

import dataclasses
import random
from functools import cache

import numpy as np
import pytest

from engine.models.tags import DYNAMICS, INSTRUMENTS, MODES, NOTES, STYLES, parse_tags
from engine.training.corpus.captions import caption
from engine.training.corpus.composition import DRUM_CHANNEL, compose, dynamics_db
from engine.training.corpus.rendering import master
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
    """But for the walking bass's approach notes and the seventh on top of a funk bass."""
    piece, events = composed(seed)
    scale = {(NOTES.index(piece.root) + step) % 12 for step in SCALES[piece.mode]}
    notes = [e for e in events if e.kind == "on" and e.channel not in (0, DRUM_CHANNEL)]
    if piece.style == "rock":  # power chords are a root and a fifth, in key or not
        notes = [e for e in notes if e.channel != 1]
    assert {note.number % 12 for note in notes} <= scale


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
        if piece.style in ("house", "techno", "rock", "chiptune"):
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
