"""The losses of a run: a line of log.csv for each checkpoint, and their picture, loss.png."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.training.saved_state import Run


@dataclass(frozen=True)
class Log:
    """log.csv and loss.png in `folder`; lines are only ever added."""

    folder: Path

    def add(self, run: Run[Any], loss: float, held_out: Mapping[str, float]) -> str:
        """Write one line and draw the picture again; return the line in words."""
        row = {
            "step": str(run.step),
            "samples": str(run.samples),
            "seconds": f"{run.seconds:.0f}",
            "loss": f"{loss:.4f}",
            **{name: f"{value:.4f}" for name, value in held_out.items()},
        }
        path = self.folder / "log.csv"
        header = "" if path.exists() else ",".join(row) + "\n"
        with path.open("a") as lines:
            lines.write(header + ",".join(row.values()) + "\n")
        self.draw()
        return ", ".join(f"{name} {value}" for name, value in row.items())

    def draw(self) -> None:
        """Draw every loss over the samples seen."""
        from matplotlib.figure import Figure

        with (self.folder / "log.csv").open() as lines:
            rows = list(csv.DictReader(lines))
        samples = [int(row["samples"]) for row in rows]
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        for name in rows[0]:
            if name not in ("step", "samples", "seconds"):
                label = "training" if name == "loss" else name
                axes.plot(samples, [float(row[name]) for row in rows], ".-", label=label)
        axes.set(xlabel="samples", ylabel="loss", xscale="log", yscale="log")
        axes.grid(alpha=0.3)
        axes.legend()
        temporary = self.folder / "loss.tmp"
        figure.savefig(temporary, format="png", dpi=100)
        temporary.replace(self.folder / "loss.png")
