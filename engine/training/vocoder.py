"""Train the vocoder on crops of clips: AdamW, EMA, a budget to spend, resumable.

    crop of latents (batch, 192, 12) -> features -> sketch of every third frame
                                                     | losses
    its audio -> spectra of mid and side, one frame per 512 samples

Neighbouring frames are nearly alike, so a sketch of every third teaches as much in half the time.
"""

import copy
import time
from pathlib import Path

import torch
from torch import Tensor

from engine.models.mel_bank import mel_bank
from engine.models.mel_codec import MelCodec
from engine.models.vocoder import Vocoder
from engine.shapes import Audio, Scalar
from engine.training.loop import Budget
from engine.training.saved_state import RunOf
from engine.training.vocoder_clips import Clips, build_clips
from engine.training.vocoder_loss import BANDS, Heard, sketch_losses, total

FIRST_SEED = 1_000_000
CLIPS = 2000
BATCH = 12
CROP = 12
"""Latent frames: 1.1 s."""
STRIDE = 3
EDGE = 4
"""Frames at each end of a crop that are heard but not sketched."""


def train_vocoder(
    model: Vocoder, codec: MelCodec, clips: Clips, budget: Budget, folder: Path
) -> Vocoder:
    """Train until the budget is spent and return the averaged weights.

    Goes on from folder/training.safetensors; writes log.csv, a column per term of the loss.
    """
    folder.mkdir(parents=True, exist_ok=True)
    adam = torch.optim.AdamW(
        model.parameters(), lr=budget.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    run = RunOf(model, copy.deepcopy(model).requires_grad_(False), adam)
    state = folder / "training.safetensors"
    run.restore(state)
    bank = mel_bank(codec.config.sample_rate, codec.config.n_fft, BANDS)
    began = saved = time.monotonic() - run.seconds
    logged: list[dict[str, Scalar]] = []
    while budget.spent(run) < 1:
        for group in adam.param_groups:
            group["lr"] = budget.rate(run)
        # The step seeds its own draws, so that a resumed run sees what an unbroken one would.
        latents, audio = clips.crop(torch.Generator().manual_seed(run.step), BATCH, CROP)
        frames = slice(EDGE + run.step % STRIDE, -EDGE, STRIDE)
        sketch = model(codec.decode_features(latents), frames)
        losses = sketch_losses(sketch, hear(codec, audio, frames), bank)
        adam.zero_grad()
        total(losses).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        run.step += 1
        run.samples += len(latents)
        run.follow(min(budget.ema, 1 - 1 / (run.step + 1) ** 0.75))
        logged.append({name: loss.detach() for name, loss in losses.items()})
        run.seconds = time.monotonic() - began
        if time.monotonic() - saved > budget.save_every:
            saved = time.monotonic()
            run.save(state)
            _log(folder, run, logged)
            logged = []
    run.save(state)
    return run.average


def hear(codec: MelCodec, audio: Audio, frames: slice) -> Heard:
    """Return the spectra of some frames of a crop's audio, which begins a latent frame earlier."""
    per_latent, hop = codec.config.frames_per_latent, codec.config.hop
    # The first window lies around the sample one frame before the crop.
    start = (per_latent - 1) * hop - codec.config.n_fft // 2
    count = audio.shape[-1] // hop - 2 * per_latent
    end = start + count * hop + codec.config.n_fft

    def spectrum(channel: Tensor) -> Tensor:
        return torch.stft(
            channel[:, start:end],
            codec.config.n_fft,
            hop,
            window=codec.window,
            center=False,
            return_complex=True,
        )

    mid, side = spectrum(audio.mean(dim=1)), spectrum((audio[:, 0] - audio[:, 1]) / 2)
    return Heard(mid[..., 1:][..., frames], mid[..., :-1][..., frames], side[..., 1:][..., frames])


def run_vocoder(folder: Path, codec: MelCodec, budget: Budget) -> None:
    """Render, train, and save to folder/vocoder."""
    torch.manual_seed(0)
    clips = build_clips(folder / "clips", range(FIRST_SEED, FIRST_SEED + CLIPS), codec)
    model = Vocoder(
        sample_rate=codec.config.sample_rate,
        n_fft=codec.config.n_fft,
        mid_bins=codec.config.mid_bins,
        side_bins=codec.config.side_bins,
    )
    count = sum(p.numel() for p in model.parameters())
    print(f"vocoder: {count / 1e6:.2f} M parameters, {len(clips.audio)} clips", flush=True)
    train_vocoder(model, codec, clips, budget, folder / "training").save_pretrained(
        folder / "vocoder"
    )


def _log(folder: Path, run: RunOf[Vocoder], logged: list[dict[str, Scalar]]) -> None:
    terms = {name: float(torch.stack([row[name] for row in logged]).mean()) for name in logged[0]}
    row = {"step": f"{run.step}", "seconds": f"{run.seconds:.0f}"}
    row |= {name: f"{value:.4f}" for name, value in terms.items()}
    path = folder / "log.csv"
    header = "" if path.exists() else ",".join(row) + "\n"
    with path.open("a") as log:
        log.write(header + ",".join(row.values()) + "\n")
    print("vocoder:", ", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
