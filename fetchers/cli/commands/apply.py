"""`fetch apply`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.names import NAME
from fetchers.cli.pages.tasks import applied
from fetchers.cli.verb import verb
from fetchers.verbs import apply

if TYPE_CHECKING:
    from fetchers.cli.circumstances import Circumstances


@verb("apply")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.option("--owner", metavar="PERSON", help="Who sees to it.")
@click.option("--purpose", metavar="TEXT", help="What the data are wanted for.")
@click.pass_obj
def command(here: Circumstances, name: str, *, owner: str | None, purpose: str | None) -> int:
    """Open an access application: what a person has to do becomes tasks with owners and due days."""
    return answer(here, apply.run(here.place(), name, owner=owner, purpose=purpose), applied)
