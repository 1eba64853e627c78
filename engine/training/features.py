"""Seeds -> log-mel features on disk: compose, render and analyze the corpus on all cores."""

import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.models.mel_codec import MelCodec
from engine.training.corpus.composition import Composition, compose
from engine.training.corpus.rendering import Renderer, Stereo, master, room
from engine.training.progress import progress

SHORT, LONG = 64, 128
"""Latent frames of a clip of 6 s and of one of 12 s."""
SECONDS = 6.0
CHUNK = 50
"""Clips per piece of work."""


def render_piece(
    renderer: Renderer, seed: int, seconds: float = SECONDS
) -> tuple[Composition, Stereo]:
    """Return the piece of a seed and its audio, (2, samples), mastered, with its room."""
    piece, events = compose(seed, seconds)
    dry = renderer.render(events, seconds)
    reverberation = 0.6 + 4 * piece.room
    return piece, master(room(dry, piece.room, reverberation, seed), piece.level_db)


def build_features(
    folder: Path, seeds: range, latent_frames: int = SHORT, *, processes: int | None = None
) -> None:
    """Write features.npy (clips, bins, frames; dB, float16) and pieces.jsonl into `folder`.

    Goes on after the last whole chunk of an interrupted run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "pieces.jsonl").exists():
        return
    codec = MelCodec()
    frames = latent_frames * codec.config.frames_per_latent
    bins = codec.config.mid_bins + codec.config.side_bins
    path, made = folder / "features.npy", folder / "pieces.part"
    if not made.exists():
        shape = (len(seeds), bins, frames)
        np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
        made.touch()
    features = np.load(path, mmap_mode="r+")
    done = len(made.read_text().splitlines())
    context = multiprocessing.get_context("spawn")
    analyze = partial(_analyze, latent_frames=latent_frames)
    with (
        ProcessPoolExecutor(processes or os.cpu_count(), mp_context=context) as pool,
        progress("corpus") as report,
    ):
        chunks = [seeds[i : i + CHUNK] for i in range(done, len(seeds), CHUNK)]
        for pieces, block in pool.map(analyze, chunks):
            features[done : done + len(pieces)] = block
            features.flush()
            with made.open("a") as lines:
                lines.write("".join(json.dumps(asdict(piece)) + "\n" for piece in pieces))
            done += len(pieces)
            report.at(done / len(seeds), f"{folder.name}, {done} of {len(seeds)} clips")
    made.replace(folder / "pieces.jsonl")


def load_pieces(folder: Path) -> list[Composition]:
    """Return the pieces of a built corpus."""
    return list(_read(folder / "pieces.jsonl"))


def _read(path: Path) -> Iterator[Composition]:
    with path.open() as lines:
        for line in lines:
            values: dict[str, Any] = json.loads(line)
            yield Composition(**values)


_renderer: Renderer | None = None


def _analyze(seeds: range, latent_frames: int) -> tuple[list[Composition], NDArray[np.float16]]:
    """Render and analyze some seeds; the soundfont stays loaded in the process."""
    global _renderer
    torch.set_num_threads(1)
    _renderer = _renderer or Renderer()
    codec = MelCodec()
    seconds = SECONDS * latent_frames / SHORT
    pieces, blocks = [], []
    for seed in seeds:
        piece, audio = render_piece(_renderer, seed, seconds)
        window = torch.from_numpy(audio)[None, :, : latent_frames * codec.hop_length]
        pieces.append(piece)
        blocks.append(codec.encode_features(window)[0].half().numpy())
    return pieces, np.stack(blocks)
