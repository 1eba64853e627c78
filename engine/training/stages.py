"""The stages of training, in their order: each reads what the ones before it left in the folder."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import torch

from engine.models.denoiser import Denoiser
from engine.models.mel_codec import MelCodec
from engine.models.vocabulary import Vocabulary
from engine.models.vocoder import Vocoder
from engine.training.codec import encode_corpus, fit_codec
from engine.training.course import Course
from engine.training.denoiser import loss_of_run, validation
from engine.training.examples import Examples, Given, make_examples, words_of
from engine.training.export import assemble
from engine.training.features import LONG, SHORT, build_features, load_pieces
from engine.training.hardware import Hardware
from engine.training.loop import train
from engine.training.plan import Plan, Size
from engine.training.saved_state import Run
from engine.training.student import flow_map_loss, student_of
from engine.training.throughput import choose_size
from engine.training.vocoder.clips import Crops, build_clips
from engine.training.vocoder.contest import Contest, Contestants
from engine.training.vocoder.discriminators import Discriminators
from engine.training.vocoder.sketching import Sketching
from engine.training.warm_start import warm_start

HELD_OUT_SEED = 10_000_000
"""Held-out pieces have seeds from here on; no training run reaches them."""
VOCODER_SEED = 1_000_000
"""The vocoder's clips have seeds from here on."""
CORPORA = {
    "train": (0, SHORT),
    "long": (5_000_000, LONG),
    "held-out": (HELD_OUT_SEED, SHORT),
    "held-out-long": (HELD_OUT_SEED + 5_000_000, LONG),
}
"""Folder: (first seed, latent frames of its clips)."""


def make_corpora(folder: Path, plan: Plan) -> None:
    """Render and analyze what is not there yet of the four corpora; those of no clips are left."""
    held_out_long = plan.held_out if plan.long_clips else 0
    clips = (plan.clips, plan.long_clips, plan.held_out, held_out_long)
    for (name, (first, frames)), count in zip(CORPORA.items(), clips, strict=True):
        if count:
            build_features(folder / name, range(first, first + count), frames)


def make_codec(folder: Path, plan: Plan) -> None:
    """Fit the codec, or keep the one there is, and turn the corpora into latents."""
    codec = fit_codec(folder / "train", plan.beginning)
    for name in corpora(folder):
        encode_corpus(folder / name, codec)


def make_denoiser(folder: Path, plan: Plan) -> None:
    """Train the base model and save it to folder/base."""
    torch.manual_seed(0)
    hardware, codec = Hardware.found(), fit_codec(folder / "train", plan.beginning)
    taught = [name for name in corpora(folder) if not name.startswith("held-out")]
    pieces = [piece for name in taught for piece in load_pieces(folder / name)]
    vocabulary = Vocabulary(words=words_of(pieces))
    examples = load_examples(folder, codec, vocabulary, hardware)
    longest = max(part.latents.shape[-1] for part in examples.values())

    def network(size: Size) -> Denoiser:
        return Denoiser(
            latent_channels=codec.config.latent_channels,
            latent_frames=longest,
            width=size.width,
            depth=size.depth,
            heads=size.heads,
            vocabulary=vocabulary.words,
        )

    course = Course(examples["train"], examples.get("long"), plan.short_share, plan.batch)
    # A run that goes on keeps its size.
    chosen = folder / "denoiser" / "size.json"
    if chosen.exists():
        size = Size(**json.loads(chosen.read_text()))
    else:
        size = choose_size(plan, network, course, hardware)
        chosen.parent.mkdir(exist_ok=True)
        chosen.write_text(json.dumps(asdict(size)))
    model = network(size)
    if plan.beginning:
        warm_start(model, plan.beginning / "base")
    held_out = {name: part for name, part in examples.items() if name.startswith("held-out")}
    average = train(
        model,
        course.batch_at,
        plan.denoiser,
        folder / "denoiser",
        loss_of=loss_of_run,
        validate=validation(held_out, hardware),
        hardware=hardware,
    )
    average.save_pretrained(folder / "base")


def make_student(folder: Path, plan: Plan) -> None:
    """Distill folder/base and save the student to folder/student."""
    hardware = Hardware.found()
    teacher = Denoiser.from_pretrained(folder / "base").to(hardware.device)
    teacher.requires_grad_(False).eval()
    hardware.compile(teacher)
    codec = fit_codec(folder / "train")
    examples = load_examples(folder, codec, teacher.understands, hardware)
    course = Course(examples["train"], examples.get("long"), 0.0, plan.student_batch)

    def loss_of(
        run: Run[Denoiser], latents: torch.Tensor, given: Given, draw: torch.Generator
    ) -> torch.Tensor:
        return flow_map_loss(run.model, run.average, teacher, latents, given, draw)

    average = train(
        student_of(folder / "base"),
        course.batch_at,
        plan.student,
        folder / "distillation",
        loss_of=loss_of,
        hardware=hardware,
    )
    average.save_pretrained(folder / "student")


def make_vocoder(folder: Path, plan: Plan) -> None:
    """Render clips, train the vocoder in its two phases and save it to folder/vocoder."""
    torch.manual_seed(0)
    hardware, codec = Hardware.found(), fit_codec(folder / "train", plan.beginning)
    asked = {
        "train": range(VOCODER_SEED, VOCODER_SEED + plan.vocoder_clips),
        "held-out": range(HELD_OUT_SEED, HELD_OUT_SEED + plan.held_out),
    }
    clips = {
        name: build_clips(folder / "vocoder-clips" / name, seeds, codec)
        for name, seeds in asked.items()
    }
    codec = codec.to(hardware.device)
    sketching = Sketching(codec)
    held_out = Crops(*clips["held-out"], plan.vocoder_batch, hardware=hardware)
    vocoder = train(
        Vocoder(
            sample_rate=codec.config.sample_rate,
            n_fft=codec.config.n_fft,
            mid_bins=codec.config.mid_bins,
            side_bins=codec.config.side_bins,
        ),
        Crops(*clips["train"], plan.vocoder_batch, hardware=hardware).batch_at,
        plan.vocoder,
        folder / "sketching",
        loss_of=sketching.loss_of_run,
        validate=lambda average: sketching.validate(average, held_out),
        hardware=hardware,
    )
    if plan.contest.minutes:
        contestants = Contestants(vocoder.requires_grad_(True), Discriminators())
        vocoder = train(
            contestants,
            Crops(*clips["train"], plan.contest_batch, hardware=hardware).batch_at,
            plan.contest,
            folder / "contest",
            loss_of=Contest(codec).loss_of_run,
            validate=lambda average: sketching.validate(average.vocoder, held_out),
            hardware=hardware,
        ).vocoder
    vocoder.save_pretrained(folder / "vocoder")


def make_model(folder: Path, plan: Plan) -> None:
    """Put what ships together, in half precision, in folder/model."""
    del plan
    assemble(folder)


def make_report(folder: Path, plan: Plan) -> None:
    """Judge folder/model and write the table and pictures to folder/report."""
    if not find_spec("librosa"):
        print("evaluation: needs librosa; run this stage where DITTO is installed", flush=True)
        return
    judge = [sys.executable, "-m", "engine.evaluation.embedded", "--folder", str(folder)]
    judge += ["--weights", str(folder / "model"), "--out", str(folder / "report")]
    subprocess.run([*judge, "--n", str(plan.held_out)], check=True)


STAGES: dict[str, Callable[[Path, Plan], None]] = {
    "corpus": make_corpora,
    "codec": make_codec,
    "denoiser": make_denoiser,
    "student": make_student,
    "vocoder": make_vocoder,
    "model": make_model,
    "evaluation": make_report,
}
"""A new stage is one line here."""


def corpora(folder: Path) -> list[str]:
    """Return the names of the corpora that are complete in `folder`."""
    return [name for name in CORPORA if (folder / name / "pieces.jsonl").exists()]


def load_examples(
    folder: Path, codec: MelCodec, vocabulary: Vocabulary, hardware: Hardware
) -> dict[str, Examples]:
    """Return the examples of each corpus that is there, by its folder's name."""
    seconds = codec.hop_length / codec.config.sample_rate
    examples = {}
    for name in corpora(folder):
        latents, pieces = encode_corpus(folder / name, codec), load_pieces(folder / name)
        made = make_examples(latents, pieces, vocabulary, seconds)
        examples[name] = made.to(hardware.device)
    return examples
