"""Render the example clips that ship: `python -m engine.training.clips FOLDER`.

Three pieces that no model was trained on, cut to whole bars, 44.1 kHz stereo, 16 bit.
"""

import argparse
from pathlib import Path

import soundfile as sf

from engine.training.corpus.composition import compose
from engine.training.corpus.rendering import SAMPLE_RATE, Renderer, master, room

EXAMPLES = {"groove": (20_000_092, 3), "keys": (20_000_127, 2), "band": (20_000_184, 3)}
"""Name: (seed, bars)."""


def render_examples(folder: Path) -> None:
    """Write one WAV file per example into `folder`."""
    renderer = Renderer()
    for name, (seed, bars) in EXAMPLES.items():
        piece, _ = compose(seed)
        seconds = bars * 4 * piece.beat
        piece, events = compose(seed, seconds)
        dry = renderer.render(events, seconds)
        audio = master(room(dry, piece.room, 0.6 + 4 * piece.room, seed), piece.level_db)
        sf.write(folder / f"{name}.wav", audio.T, SAMPLE_RATE, subtype="PCM_16")
        print(
            f"{name}.wav: {piece.style}, {piece.bpm} bpm, {piece.root} {piece.mode}, "
            f"{bars} bars, {seconds:.2f} s, {', '.join(piece.instruments)}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Render the example clips that ship.")
    parser.add_argument("folder", type=Path)
    render_examples(parser.parse_args().folder)
