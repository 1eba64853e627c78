"""The stages of training, wired: each reads what the one before it left in the folder."""

import argparse
from pathlib import Path

import torch
from torch import Tensor

from engine.models.denoiser import Denoiser
from engine.models.mel_codec import MelCodec
from engine.training.codec import encode_corpus, fit_codec
from engine.training.denoiser import Budget, train, velocity_loss
from engine.training.examples import Examples, build_vocabulary, make_examples
from engine.training.features import build_features, load_pieces

FIRST_SEED = 0
HELD_OUT_SEED = 10_000_000
"""Held-out pieces have seeds from here on; no training run reaches them."""


def run(arguments: argparse.Namespace) -> None:
    """Run one stage, or all of them."""
    folder: Path = arguments.folder
    wanted = arguments.stage
    if wanted in (None, "features"):
        build_features(folder / "train", range(FIRST_SEED, FIRST_SEED + arguments.clips))
        held_out = range(HELD_OUT_SEED, HELD_OUT_SEED + arguments.held_out)
        build_features(folder / "held-out", held_out)
    if wanted in (None, "codec"):
        codec = fit_codec(folder / "train")
        encode_corpus(folder / "train", codec)
        encode_corpus(folder / "held-out", codec)
    if wanted in (None, "denoiser"):
        train_denoiser(folder, Budget(minutes=arguments.minutes))
    if wanted in (None, "student"):
        from engine.training.student import train_student

        train_student(folder, Budget(minutes=arguments.student_minutes, batch=16, ema=0.97))
    if wanted in (None, "export"):
        from engine.training.export import export

        export(folder)


def load_examples(folder: Path, vocabulary: tuple[str, ...]) -> tuple[Examples, Examples, MelCodec]:
    """Return training examples, held-out examples and the codec."""
    codec = fit_codec(folder / "train")
    seconds = codec.hop_length / codec.config.sample_rate
    index = {word: i + 1 for i, word in enumerate(vocabulary)}
    parts = []
    for name in ("train", "held-out"):
        latents = encode_corpus(folder / name, codec)
        parts.append(make_examples(latents, load_pieces(folder / name), index, seconds))
    return parts[0], parts[1], codec


def train_denoiser(folder: Path, budget: Budget) -> None:
    """Train the base model and save it to folder/base."""
    torch.manual_seed(0)
    vocabulary = build_vocabulary(load_pieces(folder / "train"))
    examples, held_out, _ = load_examples(folder, vocabulary)
    model = Denoiser(latent_channels=examples.latents.shape[1], vocabulary=vocabulary)
    count = sum(p.numel() for p in model.parameters())
    print(f"denoiser: {count / 1e6:.2f} M parameters, {len(examples.latents)} clips", flush=True)

    @torch.no_grad()
    def validate(average: Denoiser) -> float:
        losses: list[Tensor] = []
        for seed in range(4):
            generator = torch.Generator().manual_seed(10_000 + seed)
            latents, given = held_out.batch(generator, 50)
            losses.append(velocity_loss(average, latents, given, generator))
        return float(torch.stack(losses).mean())

    average = train(model, examples, budget, folder / "denoiser", validate=validate)
    average.save_pretrained(folder / "base")
