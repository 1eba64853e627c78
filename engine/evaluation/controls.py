"""Every control on the embedded model, measured on decoded audio, as one table.

    python -m engine.evaluation.controls [--controls intensity,melody] [--targets 8] [--seeds 4]
                                         [--quality normal] [--quick] [--out rows.jsonl]

Eight targets and four seeds each. `--out` keeps the rows; a run that was stopped goes on there.
Paper: Novack et al. 2024, arXiv:2401.12179, tables 3, 6 and 9, on its own model and metrics.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from engine.evaluation.control_cases import INVERSION, INVERSION_CLIPS, Cases
from engine.evaluation.control_combinations import OUTPAINT, PAIRS, combined, outpainted
from engine.evaluation.control_runs import Row, Rows
from engine.evaluation.control_targets import TARGETS
from engine.models import load

NO_JUMP = 99.0
"""Percentile of the music's own steps and bursts below which the join of a loop is none."""


@dataclass(frozen=True)
class Column:
    """How the mean of a measure is written; what is wanted, what the paper reports."""

    form: str
    shown: Callable[[float], float]
    wanted: str
    paper: str


def _as_it_is(value: float) -> float:
    return value


def _percent(share: float) -> float:
    return 100 * share


def _loops(percentile: float) -> float:
    return 100.0 * (percentile < NO_JUMP)


MEASURES = {
    "intensity": Column("{:.1f} dB", _as_it_is, "≤ 2.2 dB", "2.2 dB"),
    "shape": Column("ρ {:.2f}", _as_it_is, "≥ 0.9", "ρ 0.90"),
    "melody": Column("{:.0f} %", _percent, "≥ 80 %", "82.6 %"),
    "structure": Column("ρ {:.2f}", _as_it_is, "≥ 0.8", "–"),
    "repeat": Column("{:.0f} % loop", _loops, "100 %", "–"),
    INVERSION: Column("{:+.1f} dB", _as_it_is, "≤ 2 dB", "–"),
    "overlap": Column("{:.0f} dB²", _as_it_is, "", ""),
}
PAPER_TOGETHER = {
    "intensity + melody": "2.8 dB, 44 %",
    "intensity + structure": "2.6 dB",
    OUTPAINT: "2.4 dB",
}
CONTROLS = (*TARGETS, INVERSION, *PAIRS, OUTPAINT)


def rows(
    cases: Cases, controls: Sequence[str], *, targets: int = 8, seeds: int = 4
) -> Iterator[Row]:
    """Yield a row for each of the first `targets` and `seeds` of each control."""
    for control in controls:
        for number in range(min(targets, INVERSION_CLIPS)):
            for seed in range(seeds):
                if control == INVERSION:
                    yield cases.inversion(number, seed)
                elif control == OUTPAINT:
                    yield outpainted(cases, number, seed)
                elif control in PAIRS:
                    yield combined(cases, control, number, seed)
                else:
                    yield cases.single(control, number, seed)


def kept(rows: Sequence[Row], measure: str) -> float:
    """Return the share of the improvement by one objective that is left beside another."""
    before, alone, both = (
        mean(part[measure] for part in parts)
        for parts in zip(*((row.before, row.alone, row.after) for row in rows), strict=True)
    )
    return (before - both) / (before - alone)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table, Markdown: a line for each control that has rows."""
    yield (
        "| control | without → with | wanted | paper | iterations | s per iteration | s per clip "
        "| style without → with | std(x_T*) |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for control in CONTROLS:
        of_control = [row for row in rows if row.control == control]
        if of_control:
            yield f"| {control} | {_result(control, of_control)} | {_cost(of_control)} |"


def _result(control: str, rows: Sequence[Row]) -> str:
    if rows[0].alone:
        cells = [
            f"{name} {_means(name, rows)}: {100 * kept(rows, name):.0f} % kept"
            for name in rows[0].after
        ]
        return f"{'; '.join(cells)} | ≥ 70 % kept | {PAPER_TOGETHER.get(control, '–')}"
    column = MEASURES[control]
    return f"{_means(control, rows)} | {column.wanted} | {column.paper}"


def _means(measure: str, rows: Sequence[Row]) -> str:
    column = MEASURES[measure]
    before, after = (
        column.form.format(mean(column.shown(part[measure]) for part in parts))
        for parts in ([row.before for row in rows], [row.after for row in rows])
    )
    return f"{before} → {after}"


def _cost(rows: Sequence[Row]) -> str:
    style = [mean(heard == row.style for row, heard in heard_in) for heard_in in _heard(rows)]
    deviations = [deviation for row in rows for deviation in row.noise_deviation]
    drift = f"{min(deviations):.2f} to {max(deviations):.2f}" if deviations else "–"
    return (
        f"{mean(row.iterations for row in rows):.0f} "
        f"| {mean(row.iteration_seconds for row in rows):.2f} "
        f"| {mean(row.seconds for row in rows):.1f} "
        f"| {style[0]:.2f} → {style[1]:.2f} | {drift}"
    )


def _heard(rows: Sequence[Row]) -> tuple[list[tuple[Row, str]], list[tuple[Row, str]]]:
    return [(row, row.style_before) for row in rows], [(row, row.style_after) for row in rows]


def main(arguments: argparse.Namespace) -> None:
    """Print the table; progress goes to the error stream."""
    targets, seeds = (2, 1) if arguments.quick else (arguments.targets, arguments.seeds)
    cases = Cases(load("embedded"), arguments.quality, Rows.at(arguments.out))
    done = []
    for row in rows(cases, arguments.controls, targets=targets, seeds=seeds):
        done.append(row)
        results = ", ".join(f"{k} {row.before[k]:.2f} -> {row.after[k]:.2f}" for k in row.after)
        print(f"{row.control}: {row.target}, seed {row.seed}: {results}", file=sys.stderr)
    print("\n".join(table(done)))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in CONTROLS]:
        raise argparse.ArgumentTypeError(
            f"{', '.join(unknown)}: no such control; there are {', '.join(CONTROLS)}"
        )
    return names


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print how well every control works.")
    parser.add_argument("--controls", type=_names, default=CONTROLS, help="some, comma between")
    parser.add_argument("--targets", type=int, default=8, help="of each control, at most 8")
    parser.add_argument("--seeds", type=int, default=4, help="of each target")
    parser.add_argument("--quality", default="normal")
    parser.add_argument("--quick", action="store_true", help="two targets, one seed")
    parser.add_argument("--out", type=Path, help="JSON lines to keep, and to go on from")
    main(parser.parse_args())
