"""`python -m engine.training FOLDER`: corpus -> codec -> denoiser -> student -> export."""

import argparse
import os
from pathlib import Path

# Before torch: on shared cores idle OpenMP threads otherwise spin and cost a factor of ten.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("KMP_BLOCKTIME", "0")


def main() -> None:
    """Run the stages asked for; each goes on from what is in FOLDER."""
    parser = argparse.ArgumentParser(prog="python -m engine.training", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="working folder, several GB")
    parser.add_argument("--clips", type=int, default=8000, help="training clips of 6 s")
    parser.add_argument("--held-out", type=int, default=200, help="clips never trained on")
    parser.add_argument("--minutes", type=float, default=80.0, help="for the denoiser")
    parser.add_argument("--student-minutes", type=float, default=12.0)
    parser.add_argument("--stage", choices=["features", "codec", "denoiser", "student", "export"])
    arguments = parser.parse_args()
    from engine.training.stages import run

    run(arguments)


if __name__ == "__main__":
    main()
