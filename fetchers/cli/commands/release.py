"""`fetch release`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.views.consent import released
from fetchers.verbs import release

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("release")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.option("--yes", is_flag=True, help="Destroy without asking.")
@click.option("--reason", metavar="TEXT", help="The reason, for the certificate.")
@click.pass_obj
def command(here: Settings, name: str, *, yes: bool, reason: str | None) -> int:
    """Destroy the local copy of a dataset and write a certificate of it."""
    done = release.run(here.context(), name, yes=yes, reason=reason)
    return answer(here, done, released, status=done.exit)
