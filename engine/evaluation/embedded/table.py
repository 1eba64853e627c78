"""The model card's table, line by line: bounds first, then every model; below it, sentences."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch

from engine.evaluation.embedded.clips import Clips
from engine.evaluation.embedded.heard import hear
from engine.evaluation.embedded.judge import Judge, Scores
from engine.evaluation.embedded.seed_ranking import PROMPTS, SEEDS, agreement, losses
from engine.evaluation.embedded.telling import generate, is_understood, noise
from engine.models.embedded import EmbeddedModel

NOISE_SEED = 1_000_000
HEADINGS = (
    "style", "instruments", "tempo within 4 %", "by librosa", "beat", "bar line", "in-key energy",
    "key", "slope up / down dB", "Frechet", "copied (distance)", "s per clip",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of the table: what clips are, how they do and what each took to make."""

    name: str
    scores: Scores
    seconds: float | None = None

    def __str__(self) -> str:
        s = self.scores
        shares = (s.style, s.instruments, s.tempo, s.librosa_tempo, s.beat, s.bar)
        values = (
            self.name,
            *(f"{share:.2f}" for share in shares),
            f"{s.in_key:.3f}",
            f"{s.key:.2f}",
            f"{s.louder:+.1f} / {s.softer:+.1f}",
            f"{s.frechet:.1f}",
            f"{s.copied:.2f} ({s.distance:.2f})",
            "" if self.seconds is None else f"{self.seconds:.2f}",
        )
        return f"| {' | '.join(values)} |"


def heading(clips: int) -> str:
    """Return the first two lines."""
    names = " | ".join((f"{clips} held-out pieces", *HEADINGS))
    return f"| {names} |\n{'|---' * (len(HEADINGS) + 1)}|"


def bounds(judge: Judge, model: EmbeddedModel, held_out: Clips) -> Iterator[Line]:
    """Yield the lines of real clips, of chance and of noise."""
    pieces = held_out.pieces
    order = torch.randperm(len(pieces), generator=torch.Generator().manual_seed(0)).tolist()
    shuffled = [pieces[i] for i in order]
    yield Line("real clips through the codec", judge.scores(judge.reference, pieces))
    yield Line("real clips, others' words", judge.scores(judge.reference, shuffled))
    shape = tuple(held_out.latents.shape[1:])
    drawn = torch.stack([noise(NOISE_SEED + i, shape) for i in range(len(pieces))])
    yield Line("noise", judge.scores(hear(model.codec, drawn), pieces))


def line_of(judge: Judge, name: str, model: EmbeddedModel, held_out: Clips, seconds: float) -> Line:
    """Return the line of a model that is told the held-out pieces."""
    began = time.perf_counter()
    latents = generate(model, held_out.pieces, seconds)
    took = (time.perf_counter() - began) / len(latents)
    return Line(name, judge.scores(hear(model.codec, latents), held_out.pieces), took)


def sentences(
    real: Line, lines: Sequence[Line], models: dict[str, EmbeddedModel], held_out: Clips
) -> Iterator[str]:
    """Yield what the columns do not say, as the items of a list."""
    for line in lines:
        share = line.scores.instruments / real.scores.instruments
        yield f"* {line.name}: instruments {share:.2f} of the score on real clips."
    for one, other in combinations(lines, 2):
        ratio = one.scores.frechet / other.scores.frechet
        yield f"* Frechet distance of {one.name}: {ratio:.2f} times that of {other.name}."
    understood = [is_understood(model, p) for model in models.values() for p in held_out.pieces]
    yield f"* {sum(understood) / len(understood):.0%} of the prompts are read without loss."


def rankings(models: dict[str, EmbeddedModel], held_out: Clips, seconds: float) -> Iterator[str]:
    """Yield how alike each two models order seeds, as the items of a list."""
    if len(models) < 2:
        return
    of_seeds = {name: losses(model, held_out, seconds) for name, model in models.items()}
    for (one, first), (other, second) in combinations(of_seeds.items(), 2):
        found = (f"{loss} {value:.2f}" for loss, value in agreement(first, second).items())
        yield (
            f"* Order of {SEEDS} seeds, mean of {PROMPTS} prompts, {one} and {other}: "
            f"{', '.join(found)}."
        )
