"""`python -m engine.training FOLDER`: corpus, codec, networks, and what ships of them."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

SHARED_CORES = {
    # Idle OpenMP threads otherwise spin and, on shared cores, cost a factor of ten.
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
    "KMP_BLOCKTIME": "0",
    # Big tensors otherwise go back to the system after every step, and their pages fault again.
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(8 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
    "MALLOC_ARENA_MAX": "1",
}
"""Read by the C library and OpenMP when a process starts, so too late for this one to set."""


def main() -> None:
    """Run every stage, or those asked for; each goes on from what is in FOLDER."""
    if missing := {name: value for name, value in SHARED_CORES.items() if name not in os.environ}:
        os.execve(sys.executable, sys.orig_argv, os.environ | missing)
    import torch

    from engine.training.export import export
    from engine.training.plan import PLANS
    from engine.training.stages import STAGES

    parser = argparse.ArgumentParser(prog="python -m engine.training", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="working folder, several GB")
    parser.add_argument("--plan", choices=PLANS, default="cpu", help="printed, then followed")
    parser.add_argument("--stage", choices=STAGES, action="append", help="only this one, or these")
    parser.add_argument("--clips", type=int, help="training clips of 6 s")
    parser.add_argument("--long-clips", type=int, help="training clips of 12 s")
    parser.add_argument("--held-out", type=int, help="clips of each length never trained on")
    parser.add_argument("--minutes", type=float, help="for the denoiser, over all sittings")
    parser.add_argument("--student-minutes", type=float, help="likewise for the student")
    parser.add_argument("--vocoder-clips", type=int, help="clips of 6 s that the vocoder hears")
    parser.add_argument("--vocoder-minutes", type=float, help="for its sketches")
    parser.add_argument("--contest-minutes", type=float, help="against its discriminators")
    parser.add_argument("--learning-rate", type=float, help="of the denoiser")
    parser.add_argument(
        "--decay", type=float, help="share of the minutes at whose end the rate is 0; 0: it stays"
    )
    parser.add_argument("--short-share", type=float, help="of the minutes, before clips of 12 s")
    parser.add_argument(
        "--warm-start", type=Path, help="model folder (base, codec) to begin from; codec kept"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--export-to", type=Path, help="model folder to put the result into")
    asked = parser.parse_args()
    plan = PLANS[asked.plan]
    denoiser = _given(minutes=asked.minutes, learning_rate=asked.learning_rate, decay=asked.decay)
    plan = replace(
        plan,
        **_given(
            clips=asked.clips,
            long_clips=asked.long_clips,
            held_out=asked.held_out,
            short_share=asked.short_share,
            vocoder_clips=asked.vocoder_clips,
            beginning=asked.warm_start,
        ),
        denoiser=replace(plan.denoiser, **denoiser),
        student=replace(plan.student, **_given(minutes=asked.student_minutes)),
        vocoder=replace(plan.vocoder, **_given(minutes=asked.vocoder_minutes)),
        contest=replace(plan.contest, **_given(minutes=asked.contest_minutes)),
    )
    torch.set_num_threads(asked.threads)
    torch.set_float32_matmul_precision("high")  # on a GPU: TF32
    print("\n".join(plan.lines()), flush=True)
    for name in asked.stage or STAGES:
        STAGES[name](asked.folder, plan)
    if asked.export_to:
        export(asked.folder / "model", asked.export_to)


def _given(**options: Any) -> dict[str, Any]:
    """Return the options that the command line names."""
    return {name: value for name, value in options.items() if value is not None}


if __name__ == "__main__":
    main()
