"""What a job with a model takes in memory, by task and length, before anything of it is loaded.

    weights    every number of every part, in 32 bits
    generate   and one call of the network, nothing kept of it
    search     and what the backward pass keeps: least where steps are computed twice, else most

What the published network of each family keeps of one call was counted on its real settings, in 16
bits; other networks of its family keep more as they have more weights. About right: the daemon
measures the model itself when it is loaded, and goes by that.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.models.manifest import Manifest

GIB = 2**30
NUMBER_BYTES = 4
USUAL_SECONDS = (5.0, 10.0, 30.0, 60.0)
UNKEPT = 0.1
"""Of what a call keeps for a backward pass, what it holds at once without one: a few layers."""
LATENT, BLOCK_INPUTS, ONE_BLOCK = 0.017, 0.07, 0.16
"""Shares of a call's activations, as engine.sampler.checkpointing has them."""


@dataclass(frozen=True)
class Family:
    """How the networks of a family grow. `kept_fixed` + `kept_per_second` x seconds are GiB in 16
    bits of one call of the `network` of `reference` numbers; `decoding` are GiB in 16 bits of the
    stretch that is decoded at a time. Weights that are not distilled take more steps, of two calls
    each; `distilled` is the file and the word in it that say so, where there are both kinds."""

    network: str
    reference: float
    kept_fixed: float
    kept_per_second: float
    decoding: float
    steps: int
    shortest: float
    longest: float
    distilled: tuple[str, str] = ("", "")
    base_steps: int = 0


FAMILIES = {
    "StableAudioPipeline": Family("transformer", 1057e6, 3.0, 0.0, 1.4, 16, 47.6, 47.6),
    "StableAudio3Pipeline": Family(
        *("transformer", 459e6, 0.11, 0.0134, 1.0, 8, 5.0, 60.0),
        distilled=("scheduler/scheduler_config.json", "stochastic_sampling"),
        base_steps=24,
    ),
    "AceStepPipeline": Family(
        *("transformer", 1575e6, 0.1, 0.04, 1.5, 8, 10.0, 60.0),
        distilled=("transformer/config.json", "is_turbo"),
        base_steps=30,
    ),
    "AudioLDM2Pipeline": Family("unet", 347e6, 0.73, 0.0, 0.5, 20, 10.24, 10.24),
}
"""By pipeline. Sources: counted with the published settings on torch's meta device."""
GROWTH = 0.8
"""Stable Audio 3 medium has 3.2 times the weights of small and keeps 2.5 times as much."""
LONGEST = max(family.longest for family in FAMILIES.values())


@dataclass(frozen=True)
class Need:
    """Bytes for music of so many seconds: made from words alone, and searched for."""

    seconds: float
    generate: int
    least: int
    most: int


def weight_bytes(weights: dict[str, int]) -> int:
    """Return what all parts take once they are loaded; `weights` are numbers by part."""
    return NUMBER_BYTES * sum(weights.values())


def is_base(pipeline: str, files: Mapping[str, Path]) -> bool:
    """Return whether the weights are not distilled, in a family that has both kinds."""
    family = FAMILIES.get(pipeline)
    if family is None or not family.base_steps:
        return False
    file, word = family.distilled
    try:
        settings = json.loads(files[file].read_bytes())
    except (KeyError, OSError, ValueError, RecursionError):
        return True
    return not (isinstance(settings, dict) and settings.get(word))


def needs(
    pipeline: str,
    weights: dict[str, int],
    *,
    base: bool = False,
    lengths: Sequence[float] = USUAL_SECONDS,
) -> tuple[Need, ...]:
    """Return what jobs of those lengths take; nothing where the family is not known.

    Longer music is made in several windows, one after the other, and takes no more.
    """
    family = FAMILIES.get(pipeline)
    if family is None:
        return ()
    size = weights.get(family.network, 0) / family.reference
    if base and family.base_steps:
        # Of two calls: with the prompt and without.
        family = replace(
            family,
            kept_fixed=2 * family.kept_fixed,
            kept_per_second=2 * family.kept_per_second,
            steps=family.base_steps,
        )
    return tuple(_need(family, size**GROWTH, weight_bytes(weights), each) for each in lengths)


def longest_fitting(manifest: Manifest, free: float, *, search: bool, below: float) -> int:
    """Return the most whole seconds `below` so many whose music fits into `free` bytes; 0: none."""
    lengths = range(math.ceil(min(below, LONGEST)) - 1, 0, -1)
    found = needs(manifest.pipeline, manifest.weights, base=manifest.base, lengths=lengths)
    fitting = (n.seconds for n in found if (n.least if search else n.generate) <= free)
    return int(next(fitting, 0))


def _need(family: Family, growth: float, resident: int, seconds: float) -> Need:
    window = min(max(seconds, family.shortest), family.longest)
    # Twice: 32 bits.
    kept = 2 * GIB * growth * (family.kept_fixed + family.kept_per_second * window)
    decoding = 2 * GIB * growth * family.decoding
    steps = family.steps
    recomputed = min(1 + steps * LATENT, ONE_BLOCK + steps * BLOCK_INPUTS)
    return Need(
        seconds=seconds,
        generate=round(resident + UNKEPT * (kept + decoding)),
        least=round(resident + recomputed * kept + decoding),
        most=round(resident + steps * kept + decoding),
    )
