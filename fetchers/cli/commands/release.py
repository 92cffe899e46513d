"""`fetch release`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.names import NAME
from fetchers.cli.pages.consent import released
from fetchers.cli.verb import verb
from fetchers.verbs import release

if TYPE_CHECKING:
    from fetchers.cli.circumstances import Circumstances


@verb("release")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.option("--yes", is_flag=True, help="Destroy without asking.")
@click.option("--reason", metavar="TEXT", help="Why; stands in the certificate.")
@click.pass_obj
def command(here: Circumstances, name: str, *, yes: bool, reason: str | None) -> int:
    """Destroy the local copy of a dataset and write a certificate of it."""
    done = release.run(here.place(), name, yes=yes, reason=reason)
    return answer(here, done, released, status=done.exit)
