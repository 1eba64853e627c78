"""`ditto batch` and `watch-folder`: many requests, without anybody at the keyboard."""

from pathlib import Path

import click

from bridge.cli.options import FILE


@click.command()
@click.argument("document", metavar="JOBS", type=FILE)
@click.option(
    "--to", "folder", metavar="DIR", type=FILE, help="Where results go that have no whole path."
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each result.")
def batch(document: Path, folder: Path | None, as_json: bool) -> None:
    """Make everything that JOBS asks for, one after another.

    JOBS is a text with one request after another, {"out": "x.wav", "spec": ...}, in which ... is
    what --print-spec prints on any command. That alone will do with --to, which names the results
    001-CLIP.wav, 002-CLIP.wav and so on.

    What is wrong with any of it is told before anything is made. A request that fails does not end
    the others; what is there and was made of the same is passed over, so that the same command goes
    on after Ctrl-C or a crash. Exit status 1 if anything failed.

    \b
    Example:
      for clip in *.wav; do ditto loop "$clip" --print-spec; done > jobs.jsonl
      ditto batch jobs.jsonl --to loops
    """
    # Numpy, soundfile and zmq come with it: `ditto --help` must not wait for them.
    from bridge.many.batch import carry_out_all

    carry_out_all(document, folder, as_json=as_json)


@click.command("watch-folder")
@click.argument("folder", metavar="DIR", type=FILE)
@click.option("--to", "results", metavar="DIR", type=FILE, help="Where the music goes.  [DIR/done]")
@click.argument("words", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED)
def watch_folder(folder: Path, results: Path | None, words: tuple[str, ...]) -> None:
    """Make music of every clip that appears in DIR, until Ctrl-C.

    COMMAND is outpaint, inpaint, loop or vary with its options, without IN and OUT. A result has
    its clip's name; where there is none, NAME.txt says why. Clips are .wav .flac .aiff .ogg .mp3,
    and are not touched. What has been made is not made again after a restart, unless its clip has
    changed.

    \b
    Example:
      ditto watch-folder bounces --to longer -- outpaint --seconds 4 --quality draft
    """
    from bridge.cli.music_commands import asked_of_any_clip

    job, wishes = asked_of_any_clip(words)
    from bridge.many.watching import watch

    watch(folder, results or folder / "done", job, wishes)
