"""What a run makes and may spend: two plans, one for two CPU cores, one for a GPU with 16 cores.

The CPU plan chains: with `decay` 0 a stretch ends as it went, and the next begins from its weights.
"""

from dataclasses import dataclass, field
from pathlib import Path

from engine.training.loop import Budget


@dataclass(frozen=True)
class Size:
    """The denoiser's width and its number of blocks."""

    width: int = 256
    depth: int = 6

    @property
    def heads(self) -> int:
        """Return the attention heads, of 64 channels each."""
        return max(1, self.width // 64)


@dataclass(frozen=True)
class Plan:
    """Everything that a run of all stages needs to know."""

    clips: int = 8000
    """Training clips of 6 s."""
    long_clips: int = 3000
    """Training clips of 12 s."""
    held_out: int = 200
    """Clips of either length that are never trained on."""
    sizes: tuple[Size, ...] = (Size(),)
    """The first that trains fast enough is taken; the last in any case."""
    least_samples_per_second: float = 0.0
    batch: int = 32
    """Short clips in a step of the denoiser; half as many long ones."""
    denoiser: Budget = field(default_factory=lambda: Budget(minutes=110))
    short_share: float = 0.6
    """Share of the denoiser's budget before the first long clip."""
    student_batch: int = 16
    student: Budget = field(
        default_factory=lambda: Budget(minutes=25, learning_rate=2e-4, ema=0.99)
    )
    vocoder_clips: int = 2000
    """Clips of 6 s that the vocoder hears, kept as audio: 1 MB each."""
    vocoder_batch: int = 12
    """Crops of 1.1 s in a step of its first phase."""
    vocoder: Budget = field(default_factory=lambda: Budget(minutes=120))
    contest_batch: int = 4
    """Likewise in its second, against discriminators."""
    contest: Budget = field(
        default_factory=lambda: Budget(minutes=30, learning_rate=2e-4, ema=0.995)
    )
    beginning: Path | None = None
    """Model folder (base, codec) to begin from; its codec is kept."""

    def lines(self) -> list[str]:
        """Return the plan in words, a line per stage."""
        sizes = ", else ".join(f"{size.width} wide, {size.depth} deep" for size in self.sizes)
        gate = f" (at least {self.least_samples_per_second:g} samples/s)" if self.sizes[1:] else ""
        origin = f"beginning from {self.beginning}" if self.beginning else "from fresh weights"
        decay = (
            f"decays over the last {self.denoiser.decay:.0%}" if self.denoiser.decay else "stays"
        )
        return [
            f"corpus     {self.clips} clips of 6 s, {self.long_clips} of 12 s, "
            f"{self.held_out} of each held out",
            f"codec      {'kept from ' + str(self.beginning) if self.beginning else 'fitted'}",
            f"denoiser   {sizes}{gate}; {origin}; {self.denoiser.words()}, batches of "
            f"{self.batch}, short clips only for {self.short_share:.0%}; the learning rate "
            f"{self.denoiser.learning_rate:g} {decay}",
            f"student    {self.student.words()}, batches of {self.student_batch}",
            f"vocoder    {self.vocoder_clips} clips; {self.vocoder.words()} of sketches, batches "
            f"of {self.vocoder_batch}; {self.contest.words()} against discriminators, batches of "
            f"{self.contest_batch}",
        ]


CPU_PLAN = Plan()
"""Two cores: about 30 samples/s each, 400 thousand in a stretch."""
GPU_PLAN = Plan(
    clips=60_000,
    long_clips=20_000,
    sizes=(Size(320, 8), Size()),
    least_samples_per_second=3000,
    batch=1024,
    denoiser=Budget(minutes=12, ema=0.9995, save_every=60),
    student_batch=512,
    student=Budget(minutes=4, learning_rate=2e-4, ema=0.995, save_every=60),
    vocoder_batch=96,
    vocoder=Budget(minutes=8, save_every=60),
    contest_batch=32,
    contest=Budget(minutes=4, learning_rate=2e-4, ema=0.995, save_every=60),
)
"""One H100 or H200 with 16 cores for 25 minutes, 15 more with the vocoder; none of it measured."""
PLANS = {"cpu": CPU_PLAN, "gpu": GPU_PLAN}
