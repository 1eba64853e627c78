"""What a person reads about models: one line each, or all about one."""

import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from bridge.errors import ModelError
from bridge.models.guide import PublicModel
from bridge.models.hub_cache import CachedModel
from bridge.models.licence import UNKNOWN
from bridge.models.manifest import Manifest
from bridge.models.memory import Need, weight_bytes
from bridge.models.names import SHIPPED
from bridge.models.shelf import Shelf

GIB = 2**30
SPOKEN_SECONDS = 1.0
GUIDE_HEAD = (
    "Models that work here. Nothing is downloaded: get them yourself, from their makers, under",
    "their terms, as safetensors; then add the folder. Where a program in diffusers' repository",
    "must convert what the maker publishes, DOWNLOADED is what you got, FOLDER the result, and",
    "T5GEMMA a copy of google/t5gemma-b-b-ul2.",
)


def gib(size: float) -> str:
    """Return so many bytes in the unit that a person would use."""
    return f"{size / GIB:.1f} GiB" if size >= GIB / 10 else f"{size / 2**20:.1f} MiB"


def shown(shelf: Shelf, name: str) -> dict[str, Any]:
    """Return what a list says of an added model; `problem` where its manifest is damaged."""
    try:
        manifest = shelf.manifest(name)
    except ModelError as error:
        return {"name": name, "problem": str(error)}
    return {
        "name": name,
        "pipeline": manifest.pipeline,
        "size": manifest.size,
        "licence": manifest.licence,
        "linked": manifest.linked,
        "source": manifest.source,
    }


def model_lines(added: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each model that --model takes."""
    for name in SHIPPED:
        yield f"{name:22} ships with DITTO"
    for each in added:
        if "problem" in each:
            yield f"{each['name']:22} {each['problem']}"
            continue
        how = f"linked to {each['source']}" if each["linked"] else "copied"
        size = gib(each["size"])
        yield f"{each['name']:22} {each['pipeline']}, {size}, {how}, licence: {each['licence']}"


def cached_lines(offers: Sequence[CachedModel]) -> Iterator[str]:
    """Yield how to add what was found in Hugging Face's cache."""
    if offers:
        yield "in Hugging Face's cache on this disk, and not added:"
    for each in offers:
        yield f"  {each.repository}, {each.pipeline}"
        yield f"    {add_command(each)}"


def add_command(model: CachedModel) -> str:
    """Return the command that adds a cached model, as a shell takes it."""
    return f"ditto models add {model.name} {shlex.quote(str(model.folder))} --link"


def info_lines(manifest: Manifest, needs: Sequence[Need]) -> Iterator[str]:
    """Yield all that is known about an added model."""
    day = time.strftime("%Y-%m-%d", time.localtime(manifest.added))
    how = "linked to" if manifest.linked else "copied from"
    yield f"{manifest.name}: {manifest.pipeline}, {how} {manifest.source} on {day}"
    said = manifest.licence
    told = "not said in its folder" if said == UNKNOWN else f"{said}, as its folder says"
    yield f"licence   {told}; what its maker says is what counts"
    yield f"size      {gib(manifest.size)} in {len(manifest.files)} files"
    yield f"digest    {manifest.digest}"
    yield f"weights   {gib(weight_bytes(manifest.weights))} in memory, of which"
    for part, numbers in sorted(manifest.weights.items(), key=lambda each: -each[1]):
        yield f"          {part}: {numbers / 1e6:.1f} M numbers"
    if not needs:
        yield "memory    not known for this family before it is loaded"
        return
    yield "memory    about, with the weights: plain `generate`; all that searches, from as little"
    yield "          as it can do with to as much as it can use"
    for need in needs:
        search = f"{gib(need.least)} to {gib(need.most)}"
        yield f"          {need.seconds:4.0f} s: {gib(need.generate)}; {search}"


def shipped_lines(name: str) -> Iterator[str]:
    """Yield what there is to say about a model that ships."""
    yield f"{name} ships with DITTO, under its licence (Apache-2.0)"
    yield "engine/models/weights/MODEL_CARD.md says what it is and how well it does"


def guide_lines(public: Iterable[PublicModel], offers: Sequence[CachedModel]) -> Iterator[str]:
    """Yield what each public model is and how it is added; nothing of it is done."""
    cached = {each.repository: each for each in offers}
    yield from GUIDE_HEAD
    for each in public:
        yield ""
        yield each.title
        yield f"  published as  {each.repository} on Hugging Face"
        half, full = 2 * each.weights, 4 * each.weights
        yield f"  size          about {half:.1f} GB in 16 bits; {full:.1f} GB in 32, as in memory"
        yield from _wrapped("licence       ", each.licence)
        here = [cached.pop(name) for name in (each.repository, each.converted) if name in cached]
        if here:
            yield from (f"  on this disk  {add_command(found)}" for found in here)
            continue
        if each.converted:
            yield f"  converted     by somebody else: {each.converted}"
        if each.convert:
            yield "  convert       its layout is its maker's own:"
            yield f"                {each.convert}"
        yield f"  add           ditto models add {each.name} FOLDER"
    for found in cached.values():
        yield ""
        yield f"{found.repository}, in Hugging Face's cache on this disk"
        yield f"  add           {add_command(found)}"


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=f"  {head}", subsequent_indent=" " * 16)


@contextmanager
def counting() -> Iterator[Callable[[int], None]]:
    """Yield what counts bytes, and shows now and then how many there were, to a person only."""
    done, spoken, watched = 0, time.monotonic(), sys.stderr.isatty()

    def count(size: int) -> None:
        nonlocal done, spoken
        done += size
        if watched and time.monotonic() - spoken >= SPOKEN_SECONDS:
            spoken = time.monotonic()
            click.echo(f"\r{gib(done)} read", err=True, nl=False)

    yield count
    if watched and done:
        click.echo("\r\033[K", err=True, nl=False)
