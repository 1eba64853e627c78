"""The embedded model's table: does it do what it is told, beside real clips and beside chance?

python -m engine.evaluation.model_quality FOLDER      FOLDER as left by engine.training
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from engine.evaluation import music_metrics as metrics
from engine.models.embedded import EmbeddedModel, load, load_base
from engine.models.griffin_lim import griffin_lim, mel_to_magnitude
from engine.models.mel_codec import FLOOR, MelCodec
from engine.models.music_model import Conditioning
from engine.models.tags import NOTES, STYLES
from engine.sampler.sample import sample
from engine.training.codec import encode_corpus
from engine.training.corpus.composition import Composition
from engine.training.examples import Given, describe, stack, unsaid
from engine.training.features import load_pieces

SPACE_CLIPS = 2500
KEY_CLIPS = 60
KEY_ROUNDS = 16
BATCH = 25


@dataclass(frozen=True)
class Judge:
    """A style recognizer and a Frechet space, both made from real training clips."""

    space: metrics.FrechetSpace
    recognizer: LogisticRegression
    pieces: list[Composition]
    reference: Tensor
    model: EmbeddedModel

    def row(self, name: str, latents: Tensor, pieces: list[Composition] | None = None) -> str:
        """Return one line of the table for clips that ought to be `pieces`."""
        told = pieces or self.pieces
        mel = self.model.decode_features(latents)[:, : self.model.codec.config.mid_bins]
        features = metrics.summary_features(mel)
        styles = [STYLES.index(piece.style) for piece in told]
        style = self.recognizer.score(self.space.standardize(features).numpy(), styles)
        drums = [i for i, p in enumerate(told) if p.drums and p.style not in ("jazz", "orchestral")]
        tempo = metrics.tempo_is(mel[drums], [float(told[i].bpm) for i in drums])
        key, chance = self._key(latents[:KEY_CLIPS], told[:KEY_CLIPS])
        up, down = _slopes(mel, told)
        distance = self.space.distance(features, self.reference)
        return (
            f"| {name} | {style:.2f} | {tempo:.2f} | {key:.3f} ({chance:.3f}) "
            f"| {up:+.1f} / {down:+.1f} | {distance:.1f} |"
        )

    def _key(self, latents: Tensor, pieces: list[Composition]) -> tuple[float, float]:
        audio = torch.cat([decode_mid(self.model.codec, z[None]) for z in latents])
        roots = [NOTES.index(p.root) for p in pieces]
        return metrics.in_key_energy(audio.numpy(), roots, [p.mode for p in pieces])


@torch.no_grad()
def decode_mid(codec: MelCodec, latents: Tensor) -> Tensor:
    """Return the mid channel only, (batch, samples): enough to hear a key by."""
    features = codec.decode_features(latents)[:, : codec.config.mid_bins]
    mel = (10 ** (features / 20) - FLOOR).clamp_min(0)
    return griffin_lim(
        mel_to_magnitude(mel, codec.mid_bank, codec.mid_inverse),
        window=codec.window,
        hop=codec.config.hop,
        samples=latents.shape[-1] * codec.hop_length,
        iterations=KEY_ROUNDS,
    )


def _slopes(mel: Tensor, pieces: list[Composition]) -> tuple[float, float]:
    change = metrics.slope(mel)
    up = [
        float(c)
        for c, p in zip(change, pieces, strict=True)
        if p.dynamics in ("crescendo", "step up")
    ]
    down = [
        float(c)
        for c, p in zip(change, pieces, strict=True)
        if p.dynamics in ("decrescendo", "step down")
    ]
    return float(np.mean(up)), float(np.mean(down))


def make_judge(folder: Path, model: EmbeddedModel) -> tuple[Judge, Tensor]:
    """Return the judge and the held-out latents, (clips, channels, frames)."""
    train = _features(encode_corpus(folder / "train", model.codec), model)
    held_out = encode_corpus(folder / "held-out", model.codec).float()
    space = metrics.FrechetSpace.of(train[:SPACE_CLIPS])
    labels = [STYLES.index(piece.style) for piece in load_pieces(folder / "train")]
    recognizer = LogisticRegression(max_iter=500).fit(space.standardize(train).numpy(), labels)
    pieces = load_pieces(folder / "held-out")
    return Judge(space, recognizer, pieces, _features(held_out, model), model), held_out


def _features(latents: Tensor, model: EmbeddedModel) -> Tensor:
    """Return summary features, a batch of clips at a time: thousands do not fit into memory."""
    bins = model.codec.config.mid_bins
    mels = (model.decode_features(part.float())[:, :bins] for part in latents.split(250))
    return torch.cat([metrics.summary_features(mel) for mel in mels])


@torch.no_grad()
def generate(model: EmbeddedModel, given: Given, *, steps: int, guidance: float) -> Tensor:
    """Return latents for each item of `given`, from seeds 0, 1, 2 ..."""
    made = []
    size = len(given["style"])
    for start in range(0, size, BATCH):
        part = {name: value[start : start + BATCH] for name, value in given.items()}
        conditioning = Conditioning(part, unsaid(part) if guidance != 1 else None, guidance)
        generator = torch.Generator().manual_seed(start)
        shape = (len(part["style"]), *model.latents_shape(6.0)[1:])
        x_T = torch.randn(shape, generator=generator)
        denoise = partial(model.denoise, conditioning=conditioning)
        made.append(sample(denoise, x_T, model.noise_schedule, steps=steps))
    return torch.cat(made)


def table(folder: Path) -> Iterator[str]:
    """Yield the lines of the table, Markdown."""
    base, student = load_base(), load()
    judge, held_out = make_judge(folder, base)
    pieces = judge.pieces
    frame_seconds = base.hop_length / base.sample_rate
    frames, vocabulary = held_out.shape[-1], base.denoiser.understands
    given = stack([describe(piece, frames, frame_seconds, vocabulary) for piece in pieces])
    order = torch.randperm(len(pieces), generator=torch.Generator().manual_seed(0)).tolist()
    other_grid = dict(given, grid=given["grid"][order])
    shuffled = [pieces[i] for i in order]
    yield (
        "| 200 held-out pieces | style | tempo within 4 % | in-key (mean of 12 keys) "
        "| slope up / down dB | Frechet |"
    )
    yield "|---|---|---|---|---|---|"
    yield judge.row("real clips through the codec", held_out)
    yield judge.row("real clips, tags shuffled", held_out, shuffled)
    noise = torch.randn(held_out.shape, generator=torch.Generator().manual_seed(1))
    yield judge.row("noise", noise)
    for guidance in (1.0, 2.0, 3.0):
        made = generate(base, given, steps=25, guidance=guidance)
        yield judge.row(f"base, 25 steps, guidance {guidance:g}", made)
    made = generate(student, given, steps=4, guidance=1.0)
    yield judge.row("**student, 4 steps**", made)
    moved = generate(student, other_grid, steps=4, guidance=1.0)
    yield judge.row("student, told another clip's grid", moved)
    yield judge.row("the same, against that grid's tempo", moved, _tempo_of(pieces, shuffled))


def _tempo_of(pieces: list[Composition], others: list[Composition]) -> list[Composition]:
    """Return the pieces, each with another's tempo: what music on that grid ought to have."""
    return [replace(piece, bpm=other.bpm) for piece, other in zip(pieces, others, strict=True)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print the embedded model's table.")
    parser.add_argument("folder", type=Path)
    for line in table(parser.parse_args().folder):
        print(line, flush=True)
