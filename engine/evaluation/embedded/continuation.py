"""Does a continuation belong to its clip? Held-out clips of 6 s, continued by 3 s, part by part.

    python -m engine.evaluation.embedded.continuation [--n 50] [--quality normal] [--host]

The new part is compared with the old one by key, by tempo and by where its onsets lie; beside it
native inpainting and naive masking from the same noise, the piece's own continuation and another
piece's (chance). The clip is all that is told; with `--host` its tempo, bar line and key are, as a
DAW tells them.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch

from engine.evaluation.control_measures import Signal
from engine.evaluation.control_runs import make
from engine.evaluation.embedded.clips import check_soundfont
from engine.evaluation.embedded.harmony import chroma, close_keys, in_key, key_of
from engine.evaluation.embedded.rhythm import PLACES, bar_seconds, folded, same_tempo, tempi
from engine.evaluation.painting import masked, natively_inpainted
from engine.models import load
from engine.models.mel_codec import MelCodec
from engine.models.music_model import MusicalContext, MusicModel
from engine.models.tags import NOTES
from engine.preparation import prepare
from engine.requests import Clip, Request
from engine.training.corpus.composition import Composition
from engine.training.corpus.rendering import SAMPLE_RATE, Renderer
from engine.training.features import render_piece
from engine.training.stages import HELD_OUT_SEED

OLD_SECONDS, NEW_SECONDS = 6.0, 3.0
OLD = round(OLD_SECONDS * SAMPLE_RATE)
SIXTEENTH = 0.25
"""Of a beat."""
KINDS = ("DITTO", "native inpainting", "naive masking", "the piece's own", "another piece's")
COLUMNS = ("key like the old part's", "in-key energy", "tempo like the old part's", "onset grid")


@dataclass
class Tally:
    """What each continuation of one kind was found to be, in the order of COLUMNS."""

    found: tuple[list[float], ...] = field(default_factory=lambda: tuple([] for _ in COLUMNS))

    def add(self, whole: Signal, piece: Composition, codec: MelCodec) -> None:
        """Measure a clip (2, samples) whose part after OLD is new. Rhythm: of pieces with drums."""
        old, new = (chroma(part.mean(0, keepdims=True), SAMPLE_RATE)[0] for part in _parts(whole))
        self.found[0].append(close_keys(key_of(new), key_of(old)))
        self.found[1].append(in_key(new, (NOTES.index(piece.root), piece.mode)))
        if piece.drums:
            same, displaced = rhythm_of(whole, piece, codec)
            self.found[2].append(same)
            self.found[3].append(abs(displaced) < SIXTEENTH)

    @property
    def means(self) -> list[float]:
        """Return the mean of each column."""
        return [float(np.mean(values)) for values in self.found]


def rhythm_of(whole: Signal, piece: Composition, codec: MelCodec) -> tuple[bool, float]:
    """Return whether both parts have one tempo, and by how many beats the onsets are displaced."""
    mels = [
        codec.encode_features(torch.from_numpy(part)[None])[:, : codec.config.mid_bins]
        for part in _parts(whole)
    ]
    (old,), (new,) = (tempi(mel) for mel in mels)
    bar = bar_seconds(piece)
    pictures = [folded(mel, [bar])[0] for mel in mels]
    # Both on the clip's own clock.
    pictures[1] = np.roll(pictures[1], round(OLD_SECONDS % bar / bar * PLACES), -1)
    before, after = (np.fft.rfft(picture) for picture in pictures)
    fit = np.fft.irfft((after * before.conj()).sum(0), PLACES)
    beats = float(fit.argmax()) / PLACES * bar / piece.beat
    return same_tempo(new, old), (beats + 0.5) % 1 - 0.5


def _parts(whole: Signal) -> tuple[Signal, Signal]:
    return np.ascontiguousarray(whole[:, :OLD]), np.ascontiguousarray(whole[:, OLD:])


def measure(
    model: MusicModel, tallies: dict[str, Tally], count: int, *, quality: str, host: bool
) -> Iterator[int]:
    """Add a continuation of each of KINDS for `count` pieces; yield how many are done."""
    renderer, codec = Renderer(), MelCodec()
    _, previous = _rendered(renderer, HELD_OUT_SEED + count)
    for seed in range(HELD_OUT_SEED, HELD_OUT_SEED + count):
        piece, whole = _rendered(renderer, seed)
        clip = Clip(torch.from_numpy(whole[:, :OLD].copy()), SAMPLE_RATE)
        known = MusicalContext(piece.bpm, piece.offset, key=f"{piece.root} {piece.mode}")
        request = Request(
            "outpaint",
            seconds=NEW_SECONDS,
            quality=quality,
            seed=seed,
            context=known if host else MusicalContext(),
        )
        job, _ = prepare(request, clip, model)
        continued = (
            make(request, clip, model).audio,
            natively_inpainted(job).numpy(),
            masked(job).numpy(),
            whole,
            np.concatenate([whole[:, :OLD], previous[:, OLD:]], 1),
        )
        for kind, audio in zip(KINDS, continued, strict=True):
            tallies[kind].add(audio, piece, codec)
        previous = whole
        yield seed - HELD_OUT_SEED + 1


def _rendered(renderer: Renderer, seed: int) -> tuple[Composition, Signal]:
    return render_piece(renderer, seed, OLD_SECONDS + NEW_SECONDS)


def table(tallies: dict[str, Tally], count: int) -> Iterator[str]:
    """Yield the lines of the table, Markdown."""
    yield f"| {' | '.join((f'{count} continuations', *COLUMNS))} |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    for kind, tally in tallies.items():
        yield f"| {kind} | {' | '.join(f'{mean:.2f}' for mean in tally.means)} |"


def main(arguments: argparse.Namespace) -> None:
    """Print the table; progress goes to the error stream."""
    try:
        check_soundfont()
    except FileNotFoundError as missing:
        sys.exit(str(missing))
    tallies = {kind: Tally() for kind in KINDS}
    model = load("embedded")
    for done in measure(
        model, tallies, arguments.n, quality=arguments.quality, host=arguments.host
    ):
        print(f"{done} of {arguments.n} clips", file=sys.stderr)
    print("\n".join(table(tallies, arguments.n)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Judge continuations of held-out clips.")
    parser.add_argument("--n", type=int, default=50, help="clips")
    parser.add_argument("--quality", default="normal", choices=["draft", "normal", "best"])
    parser.add_argument("--host", action="store_true", help="tell tempo, bar line and key")
    main(parser.parse_args())
