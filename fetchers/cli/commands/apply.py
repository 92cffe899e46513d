"""`fetch apply`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.views.tasks import applied
from fetchers.verbs import apply

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("apply")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.option("--owner", metavar="PERSON", help="Person responsible.")
@click.option(
    "--purpose",
    metavar="TEXT",
    help="What the data are wanted for: words, or DUO codes, commas between.",
)
@click.pass_obj
def command(here: Settings, name: str, *, owner: str | None, purpose: str | None) -> int:
    """Open an access application: what a person has to do becomes tasks with owners and due days."""
    return answer(here, apply.run(here.context(), name, owner=owner, purpose=purpose), applied)
