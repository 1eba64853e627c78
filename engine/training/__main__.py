"""`python -m engine.training FOLDER`: corpus -> codec -> denoiser -> student -> export."""

import argparse
import os
import sys
from pathlib import Path

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
    """Run the stages asked for; each goes on from what is in FOLDER."""
    if missing := {name: value for name, value in SHARED_CORES.items() if name not in os.environ}:
        os.execve(sys.executable, sys.orig_argv, os.environ | missing)
    parser = argparse.ArgumentParser(prog="python -m engine.training", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="working folder, several GB")
    parser.add_argument("--clips", type=int, default=8000, help="training clips of 6 s")
    parser.add_argument("--long-clips", type=int, default=3000, help="training clips of 12 s")
    parser.add_argument("--held-out", type=int, default=200, help="clips never trained on")
    parser.add_argument("--minutes", type=float, default=80.0, help="for the denoiser")
    parser.add_argument("--student-minutes", type=float, default=12.0)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument(
        "--short-share", type=float, default=0.6, help="of the budget, before the first 12-s clip"
    )
    parser.add_argument(
        "--decay", type=float, default=0.3, help="of the budget, at its end; 0 to go on later"
    )
    parser.add_argument(
        "--warm-start", type=Path, help="model folder (base, codec) to begin from, its codec kept"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--stage", choices=["features", "codec", "denoiser", "student", "export"])
    arguments = parser.parse_args()
    import torch

    from engine.training.stages import run

    torch.set_num_threads(arguments.threads)
    run(arguments)


if __name__ == "__main__":
    main()
