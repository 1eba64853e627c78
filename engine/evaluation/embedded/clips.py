"""The real clips that generated ones are judged by: training clips and held-out ones, as latents.

Rendered with the soundfont where the folder does not hold them yet; a folder left by
`engine.training` does.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.models.mel_codec import MelCodec
from engine.training.corpus.composition import Composition
from engine.training.corpus.rendering import FONT
from engine.training.features import LONG, SHORT, build_features, load_pieces
from engine.training.stages import CORPORA

TRAINING_CLIPS = 2000
"""How many training clips the recognizers learn from and generated clips are compared with."""
BATCH = 100


@dataclass(frozen=True)
class Clips:
    """Real clips through the codec: `latents` (clips, channels, frames) and what they are."""

    latents: Tensor
    pieces: list[Composition]

    def first(self, count: int) -> "Clips":
        """Return the first clips."""
        return Clips(self.latents[:count], self.pieces[:count])


def real_clips(
    folder: Path, codec: MelCodec, *, held_out: int, long: bool = False
) -> tuple[Clips, Clips]:
    """Return training clips and held-out ones of 6 s, or of 12 s, rendered where missing.

    A missing soundfont raises FileNotFoundError with what to install.
    """
    frames = LONG if long else SHORT
    names = ("long", "held-out-long") if long else ("train", "held-out")
    for name, count in zip(names, (TRAINING_CLIPS, held_out), strict=True):
        if not (folder / name / "pieces.jsonl").exists():
            check_soundfont()
            first, _ = CORPORA[name]
            build_features(folder / name, range(first, first + count), frames)
    train, other = (_encoded(folder / name, codec) for name in names)
    return train.first(TRAINING_CLIPS), other.first(held_out)


def check_soundfont() -> None:
    """Raise FileNotFoundError, with what to install, where clips cannot be rendered."""
    if not (FONT.exists() and find_spec("tinysoundfont")):
        raise FileNotFoundError(
            "Real clips to judge by must be rendered first, and the soundfont or its player is "
            "missing. Install Debian's package fluidr3mono-gm-soundfont and `pip install --no-deps "
            "tinysoundfont`, or pass --folder with a folder that `python -m engine.training` left."
        )


def _encoded(folder: Path, codec: MelCodec) -> Clips:
    pieces = load_pieces(folder)[:TRAINING_CLIPS]
    features = np.load(folder / "features.npy", mmap_mode="r")
    parts = [
        codec.features_to_latents(torch.from_numpy(features[i : i + BATCH].astype(np.float32)))
        for i in range(0, len(pieces), BATCH)
    ]
    return Clips(torch.cat(parts)[: len(pieces)], pieces)
