"""`ditto job`: a job folder, begun or gone on with."""

from pathlib import Path

import click

from bridge.cli.options import FILE


@click.command()
@click.argument("folder", metavar="DIR", type=FILE)
@click.option("--wait", is_flag=True, help="Return when the job is over, not when it has begun.")
@click.option(
    "--list", "is_list", is_flag=True, help="List the job folders in DIR, and do nothing."
)
def job(folder: Path, wait: bool, is_list: bool) -> None:
    """Make the music that DIR/job.json asks for, and write it into DIR.

    For hosts and scripts. What the files are is written in plugin_protocol/JOB_FOLDERS.md.

    \b
    Example:
      ditto job song/ditto/fill-1 --wait
    """
    # Numpy, soundfile and zmq come with it: `ditto --help` must not wait for them.
    from bridge.folders import detached
    from bridge.folders.folder import JobFolder, folders_in
    from bridge.folders.work import work

    if is_list:
        for each in folders_in(folder):
            if each.state != "taken":
                click.echo(f"{each.state}\t{each.path}")
        return
    asked = JobFolder(folder)
    if wait:
        work(asked)
    else:
        detached.begin(asked)
