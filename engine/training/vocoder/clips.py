"""Clips for the vocoder: rendered once to disk as 16-bit audio, with their latents; crops of them.

Features reach the vocoder as the codec gives them, through its principal components and back, so
that it learns what the codec lost.
"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.models.mel_codec import MelCodec
from engine.shapes import Audio, Latents
from engine.training.corpus.rendering import Renderer
from engine.training.draws import integers
from engine.training.features import SHORT, render_piece
from engine.training.hardware import Hardware
from engine.training.loop import CPU
from engine.training.progress import progress

FULL_SCALE = 32767
CROP = 12
"""Latent frames of a crop: 1.1 s."""
CHUNK = 20
"""Clips per piece of work."""


@dataclass(frozen=True)
class Crops:
    """Random crops of clips: audio (clips, 2, samples) on disk, latents (clips, channels, frames).

    Each has `latent_frames` and, for the windows that reach there, audio of one more at either end.
    """

    audio: NDArray[np.int16]
    latents: Latents
    batch: int
    latent_frames: int = CROP
    hardware: Hardware = CPU

    def batch_at(self, step: int, share: float, draw: torch.Generator) -> tuple[Latents, Audio]:
        """Return the latents and the audio of a batch; every step of a run is alike."""
        del step, share
        total, frames = self.latents.shape[-1], self.latent_frames
        hop = self.audio.shape[-1] // total
        which = integers(draw, len(self.audio), self.batch).tolist()
        starts = (1 + integers(draw, total - frames - 1, self.batch)).tolist()
        latents = [self.latents[i, :, s : s + frames] for i, s in zip(which, starts, strict=True)]
        audio = [
            self.audio[i, :, (s - 1) * hop : (s + frames + 1) * hop]
            for i, s in zip(which, starts, strict=True)
        ]
        device = self.hardware.device
        return torch.stack(latents).float().to(device), _sound(np.stack(audio)).to(device)


def build_clips(
    folder: Path, seeds: range, codec: MelCodec, *, processes: int | None = None
) -> tuple[NDArray[np.int16], Latents]:
    """Render the pieces of `seeds` into `folder`, 1 MB each; return audio and latents there.

    Goes on after the last whole chunk of an interrupted run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, rendered = folder / "audio.npy", folder / "rendered"
    samples = SHORT * codec.hop_length
    if not rendered.exists():
        shape = (len(seeds), 2, samples)
        np.lib.format.open_memmap(path, mode="w+", dtype=np.int16, shape=shape)
        rendered.write_text("0")
    audio = np.load(path, mmap_mode="r+")
    done = int(rendered.read_text())
    if done < len(seeds):
        context = multiprocessing.get_context("spawn")
        with (
            ProcessPoolExecutor(processes or os.cpu_count(), mp_context=context) as pool,
            progress("vocoder clips") as report,
        ):
            chunks = [seeds[i : i + CHUNK] for i in range(done, len(seeds), CHUNK)]
            for block in pool.map(partial(_render, samples=samples), chunks):
                audio[done : done + len(block)] = block
                audio.flush()
                done += len(block)
                rendered.write_text(str(done))
                report.at(done / len(seeds), f"{done} of {len(seeds)} clips")
    return audio, _latents(folder / "latents.safetensors", audio, codec)


_renderer: Renderer | None = None


def _render(seeds: range, samples: int) -> NDArray[np.int16]:
    """Render some seeds; the soundfont stays loaded in the process."""
    global _renderer
    torch.set_num_threads(1)
    _renderer = _renderer or Renderer()
    clips = [render_piece(_renderer, seed)[1][:, :samples] for seed in seeds]
    return np.round(np.stack(clips) * FULL_SCALE).astype(np.int16)


def _latents(path: Path, audio: NDArray[np.int16], codec: MelCodec) -> Tensor:
    if not path.exists():
        latents = [
            codec.features_to_latents(codec.encode_features(_sound(audio[i : i + CHUNK]))).half()
            for i in range(0, len(audio), CHUNK)
        ]
        save_file({"latents": torch.cat(latents).contiguous()}, path)
    return load_file(path)["latents"]


def _sound(clips: NDArray[np.int16]) -> Audio:
    return torch.from_numpy(clips.astype(np.float32) / FULL_SCALE)
