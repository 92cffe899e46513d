"""`fetch status`: the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.views.status import page
from fetchers.verbs import status

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("status")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.pass_obj
def command(here: Settings, names: tuple[str, ...]) -> int:
    """Show what is held, under way, failed, applied for, about to lapse."""
    return answer(here, status.run(here.context(), names), page)
