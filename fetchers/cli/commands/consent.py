"""`fetch accept` and `fetch permit`: what a person agrees to, and what an owner allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.kinds import DAY
from fetchers.cli.names import NAME
from fetchers.cli.pages import consent as pages
from fetchers.cli.verb import verb
from fetchers.dataset import USES
from fetchers.verbs import accept as accepting
from fetchers.verbs import permit as permitting

if TYPE_CHECKING:
    from datetime import date

    from fetchers.cli.circumstances import Circumstances


@verb("accept")
@click.argument("licence", metavar="LICENCE-ID")
@click.option("--name", metavar="PERSON", help="Who agrees.  [default: you]")
@click.option("--on", type=DAY, metavar="DATE", help="The day of it.  [default: today]")
@click.pass_obj
def accept(here: Circumstances, licence: str, *, name: str | None, on: date | None) -> int:
    """Agree to a licence text; recorded are who, when, and the SHA-256 of the text."""
    place = here.place()
    return answer(here, accepting.run(place, licence, name=name, on=on, confirm=place.confirm), pages.accepted)


@verb("permit")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.argument("use", metavar="USE", type=click.Choice(USES))
@click.option("--evidence", type=click.Path(path_type=Path), metavar="FILE", help="The owner's answer.")
@click.option("--until", type=DAY, metavar="DATE", help="The last day of the permission.")
@click.option("--note", metavar="TEXT", help="What else there is to say.")
@click.pass_obj
def permit(
    here: Circumstances, name: str, use: str, *, evidence: Path | None, until: date | None, note: str | None
) -> int:
    """Record a permission that the owner of a dataset gave for one use."""
    recorded = permitting.run(here.place(), name, use, evidence=evidence, until=until, note=note)
    return answer(here, recorded, pages.permitted)
