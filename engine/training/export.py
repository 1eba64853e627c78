"""Write what ships: codec, base and student as fp16 safetensors in one model folder."""

from pathlib import Path

from engine.models.denoiser import Denoiser
from engine.models.embedded import WEIGHTS
from engine.models.mel_codec import MelCodec
from engine.models.saved_network import SavedNetwork

LIMIT_MB = 32


def export(folder: Path, target: Path = WEIGHTS) -> None:
    """Copy folder/{train/codec,base,student} to `target` in half precision."""
    parts: dict[str, tuple[type[SavedNetwork], str]] = {
        "codec": (MelCodec, "train/codec"),
        "base": (Denoiser, "base"),
    }
    if (folder / "student").exists():
        parts["student"] = (Denoiser, "student")
    for name, (kind, source) in parts.items():
        loaded = kind.from_pretrained(folder / source)
        loaded.half().save_pretrained(target / name)
    size = sum(file.stat().st_size for file in target.rglob("*.safetensors")) / 1e6
    print(f"export: {size:.1f} MB in {target.name} (limit {LIMIT_MB} MB)", flush=True)
