"""How fast one iteration is, lever by lever, each row with all levers above it.

    python -m engine.evaluation.speed [--model NAME | --random-like SIZE] [--device D] [--out FILE]
                                      [--minutes 9] [--seconds S]

The first row is the paper's way: twenty steps, guidance, every step recomputed, the loss on the
whole waveform. TFLOP are counted, recomputation included, and compared with what the device reaches
in large matrix products of the row's own precision. A job is 40 iterations and its music.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from engine.activation_memory import LiveBytes
from engine.device import named_device
from engine.errors import EngineError
from engine.evaluation.real_size import SIZES, Sized
from engine.frugality import ran_out_of_memory
from engine.listening import Listening
from engine.models import load
from engine.models.music_model import Conditioning, HasFeatureDomain, MusicalContext, MusicModel
from engine.models.network import check_gradient, compiled, in_bf16
from engine.player import Player
from engine.sampler.checkpointing import Checkpointing
from engine.shapes import Latents, PerItem, Scalar
from engine.surrogate import HAND_OVER, in_steps

PAPER_STEPS, ITERATIONS, REPEATS, LOCAL_SECONDS = 20, 40, 3, 3.0


@dataclass(frozen=True)
class Way:
    """How an iteration is made; `heard` is "all" of the audio, a "part" of it, or "latents"."""

    lever: str
    model: MusicModel
    told: Conditioning
    steps: int
    heard: str = "all"
    checkpointing: Checkpointing | None = "step"
    precision: torch.dtype = torch.float32


@dataclass(frozen=True)
class Row:
    """`seconds` and `tflop` of one iteration; `rate_share` of the device's matrix products.

    `job_seconds` are those of a whole search and the decoding of its music. `failed` says why
    there are no numbers.
    """

    lever: str
    seconds: float = 0.0
    tflop: float = 0.0
    tflop_per_second: float = 0.0
    rate_share: float = 0.0
    peak_bytes: int = 0
    job_seconds: float = 0.0
    failed: str = ""


def ways(sized: Sized) -> Iterator[Way]:
    """Yield the paper's way and, one lever after the other, ours; what changes nothing is left out.

    A surrogate is the last of them, and only its own iterations are.
    """
    way = Way("the paper's way", sized.model, sized.told, PAPER_STEPS)
    yield way
    if not isinstance(sized.model, HasFeatureDomain):
        yield (way := replace(way, lever=f"{LOCAL_SECONDS:g} s of the audio", heard="part"))
    yield (way := replace(way, lever="loss on latents", heard="latents"))
    if sized.model.steps != PAPER_STEPS:
        yield (way := replace(way, lever=f"{sized.model.steps} steps", steps=sized.model.steps))
    if sized.told.without is not None:
        told = replace(way.told, without=None, guidance=1.0)
        yield (way := replace(way, lever="no guidance in the search", told=told))
    yield (way := replace(way, lever="recomputing by memory", checkpointing=None))
    yield (
        way := replace(way, lever="bfloat16", model=in_bf16(way.model), precision=torch.bfloat16)
    )
    yield (way := replace(way, lever="compiled", model=compiled(way.model)))
    for steps in (1, 2):
        try:
            in_steps(sized.model, steps)
        except EngineError:
            continue
        fewer = replace(sized, model=in_steps(sized.model, steps)).model
        model = compiled(in_bf16(fewer))
        yield replace(way, lever=f"surrogate of {steps}", model=model, steps=steps)
        return


def measure(sized: Sized, device: torch.device, *, until: float) -> Iterator[Row]:
    """Yield a row per way; after the moment `until` (`time.monotonic`) none is begun."""
    rates = {dtype: matmul_rate(device, dtype) for dtype in (torch.float32, torch.bfloat16)}
    shape, dear, tflop = sized.model.latents_shape(sized.seconds), 0.0, 0.0
    for way in ways(sized):
        if time.monotonic() > until:
            yield Row(way.lever, failed="no time was left")
            continue
        try:
            # By what the plain network keeps, which can be counted in any form of it.
            plain = _player(replace(way, model=sized.model), shape, device)
            way = replace(way, checkpointing=plain.checkpointing)
            player = _player(way, shape, device)
            if way.lever == "compiled":
                x_T = _noise(player)
                check_gradient(way.model, in_bf16(sized.model), x_T, _half_way(x_T), way.told)
            # The counter sees no compiled work.
            counted = replace(player, model=sized.model)
            tflop = _tflop(partial(_iteration, way, counted))
            iteration = partial(_iteration, way, player)
            seconds, peak = _fastest(iteration, device), _peak(iteration, device)
            music = _fastest(partial(_music, player), device)
        except (RuntimeError, MemoryError, EngineError) as error:
            told = str(error).splitlines()[0][:120]
            yield Row(way.lever, failed="memory" if ran_out_of_memory(error) else told)
            continue
        finish = 0.0
        if way.lever.startswith("surrogate"):
            finish = HAND_OVER * dear
        else:
            dear = seconds
        yield Row(
            way.lever,
            seconds,
            tflop,
            tflop / seconds,
            tflop / seconds / rates[way.precision],
            peak,
            ITERATIONS * seconds + finish + music,
        )


def matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Return the TFLOP/s of a large matrix product."""
    size = 8192 if device.type == "cuda" else 512
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    return 2 * size**3 / _fastest(lambda: a @ b, device, repeats=10) / 1e12


def head(title: str) -> str:
    """Return the first two lines of a table."""
    return (
        f"{title}\n{'each with all above it':<28}{'s/iter':>9}{'TFLOP':>9}{'TFLOP/s':>9}"
        f"{'of matmul':>11}{'peak GB':>9}{'s/job':>9}"
    )


def line(row: Row) -> str:
    """Return the row as a line of the table."""
    if row.failed:
        return f"{row.lever:<28}  not measured: {row.failed}"
    return (
        f"{row.lever:<28}{row.seconds:>9.4f}{row.tflop:>9.3f}{row.tflop_per_second:>9.2f}"
        f"{row.rate_share:>11.0%}{row.peak_bytes / 1e9:>9.2f}{row.job_seconds:>9.1f}"
    )


def _half_way(x_T: Latents) -> PerItem:
    return torch.full_like(x_T[:, 0, 0], 0.5)


def _noise(player: Player) -> Latents:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(player.shape, generator=generator).to(player.device)


def _player(way: Way, shape: tuple[int, int, int], device: torch.device) -> Player:
    return Player(way.model, way.told, way.steps, shape, device, fixed=way.checkpointing)


def _iteration(way: Way, player: Player) -> None:
    # The counter of operations wants no leaf.
    x_T = _noise(player).requires_grad_().clone()
    torch.autograd.grad(_loss(way, player.play(x_T)), x_T)


def _loss(way: Way, x_0: Latents) -> Scalar:
    """Return a painting's loss: the first half is to be silence."""
    if way.heard == "latents":
        return x_0[..., : x_0.shape[-1] // 2].square().mean()
    if way.heard == "part":
        frames = int(LOCAL_SECONDS * way.model.sample_rate / way.model.hop_length)
        x_0 = x_0[..., : max(1, frames)]
    return Listening(way.model).decode(x_0).square().mean()


@torch.no_grad()
def _music(player: Player) -> None:
    Listening(player.model).decode(player.music(_noise(player)))


def _tflop(iteration: Callable[[], None]) -> float:
    # Fused attention is counted on GPUs only.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        iteration()
    return float(counter.get_total_flops()) / 1e12


def _peak(iteration: Callable[[], None], device: torch.device) -> int:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        iteration()
        return int(torch.cuda.max_memory_allocated(device))
    with LiveBytes() as live:
        iteration()
    return live.peak + live.before


def _fastest(
    work: Callable[[], object], device: torch.device, *, repeats: int | None = None
) -> float:
    times = []
    for _ in range(1 + (repeats or REPEATS)):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - began)
    return min(times[1:])


def _named(name: str, device: torch.device) -> Sized:
    model = load(name, device=device)
    seconds = 6.0
    told = model.encode_text("house", seconds=seconds, context=MusicalContext(bpm=120))
    return Sized(model, seconds, told)


def main() -> None:
    """Print the tables row by row, and keep them."""
    parser = argparse.ArgumentParser(description="How fast one iteration is, lever by lever.")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--random-like", choices=[*SIZES])
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--device", default="")
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    device, until = named_device(given.device), time.monotonic() + 60 * given.minutes
    runs: list[Callable[[], Sized]] = [partial(_named, given.model, device)]
    if given.random_like:
        make, lengths = SIZES[given.random_like]
        lengths = (given.seconds,) if given.seconds else lengths
        runs = [partial(make, device, length) for length in lengths]
    kept: list[dict[str, Any]] = []
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    for run in runs:
        sized = run()
        title = f"{sized.model.name}, {sized.seconds:g} s, {where}"
        print(head(title), flush=True)
        kept.append({"title": title, "rows": []})
        for row in measure(sized, device, until=until):
            # At once: whoever ends the run keeps what is there.
            print(line(row), flush=True)
            kept[-1]["rows"].append(asdict(row))
            if given.out:
                given.out.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
