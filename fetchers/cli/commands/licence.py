"""`fetch licence`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import LICENCE, SPDX
from fetchers.cli.output import answer
from fetchers.cli.views.licence import page
from fetchers.verbs import licence

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("licence")
@click.argument("words", metavar="[WORDS]...", nargs=-1, type=SPDX)
@click.option("--url", metavar="ADDRESS", help="The address that the place gives with them.")
@click.option("--id", "identifier", type=LICENCE, metavar="EXPRESSION", help="An identifier of the catalogue instead.")
@click.pass_obj
def command(here: Settings, words: tuple[str, ...], *, url: str | None, identifier: str | None) -> int:
    """Show what an archive's words on a licence mean, and what may be done under it.

    WORDS are taken as the place writes them: fetch licence "CC BY-NC 4.0". Words and address must agree; what is not
    recognised as a whole is unknown. --id asks for a licence by its identifier, the catalogue's own terms included.
    """
    if identifier is not None and (words or url):
        raise click.UsageError("--id cannot be combined with WORDS or --url")
    context = here.context()
    found = licence.run(context, " ".join(words) or None, url=url, identifier=identifier)
    described = licence.licences_of(context, found.licence)
    return answer(here, found, lambda shown, look: page(shown, described, look), status=found.exit)
