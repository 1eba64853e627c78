"""One clip of every style the model knows, from a prompt, with its picture; nothing is selected.

    python -m engine.evaluation.embedded.demos FOLDER [--weights FOLDER]

FOLDER gets a FLAC file and a PNG for each style, all pictures on one page (sheet.png) and the
prompts (README.md). Prompts are of held-out pieces: the first of each style.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import cast

import soundfile as sf
from torch import Tensor

from engine.evaluation.control_measures import Signal
from engine.evaluation.control_runs import make
from engine.evaluation.embedded.pictures import draw_sheet
from engine.evaluation.embedded.telling import is_understood, prompt_of
from engine.models.embedded import WEIGHTS, EmbeddedModel, load
from engine.models.music_model import MusicModel
from engine.requests import Request
from engine.training.corpus.composition import Composition, compose
from engine.training.stages import HELD_OUT_SEED

SEED = 0


@dataclass(frozen=True)
class Demo:
    """A prompt and what came of it: `audio` (channels, samples), `log_mel` (bins, frames) in dB."""

    style: str
    prompt: str
    audio: Signal
    log_mel: Tensor


def pieces_of(styles: Sequence[str], model: EmbeddedModel) -> Iterator[Composition]:
    """Yield the first held-out piece of each style whose words the model understands."""
    for style in styles:
        pieces = (compose(seed)[0] for seed in count(HELD_OUT_SEED))
        yield next(p for p in pieces if p.style == style and is_understood(model, p))


def demos(model: EmbeddedModel) -> Iterator[Demo]:
    """Yield a demo of one full window for each style that the model knows."""
    seconds = model.max_latent_frames * model.hop_length / model.sample_rate
    for piece in pieces_of(model.denoiser.understands.styles, model):
        prompt = f"{piece.mood} {prompt_of(piece)}, {piece.bpm} bpm"
        request = Request("generate", seconds=seconds, prompt=prompt, seed=SEED)
        # The contract's attributes are read-only here, which mypy does not accept as meeting it.
        made = make(request, None, cast(MusicModel, model))
        heard = model.encode_features(made.take.audio[None])[0, : model.codec.config.mid_bins]
        yield Demo(piece.style, prompt, made.audio, heard)


def write(folder: Path, model: EmbeddedModel) -> None:
    """Write sounds, pictures and prompts."""
    folder.mkdir(parents=True, exist_ok=True)
    made, lines = [], ["# What the model makes of a prompt", ""]
    for demo in demos(model):
        name = demo.style.replace(" ", "-")
        sf.write(folder / f"{name}.flac", demo.audio.T, model.sample_rate, subtype="PCM_16")
        draw_sheet(folder / f"{name}.png", [demo.log_mel], [demo.prompt], columns=1)
        lines.append(f"* [{demo.style}]({name}.flac): {demo.prompt}")
        print(lines[-1], flush=True)
        made.append(demo)
    draw_sheet(folder / "sheet.png", [d.log_mel for d in made], [d.prompt for d in made], columns=3)
    (folder / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make one clip of every style.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="another model folder")
    arguments = parser.parse_args()
    write(arguments.folder, load(arguments.weights))
