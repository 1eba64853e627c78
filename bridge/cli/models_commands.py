"""`ditto models`: other models than the one that ships, from folders on this disk."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.as_json import as_json_option, plain, print_json

if TYPE_CHECKING:
    from bridge.models.hub_cache import CachedModel
    from bridge.models.shelf import Shelf


@click.group()
def models() -> None:
    """Other models than the one that ships: added from folders on this disk, by name.

    \b
    Example:
      ditto models guide
      ditto models add sao ~/models/stable-audio-open-1.0
      ditto generate -o beat.wav --prompt "lo-fi drums" --model sao

    Nothing is ever downloaded, and only safetensors are read: no other weights are safe to open.
    """


@models.command("list")
@as_json_option
def list_(as_json: bool) -> None:
    """List the models that --model takes, and those in Hugging Face's cache that could be added."""
    from bridge.cli.models_shown import cached_lines, model_lines, shown
    from bridge.models.names import SHIPPED

    shelf = _shelf()
    added, offers = [shown(shelf, name) for name in shelf.names()], _offers()
    if as_json:
        cached = [
            {"name": each.name, "repository": each.repository, "folder": str(each.folder)}
            for each in offers
        ]
        print_json({"shipped": SHIPPED, "added": added, "cached": cached})
        return
    for line in (*model_lines(added), *cached_lines(offers)):
        click.echo(line)


@models.command()
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--link", is_flag=True, help="Leave the files where they are; they must stay there.")
def add(name: str, path: Path, link: bool) -> None:
    """Add the model in the folder PATH, in diffusers' layout, as NAME.

    Its files are copied into the daemon's folder, or linked with --link, and a SHA-256 of each is
    kept. Pickled weights are refused: to read them is to run what is in them.
    """
    from bridge.cli.models_shown import counting, gib
    from bridge.models.judgement import require_usable

    with counting() as on_bytes:
        manifest = _shelf().add(name, path, link=link, judge=require_usable, on_bytes=on_bytes)
    how = "linked" if link else "copied"
    click.echo(f"{name} was added: {gib(manifest.size)} {how}, licence: {manifest.licence}")
    click.echo(
        f"`--model {name}` makes music with it; `ditto models info {name}` says what it takes"
    )


@models.command()
@click.argument("name")
@as_json_option
def info(name: str, as_json: bool) -> None:
    """Tell licence, size, and the memory that jobs with the model NAME take."""
    from bridge.cli.models_shown import info_lines, shipped_lines
    from bridge.models.memory import needs, weight_bytes
    from bridge.models.names import SHIPPED

    if name in SHIPPED:
        if as_json:
            print_json({"name": name, "shipped": True, "licence": "Apache-2.0"})
        else:
            click.echo("\n".join(shipped_lines(name)))
        return
    manifest = _shelf().manifest(name)
    found = needs(manifest.pipeline, manifest.weights, base=manifest.base)
    if as_json:
        from dataclasses import asdict

        told = {"size": manifest.size, "digest": manifest.digest}
        memory = {"weights": weight_bytes(manifest.weights), "jobs": [asdict(n) for n in found]}
        print_json(plain(manifest) | told | {"memory": memory})
        return
    for line in info_lines(manifest, found):
        click.echo(line)


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Let go of the model NAME; of a linked one the files stay where they are."""
    _shelf().remove(name)
    click.echo(f"{name} was removed")


@models.command()
@click.argument("name")
@as_json_option
def prewarm(name: str, as_json: bool) -> None:
    """Load the model NAME in the daemon now, so that the first job need not wait for it."""
    from bridge.cli.failures import RefusedError
    from bridge.cli.prewarming import load_now

    report = load_now(name)
    if as_json:
        print_json(plain(report))
    if report.state == "failed":
        raise RefusedError(report.message or f"{name} could not be loaded.")
    if not as_json:
        window = f", makes {report.max_seconds:.1f} s in one piece" if report.max_seconds else ""
        click.echo(f"{name} is in memory{window}")


@models.command()
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Read every file of the model NAME, or of all, and compare it with what was added.

    Exit status 1 if anything has changed.
    """
    from bridge.cli.models_shown import counting

    shelf, intact = _shelf(), True
    names = (name,) if name else shelf.names()
    if not names:
        click.echo("no model was added")
    for each in names:
        with counting() as on_bytes:
            problems = list(shelf.verify(each, on_bytes=on_bytes))
        for problem in problems:
            click.echo(f"{each}: {problem}")
        if problems:
            intact = False
        else:
            click.echo(
                f"{each}: all {len(shelf.manifest(each).files)} files are as they were added"
            )
    if not intact:
        sys.exit(1)


@models.command()
@as_json_option
def guide(as_json: bool) -> None:
    """Tell about public models: licence, size, where their makers publish them, how to add them."""
    from dataclasses import asdict

    from bridge.cli.models_shown import guide_lines
    from bridge.models.guide import PUBLIC_MODELS

    offers = _offers()
    if as_json:
        print_json([asdict(each) for each in PUBLIC_MODELS])
        return
    for line in guide_lines(PUBLIC_MODELS, offers):
        click.echo(line)


def _shelf() -> "Shelf":
    from bridge.models.shelf import Shelf
    from bridge.paths import locate

    return Shelf(locate().models)


def _offers() -> "tuple[CachedModel, ...]":
    """Return what lies in Hugging Face's cache and was not added."""
    from bridge.errors import ModelError
    from bridge.models.hub_cache import cached_models, hub_folder

    shelf, sources = _shelf(), set()
    for name in shelf.names():
        try:
            sources.add(shelf.manifest(name).source)
        except ModelError:
            continue
    found = cached_models(hub_folder())
    return tuple(each for each in found if str(each.folder.resolve()) not in sources)
