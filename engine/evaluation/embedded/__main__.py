"""Print the model card's table: `python -m engine.evaluation.embedded`, or `ditto bench model`.

Held-out pieces are told as a prompt, a tempo and a first bar line. The bounds: real clips through
the codec, real clips with the words of others, and noise. Real clips are rendered where the folder
does not hold them, which takes minutes.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from engine.evaluation.embedded import table
from engine.evaluation.embedded.clips import Clips, real_clips
from engine.evaluation.embedded.footprint import loading_seconds, megabytes
from engine.evaluation.embedded.heard import features
from engine.evaluation.embedded.judge import Judge
from engine.evaluation.embedded.pictures import draw
from engine.evaluation.embedded.telling import generate
from engine.models.embedded import WEIGHTS, EmbeddedModel, load, load_base
from engine.training.features import LONG
from engine.training.student import GUIDANCE as TAUGHT

LOADERS = {"embedded": load, "embedded-base": load_base}
FEWER_STEPS = (2, 1)
"""What a student that was taught strides is judged at as well."""
GUIDANCE = (1.0, 2.0, TAUGHT, 3.0)
PICTURED = 10


def subjects(arguments: argparse.Namespace) -> dict[str, EmbeddedModel]:
    """Return the models to be judged, by what they are called in the table."""
    models = [LOADERS[name](arguments.weights) for name in arguments.model or ["embedded"]]
    models += [
        model.with_steps(steps)
        for model in models
        if model.denoiser.stride is not None
        for steps in FEWER_STEPS
    ]
    if arguments.teacher:
        base = load_base(arguments.weights)
        models += [replace(base, guidance=guidance) for guidance in GUIDANCE]
    return {called(model): model for model in models}


def called(model: EmbeddedModel) -> str:
    """Return the name of a model with its settings."""
    guidance = f", guidance {model.guidance:g}" if model.name != "embedded" else ""
    return f"{model.name}, {model.steps} step{'s' * (model.steps > 1)}{guidance}"


def report(arguments: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Yield the lines of the report, Markdown."""
    models = subjects(arguments)
    first = next(iter(models.values()))
    if arguments.long and first.max_latent_frames < LONG:
        window = first.max_latent_frames * first.hop_length / first.sample_rate
        sys.exit(f"These weights make windows of {window:.1f} s. Leave out --long.")
    train, held_out = real_clips(folder, first.codec, held_out=arguments.n, long=arguments.long)
    seconds = held_out.latents.shape[-1] * first.hop_length / first.sample_rate
    judge = Judge.of(first.codec, train, held_out)
    yield table.heading(len(held_out.pieces))
    real, *others = table.bounds(judge, first, held_out)
    yield from map(str, (real, *others))
    lines = []
    for name, model in models.items():
        lines.append(table.line_of(judge, name, model, held_out, seconds))
        yield str(lines[-1])
    yield ""
    yield from table.sentences(real, lines, models, held_out)
    yield from table.rankings(models, held_out, seconds)
    yield (
        f"* Weights {megabytes(arguments.weights):.1f} MB; `embedded` loads in "
        f"{loading_seconds():.2f} s. Recognizers and bars learnt from {len(train.pieces)} "
        "training clips."
    )
    if arguments.out:
        draw_clips(arguments.out / "clips.png", first, held_out.first(PICTURED), seconds)
        yield f"* Pictures of {PICTURED} clips: clips.png."


def draw_clips(path: Path, model: EmbeddedModel, real: Clips, seconds: float) -> None:
    """Draw real clips beside what the model makes of their words."""
    made = generate(model, real.pieces, seconds)
    bins = model.codec.config.mid_bins
    sounds = [features(model.codec, latents)[:, :bins] for latents in (real.latents, made)]
    draw(path, sounds[0], sounds[1], real.pieces)


def main(arguments: argparse.Namespace) -> None:
    """Print the report as it comes and write it to the folder asked for."""
    began = time.perf_counter()
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
    temporary = nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory()
    written = []
    with temporary as folder:
        try:
            for line in report(arguments, Path(folder)):
                print(line, flush=True)
                written.append(line)
        except FileNotFoundError as missing:
            sys.exit(str(missing))
    written.append(f"* All of this took {(time.perf_counter() - began) / 60:.1f} minutes.")
    print(written[-1])
    if arguments.out:
        (arguments.out / "table.md").write_text("\n".join(written) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m engine.evaluation.embedded", description="Print the embedded model's table."
    )
    parser.add_argument("--folder", type=Path, help="with real clips, or for them to be kept in")
    parser.add_argument("--n", type=int, default=200, help="held-out pieces")
    parser.add_argument(
        "--model", action="append", choices=LOADERS, help="once or twice; embedded without"
    )
    parser.add_argument(
        "--teacher",
        action="store_true",
        help="embedded-base as well, at four strengths of guidance",
    )
    parser.add_argument("--long", action="store_true", help="clips of 12 s instead of 6 s")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="a model folder to judge")
    parser.add_argument("--out", type=Path, help="folder for table.md and clips.png")
    main(parser.parse_args())
