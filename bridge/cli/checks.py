"""What can be refused before the daemon is asked; it checks everything again itself."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from bridge.audio_files import Recording, refuse_unwritable
from bridge.cli.failures import RefusedError
from bridge.sample_types import float_of
from plugin_protocol.values import BLOB_BYTES, Inpaint, Kind, Loop, Outpaint, Region


def refuse_paths(clip: Path | None, outputs: list[Path], plots: list[Path]) -> None:
    """Raise unless every file may be written, none is written twice and none is the clip."""
    for path in (*outputs, *plots):
        if clip is not None and _same_file(path, clip):
            raise RefusedError(
                f"{path} is the clip itself, which is never overwritten. Give another name with -o."
            )
        refuse_unwritable(path)
    for path in plots:
        if path.suffix.lower() != ".png":
            raise RefusedError(f"--plot draws a PNG; {path} ends in '{path.suffix}'. Use .png.")


def refuse_objective(objective: Kind, clip: Recording | None) -> None:
    """Raise if the clip is too short, or the result too large, for what is asked."""
    if clip is None:
        return
    if isinstance(objective, Inpaint):
        _refuse_regions(sorted(objective.regions, key=lambda region: region.start), clip)
    if isinstance(objective, Outpaint | Loop) and objective.overlap > clip.seconds:
        raise RefusedError(
            f"--overlap {objective.overlap:g} s is longer than the clip ({_length(clip)} s). "
            f"Use at most {_length(clip)}."
        )
    _refuse_size(objective, clip)


def _refuse_regions(regions: list[Region], clip: Recording) -> None:
    for region in regions:
        if region.end <= region.start:
            raise RefusedError(
                f"--region {_text(region)} does not end after it starts. "
                "Give the earlier time first."
            )
        if region.end > clip.seconds:
            raise RefusedError(
                f"--region {_text(region)} ends outside the clip, which is {_length(clip)} s long. "
                f"End it at {_length(clip)} or earlier."
            )
        if round(region.end * clip.sample_rate) <= round(region.start * clip.sample_rate):
            raise RefusedError(
                f"--region {_text(region)} is shorter than one sample. Make it longer."
            )
    for first, second in pairwise(regions):
        if second.start < first.end:
            raise RefusedError(
                f"--region {_text(first)} and --region {_text(second)} overlap. "
                f"Join them to one region, {first.start:g}-{max(first.end, second.end):g}."
            )
    new = sum(round((region.end - region.start) * clip.sample_rate) for region in regions)
    if new >= len(clip.samples):
        raise RefusedError(
            f"The regions cover the whole clip ({_length(clip)} s), so nothing of it would remain. "
            "Leave some of it, or use `ditto generate`."
        )


def _refuse_size(objective: Kind, clip: Recording) -> None:
    sides = 2 if isinstance(objective, Outpaint) and objective.side == "both" else 1
    longer = objective.seconds * sides if isinstance(objective, Outpaint | Loop) else 0
    samples = len(clip.samples) + longer * clip.sample_rate
    size = samples * clip.channels * np.dtype(float_of(clip.sample_type)).itemsize
    if size > BLOB_BYTES:
        raise RefusedError(
            f"The clip with {longer:g} s of new music takes {size / 2**20:.0f} MiB on its way; "
            f"{BLOB_BYTES // 2**20} MiB is the most. Cut out the part around the edit."
        )


def _same_file(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _text(region: Region) -> str:
    return f"{region.start:g}-{region.end:g}"


def _length(clip: Recording) -> str:
    # Rounded down, so that the printed length can be typed back in.
    return f"{int(clip.seconds * 1000) / 1000:g}"
