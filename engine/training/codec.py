"""Fit the codec: principal components of eight feature frames at a time, whitened in part."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.models.mel_codec import MelCodec

WHITENING = 0.6
"""Exponent of the standard deviation divided out: 0 keeps the scales, 1 makes all equal."""
FIT_CLIPS = 2000
BATCH = 100


def fit_codec(folder: Path, beginning: Path | None = None) -> MelCodec:
    """Fit on the first clips of the corpus in `folder`, save to folder/codec; load if there.

    With `beginning`, a model folder, its codec is kept, so that latents mean what they did.
    """
    target = folder / "codec"
    if (target / "config.json").exists():
        return MelCodec.from_pretrained(target)
    if beginning:
        kept: MelCodec = MelCodec.from_pretrained(beginning / "codec")
        kept.float().save_pretrained(target)
        return kept
    codec = MelCodec()
    blocks = _blocks(folder, codec, FIT_CLIPS)
    mean = blocks.mean(dim=0)
    centered = blocks - mean
    variances, vectors = torch.linalg.eigh(centered.T @ centered / len(blocks))
    channels = codec.config.latent_channels
    variances, vectors = variances.flip(0)[:channels], vectors.flip(1)[:, :channels]
    deviations = variances.clamp_min(1e-9).sqrt()
    scales = deviations**WHITENING
    # One gain for all: the latents' mean variance is 1, as the noise's is.
    scales = scales * (deviations / scales).square().mean().sqrt()
    codec.mean.copy_(mean)
    codec.components.copy_(vectors.T)
    codec.scales.copy_(scales)
    codec.save_pretrained(target)
    share = float(variances.sum() / centered.square().sum() * len(blocks))
    print(f"codec: {channels} components keep {share:.1%} of the variance", flush=True)
    return codec


def encode_corpus(folder: Path, codec: MelCodec) -> Tensor:
    """Return the latents of the whole corpus (clips, channels, frames), float16; cached."""
    path = folder / "latents.safetensors"
    if not path.exists():
        features = np.load(folder / "features.npy", mmap_mode="r")
        latents = [
            codec.features_to_latents(
                torch.from_numpy(features[i : i + BATCH].astype(np.float32))
            ).half()
            for i in range(0, len(features), BATCH)
        ]
        save_file({"latents": torch.cat(latents).contiguous()}, path)
    return load_file(path)["latents"]


def _blocks(folder: Path, codec: MelCodec, clips: int) -> Tensor:
    stored = np.load(folder / "features.npy", mmap_mode="r")[:clips]
    features = torch.from_numpy(stored.astype(np.float32))
    batch, bins, frames = features.shape
    per_latent = codec.config.frames_per_latent
    return features.transpose(1, 2).reshape(batch * frames // per_latent, per_latent * bins)
