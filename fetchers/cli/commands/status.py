"""`fetch status`: the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.names import NAME
from fetchers.cli.pages.status import page
from fetchers.cli.verb import verb
from fetchers.verbs import status

if TYPE_CHECKING:
    from fetchers.cli.circumstances import Circumstances


@verb("status")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.pass_obj
def command(here: Circumstances, names: tuple[str, ...]) -> int:
    """Show what is held, under way, failed, applied for, about to lapse."""
    return answer(here, status.run(here.place(), names), page)
