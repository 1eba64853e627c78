"""Seeds -> log-mel features on disk: compose, render and analyze the corpus on all cores."""

import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.models.mel_codec import MelCodec
from engine.training.corpus.composition import Composition, compose
from engine.training.corpus.rendering import Renderer, Stereo, master, room

SECONDS = 6.0
LATENT_FRAMES = 64
CHUNK = 100
"""Clips per piece of work."""


def render_piece(renderer: Renderer, seed: int) -> tuple[Composition, Stereo]:
    """Return the piece of a seed and its audio, (2, samples), mastered, with its room."""
    piece, events = compose(seed, SECONDS)
    dry = renderer.render(events, SECONDS)
    reverberation = 0.6 + 4 * piece.room
    return piece, master(room(dry, piece.room, reverberation, seed), piece.level_db)


def build_features(folder: Path, seeds: range, *, processes: int | None = None) -> None:
    """Write features.npy (clips, bins, frames; dB, float16) and pieces.jsonl into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "pieces.jsonl").exists():
        return
    codec = MelCodec()
    frames = LATENT_FRAMES * codec.config.frames_per_latent
    bins = codec.config.mid_bins + codec.config.side_bins
    path = folder / "features.npy"
    shape = (len(seeds), bins, frames)
    features = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    pieces: list[Composition] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=context) as pool:
        chunks = [seeds[i : i + CHUNK] for i in range(0, len(seeds), CHUNK)]
        for number, (made, block) in enumerate(pool.map(_analyze, chunks)):
            features[number * CHUNK : number * CHUNK + len(made)] = block
            pieces += made
            print(f"corpus: {len(pieces)} of {len(seeds)} clips", flush=True)
    features.flush()
    temporary = folder / "pieces.tmp"
    temporary.write_text("".join(json.dumps(asdict(piece)) + "\n" for piece in pieces))
    temporary.replace(folder / "pieces.jsonl")


def load_pieces(folder: Path) -> list[Composition]:
    """Return the pieces of a built corpus."""
    return list(_read(folder / "pieces.jsonl"))


def _read(path: Path) -> Iterator[Composition]:
    with path.open() as lines:
        for line in lines:
            values: dict[str, Any] = json.loads(line)
            yield Composition(**values)


_renderer: Renderer | None = None


def _analyze(seeds: range) -> tuple[list[Composition], NDArray[np.float16]]:
    """Render and analyze some seeds; the soundfont stays loaded in the process."""
    global _renderer
    torch.set_num_threads(1)
    _renderer = _renderer or Renderer()
    codec = MelCodec()
    pieces, blocks = [], []
    for seed in seeds:
        piece, audio = render_piece(_renderer, seed)
        window = torch.from_numpy(audio)[None, :, : LATENT_FRAMES * codec.hop_length]
        pieces.append(piece)
        blocks.append(codec.encode_features(window)[0].half().numpy())
    return pieces, np.stack(blocks)
