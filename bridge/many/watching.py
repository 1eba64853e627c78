"""`ditto watch-folder`: what appears in a folder is made into music in another one."""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from bridge.audio_files import replacing
from bridge.cli.failures import RefusedError, StoppedError
from bridge.cli.options import Wishes
from bridge.cli.order import Order
from bridge.cli.request import from_words
from bridge.documents import read_manifest
from bridge.formats.problems import ProblemsError
from bridge.many.arrivals import Arrivals
from bridge.many.batch import told
from bridge.many.made_before import is_made_of_the_clip
from bridge.many.window import Outcome, Wanted, make_all
from plugin_protocol.values import Kind

LOOK_SECONDS = 1.0


def watch(folder: Path, results: Path, job: Kind, wishes: Wishes) -> None:
    """Make music of each clip in `folder`, now and later, until Ctrl-C. Raises StoppedError."""
    if not folder.is_dir():
        raise RefusedError(f"{folder} is no folder. Give the one in which clips will appear.")
    results.mkdir(parents=True, exist_ok=True)
    if results.samefile(folder):
        raise RefusedError(f"Results in {folder} itself would be clips. Give another --to.")
    click.echo(f"watching {folder}; the music goes to {results}; Ctrl-C ends it", err=True)
    arrivals, names, done = Arrivals(folder), _Names(), Counter[str]()
    try:
        while True:
            asked = [
                Wanted(clip.name, results / clip.name, partial(from_words, job, clip, wishes))
                for clip in arrivals.look()
            ]
            if asked:
                with closing(make_all(asked, is_there=names.is_made)) as outcomes:
                    _tell(outcomes, done)
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        raise StoppedError(
            f"Stopped; {done['made']} made, {done['failed']} failed. The same command goes on "
            "with what is missing."
        ) from None


def _tell(outcomes: Iterable[Outcome], done: Counter[str]) -> None:
    """Print each outcome, and keep beside the music why there is none."""
    for outcome in outcomes:
        done[outcome.state] += 1
        reason = outcome.wanted.out.with_name(f"{outcome.wanted.title}.txt")
        if outcome.state == "failed":
            with replacing(reason) as temporary:
                temporary.write_text(" ".join(outcome.message.split()) + "\n", encoding="utf-8")
        else:
            reason.unlink(missing_ok=True)
        if outcome.state != "there":
            click.echo(told(outcome))


class _Names:
    """Which clip each result is of, so that none takes another's place."""

    def __init__(self) -> None:
        self._clips: dict[Path, Path] = {}

    def is_made(self, order: Order) -> bool:
        """Return whether the music is there. Raises RefusedError where something else is."""
        assert order.request.spec.clip is not None
        assert order.manifest is not None
        clip = Path(order.request.spec.clip.path)
        files = [*order.outputs, order.manifest]
        if is_made_of_the_clip(order):
            return True
        # What was made of an earlier state of the same clip is made anew.
        ours = files if _clip_of(order.manifest) == clip else []
        for file in files:
            if self._clips.setdefault(file, clip) != clip or (file.exists() and file not in ours):
                raise RefusedError(
                    f"{file} was not made of {clip.name} and would be overwritten. "
                    f"Rename {clip.name}, or move that file away."
                )
        return False


def _clip_of(manifest: Path) -> Path | None:
    try:
        clip = read_manifest(manifest).spec.clip
    except ProblemsError:
        return None
    return Path(clip.path) if clip else None
