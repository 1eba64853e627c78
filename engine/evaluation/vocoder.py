"""How well the codec's decoder plays features, beside Griffin-Lim, as a table.

    python -m engine.evaluation.vocoder [--clips 40] [--weights FOLDER]

Held-out pieces, 5.9 s, go through the codec and back. What is printed is their `likeness` to the
piece that was encoded; "in context" the middle third is made anew while the rest is known, and that
third alone is compared. Griffin-Lim here finds the phases of mid and of side apart.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from engine.evaluation.likeness import Likeness, likeness, mean
from engine.models.embedded import WEIGHTS, load
from engine.models.griffin_lim import griffin_lim, mel_to_magnitude
from engine.models.mel_bank import FLOOR
from engine.models.mel_codec import MelCodec
from engine.shapes import Audio, Latents

Decode = Callable[[Latents, Audio | None, Tensor | None], Audio]
"""Latents, the known audio and where it is kept (samples), to audio."""


def griffin_lim_apart(
    codec: MelCodec,
    iterations: int,
    latents: Latents,
    known: Audio | None = None,
    keep_mask: Tensor | None = None,
) -> Audio:
    """Return audio whose mid and side have phases of their own, by Griffin-Lim."""
    features = codec.decode_features(latents)
    mels = (10 ** (features / 20) - FLOOR).clamp_min(0)
    mid_mel, side_mel = mels.split([codec.config.mid_bins, codec.config.side_bins], dim=1)

    def play(mel: Tensor, bank: Tensor, inverse: Tensor, reference: Tensor | None) -> Tensor:
        return griffin_lim(
            mel_to_magnitude(mel, bank, inverse),
            window=codec.window,
            hop=codec.config.hop,
            samples=latents.shape[-1] * codec.hop_length,
            iterations=iterations,
            known=reference,
            keep_mask=keep_mask,
        )

    middle = None if known is None else known.mean(dim=1)
    sides = None if known is None else (known[:, 0] - known[:, 1]) / 2
    mid = play(mid_mel, codec.mid_bank, codec.mid_inverse, middle)
    side = play(side_mel, codec.side_bank, codec.side_inverse, sides)
    return torch.stack([mid + side, mid - side], dim=1)


@torch.no_grad()
def measure(codec: MelCodec, decode: Decode, clips: Audio) -> tuple[Likeness, Likeness]:
    """Return the likeness of whole clips, and of middle thirds made in context."""
    whole, inside = [], []
    samples = clips.shape[-1]
    third = slice(samples // 3, samples * 2 // 3)
    keep = torch.ones(samples)
    keep[third] = 0
    compare = partial(likeness, sample_rate=codec.config.sample_rate)
    for clip in clips.split(1):
        latents = codec.features_to_latents(codec.encode_features(clip))
        whole.append(compare(decode(latents, None, None), clip))
        made = decode(latents, clip, keep)
        inside.append(compare(made[..., third], clip[..., third]))
    return mean(whole), mean(inside)


def seconds_of(codec: MelCodec, decode: Decode, clip: Audio) -> tuple[float, float]:
    """Return the seconds that one clip takes: decoding alone, and with its gradient."""
    latents = codec.features_to_latents(codec.encode_features(clip))
    with torch.no_grad():
        began = time.perf_counter()
        decode(latents, None, None)
        forward = time.perf_counter() - began
    latents.requires_grad_()
    began = time.perf_counter()
    decode(latents, None, None).square().mean().backward()
    return forward, time.perf_counter() - began


def table(codec: MelCodec, clips: Audio, decoders: dict[str, Decode]) -> Iterator[str]:
    """Yield the lines of the table, Markdown."""
    columns = "mel error dB | convergence | log distance dB | attacks"
    yield f"| {len(clips)} clips | {columns} | in context: {columns} | s | with gradient |"
    yield "|---" * 11 + "|"
    for name, decode in decoders.items():
        reports = measure(codec, decode, clips)
        forward, both = seconds_of(codec, decode, clips[:1])
        cells = " | ".join(
            f"{r.mel_error:.2f} | {r.convergence:.3f} | {r.log_distance:.2f} | {r.attacks:.3f}"
            for r in reports
        )
        yield f"| {name} | {cells} | {forward:.2f} | {both:.2f} |"


def held_out_clips(codec: MelCodec, count: int) -> Audio:
    """Return pieces that no training run reaches, in whole latent frames."""
    # Only here: rendering needs the soundfont, measuring does not.
    from engine.training.corpus.rendering import Renderer
    from engine.training.features import SHORT, render_piece
    from engine.training.stages import HELD_OUT_SEED

    renderer = Renderer()
    samples = SHORT * codec.hop_length
    pieces = [render_piece(renderer, HELD_OUT_SEED + i)[1][:, :samples] for i in range(count)]
    return torch.stack([torch.from_numpy(piece) for piece in pieces])


def main() -> None:
    """Print the table of the codec that ships, or of another."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="a model folder")
    asked = parser.parse_args()
    model = load(asked.weights)
    codec = model.codec
    decoders: dict[str, Decode] = {
        f"Griffin-Lim, {rounds} rounds": partial(griffin_lim_apart, codec, rounds)
        for rounds in (32, 64, 100)
    }
    decoders["these weights"] = partial(codec.decode, vocoder=model.vocoder)
    for line in table(codec, held_out_clips(codec, asked.clips), decoders):
        print(line, flush=True)


if __name__ == "__main__":
    main()
