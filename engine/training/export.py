"""What ships: all trained parts in half precision, in one model folder of at most 32 MB."""

import shutil
from pathlib import Path

from engine.models.denoiser import Denoiser
from engine.models.mel_codec import MelCodec
from engine.models.saved_network import SavedNetwork
from engine.models.vocoder import Vocoder

LIMIT_BYTES = 32_000_000
PARTS: dict[str, tuple[type[SavedNetwork], str]] = {
    "codec": (MelCodec, "train/codec"),
    "student": (Denoiser, "student"),
    "vocoder": (Vocoder, "vocoder"),
    "base": (Denoiser, "base"),
}
"""Part: (its class, where training leaves it)."""


def assemble(folder: Path) -> Path:
    """Write the parts that are in `folder` to folder/model in half precision, and return that.

    The base stays behind where it would not fit: only the student is needed to make music.
    """
    model = folder / "model"
    for name, (kind, source) in PARTS.items():
        if (folder / source).exists():
            kind.from_pretrained(folder / source).half().save_pretrained(model / name)
    size = _bytes(model)
    if size > LIMIT_BYTES:
        shutil.rmtree(model / "base")
        print(f"model: {size / 1e6:.1f} MB are too much; the base is left out", flush=True)
        size = _bytes(model)
    print(f"model: {size / 1e6:.1f} MB (limit {LIMIT_BYTES / 1e6:g} MB)", flush=True)
    return model


def export(model: Path, target: Path) -> None:
    """Put the parts in `model` in the place of those in `target`; what else is there stays."""
    for part in sorted(model.iterdir()):
        shutil.rmtree(target / part.name, ignore_errors=True)
        shutil.copytree(part, target / part.name)
    print(f"export: {', '.join(sorted(p.name for p in model.iterdir()))} to {target}", flush=True)


def _bytes(model: Path) -> int:
    return sum(file.stat().st_size for file in model.rglob("*.safetensors"))
