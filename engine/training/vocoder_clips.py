"""Clips for the vocoder: rendered once to disk as 16-bit audio, with their latents; crops of them.

Features reach the vocoder as the codec gives them, through its principal components and back, so
that it learns what the codec lost.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.models.mel_codec import MelCodec
from engine.shapes import Audio, Features, Latents
from engine.training.corpus.rendering import Renderer
from engine.training.features import SHORT, render_piece

FULL_SCALE = 32767


@dataclass(frozen=True)
class Clips:
    """Audio (clips, 2, samples) as it lies on disk, and latents (clips, channels, frames)."""

    audio: NDArray[np.int16]
    latents: Latents

    def crop(self, generator: torch.Generator, size: int, frames: int) -> tuple[Latents, Audio]:
        """Return `frames` latent frames of `size` random clips, and their audio.

        The audio has one latent frame more on each side, for the windows that reach there.
        """
        total = self.latents.shape[-1]
        hop = self.audio.shape[-1] // total
        which = torch.randint(len(self.audio), (size,), generator=generator).tolist()
        starts = torch.randint(1, total - frames, (size,), generator=generator).tolist()
        latents = [self.latents[i, :, s : s + frames] for i, s in zip(which, starts, strict=True)]
        audio = [
            self.audio[i, :, (s - 1) * hop : (s + frames + 1) * hop]
            for i, s in zip(which, starts, strict=True)
        ]
        sound = torch.from_numpy(np.stack(audio).astype(np.float32) / FULL_SCALE)
        return torch.stack(latents).float(), sound


def build_clips(folder: Path, seeds: range, codec: MelCodec) -> Clips:
    """Render the pieces of `seeds` into `folder`, about 1 MB each; load what is there.

    Goes on after the last whole clip of an interrupted run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, made = folder / "audio.npy", folder / "rendered"
    shape = (len(seeds), 2, SHORT * codec.hop_length)
    if not made.exists():
        np.lib.format.open_memmap(path, mode="w+", dtype=np.int16, shape=shape)
        made.write_text("0")
    audio = np.load(path, mmap_mode="r+")
    first = int(made.read_text())
    renderer = Renderer() if first < len(seeds) else None
    for number in range(first, len(seeds)):
        assert renderer is not None
        clip = render_piece(renderer, seeds[number])[1][:, : shape[-1]]
        audio[number] = np.round(clip * FULL_SCALE)
        if number % 100 == 99 or number == len(seeds) - 1:
            audio.flush()
            made.write_text(str(number + 1))
            print(f"vocoder: {number + 1} of {len(seeds)} clips", flush=True)
    return Clips(audio, _latents(folder / "latents.safetensors", audio, codec))


def _latents(path: Path, audio: NDArray[np.int16], codec: MelCodec) -> Tensor:
    if not path.exists():
        latents = [
            codec.features_to_latents(codec.encode_features(_sound(audio[i : i + 10]))).half()
            for i in range(0, len(audio), 10)
        ]
        save_file({"latents": torch.cat(latents).contiguous()}, path)
    return load_file(path)["latents"]


def _sound(clips: NDArray[np.int16]) -> Audio:
    return torch.from_numpy(clips.astype(np.float32) / FULL_SCALE)
