"""`fetch lock`, `sync`, `outdated`: the flags, and the calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers.acquire.request import GetRequest
from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.param_types import OUTPUT, RATE, SIZE
from fetchers.cli.views import lock as pages
from fetchers.cli.views.get import trouble
from fetchers.verbs import lock as locking
from fetchers.verbs import outdated as comparing
from fetchers.verbs import sync as syncing

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("lock")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.option(
    "--output",
    "-o",
    type=OUTPUT,
    default=locking.FILE,
    metavar="FILE",
    help=f"Write it here; - is stdout.  [default: {locking.FILE}]",
)
@click.pass_obj
def lock(here: Settings, names: tuple[str, ...], *, output: Path) -> int:
    """Write down exactly which bytes are held, so that another home can be brought to the same state."""
    context = here.context()
    done = locking.run(context, names, output)
    if str(output) == locking.STDOUT:
        return 0
    return answer(here, done, pages.locked)


@verb("sync")
@click.argument("file", metavar="[FILE]", default=locking.FILE, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be fetched; write nothing.")
@click.option("--accept", multiple=True, metavar="LICENCE-ID", help="Agree to this licence's text on the way.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Files at once.")
@click.option("--limit-rate", type=RATE, metavar="SIZE", help="Bytes a second for the whole command: 5M.")
@click.option("--max-size", type=SIZE, metavar="SIZE", help="Refuse what is larger than this: 20G.")
@click.pass_obj
def sync(here: Settings, /, file: Path, **flags: Any) -> int:  # noqa: ANN401 - click hands them over
    """Bring this home to the state of a lock: the same bytes, or an error that names what is missing."""
    done = syncing.run(here.context(), file, GetRequest(**flags))
    return answer(here, done, pages.synced, status=done.exit, trouble=trouble)


@verb("outdated")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.pass_obj
def outdated(here: Settings, names: tuple[str, ...]) -> int:
    """Ask the places what they have anew, changed or withdrawn; no content is downloaded."""
    found = comparing.run(here.context(), names)
    return answer(here, found, pages.outdated, status=found.exit, trouble=pages.unasked)
