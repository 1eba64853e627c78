"""The stages of training, wired: each reads what the one before it left in the folder."""

import argparse
from pathlib import Path

import torch

from engine.models.denoiser import Denoiser
from engine.models.mel_codec import MelCodec
from engine.models.vocabulary import Vocabulary
from engine.training.codec import encode_corpus, fit_codec
from engine.training.course import Course
from engine.training.denoiser import loss_of_run, validation
from engine.training.examples import Examples, make_examples, words_of
from engine.training.features import LONG, SHORT, build_features, load_pieces
from engine.training.loop import Budget, train
from engine.training.warm_start import warm_start

HELD_OUT_SEED = 10_000_000
"""Held-out pieces have seeds from here on; no training run reaches them."""
CORPORA = {
    "train": (0, SHORT),
    "long": (5_000_000, LONG),
    "held-out": (HELD_OUT_SEED, SHORT),
    "held-out-long": (HELD_OUT_SEED + 5_000_000, LONG),
}
"""Folder: (first seed, latent frames of its clips)."""


def run(arguments: argparse.Namespace) -> None:
    """Run one stage, or all of them."""
    folder: Path = arguments.folder
    wanted = arguments.stage
    if wanted in (None, "features"):
        build_corpora(folder, arguments)
    if wanted in (None, "codec"):
        codec = fit_codec(folder / "train", arguments.warm_start)
        for name in _corpora(folder):
            encode_corpus(folder / name, codec)
    if wanted in (None, "denoiser"):
        budget = Budget(
            minutes=arguments.minutes,
            learning_rate=arguments.learning_rate,
            decay=arguments.decay,
        )
        train_denoiser(folder, budget, arguments.short_share, arguments.warm_start)
    if wanted in (None, "student"):
        from engine.training.student import train_student

        train_student(folder, Budget(minutes=arguments.student_minutes, ema=0.99))
    if wanted in (None, "export"):
        from engine.training.export import export

        export(folder)


def build_corpora(folder: Path, arguments: argparse.Namespace) -> None:
    """Render what is not there yet of the four corpora; those of no clips are left out."""
    clips = {
        "train": arguments.clips,
        "long": arguments.long_clips,
        "held-out": arguments.held_out,
        "held-out-long": arguments.held_out if arguments.long_clips else 0,
    }
    for name, (first, frames) in CORPORA.items():
        if clips[name]:
            build_features(folder / name, range(first, first + clips[name]), frames)


def _corpora(folder: Path) -> list[str]:
    return [name for name in CORPORA if (folder / name / "pieces.jsonl").exists()]


def load_examples(folder: Path, codec: MelCodec, vocabulary: Vocabulary) -> dict[str, Examples]:
    """Return the examples of each corpus that is there, by its folder's name."""
    seconds = codec.hop_length / codec.config.sample_rate
    return {
        name: make_examples(
            encode_corpus(folder / name, codec), load_pieces(folder / name), vocabulary, seconds
        )
        for name in _corpora(folder)
    }


def train_denoiser(
    folder: Path, budget: Budget, short_share: float, beginning: Path | None
) -> None:
    """Train the base model and save it to folder/base; from the weights in `beginning` if any."""
    torch.manual_seed(0)
    taught = [piece for name in ("train", "long") if name in _corpora(folder)
              for piece in load_pieces(folder / name)]  # fmt: skip
    vocabulary = Vocabulary(words=words_of(taught))
    codec = fit_codec(folder / "train", beginning)
    examples = load_examples(folder, codec, vocabulary)
    model = Denoiser(
        latent_channels=codec.config.latent_channels,
        latent_frames=max(part.latents.shape[-1] for part in examples.values()),
        vocabulary=vocabulary.words,
    )
    if beginning:
        warm_start(model, beginning / "base")
    count = sum(p.numel() for p in model.parameters())
    clips = ", ".join(f"{name} {len(part.latents)}" for name, part in examples.items())
    print(f"denoiser: {count / 1e6:.2f} M parameters; clips: {clips}", flush=True)
    course = Course(examples["train"], examples.get("long"), short_share)
    held_out = {name: part for name, part in examples.items() if name.startswith("held-out")}
    average = train(
        model,
        course,
        budget,
        folder / "denoiser",
        loss_of=loss_of_run,
        validate=validation(held_out),
    )
    average.save_pretrained(folder / "base")
