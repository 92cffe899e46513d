"""`fetch accept` and `fetch permit`: what a person agrees to, and what an owner allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import LICENCE, NAME
from fetchers.cli.output import answer
from fetchers.cli.param_types import DAY
from fetchers.cli.views import consent as pages
from fetchers.dataset import USES
from fetchers.verbs import accept as accepting
from fetchers.verbs import permit as permitting

if TYPE_CHECKING:
    from datetime import date

    from fetchers.cli.settings import Settings


@verb("accept")
@click.argument("licence", metavar="LICENCE-ID", type=LICENCE)
@click.option("--name", metavar="PERSON", help="Who agrees.  [default: you]")
@click.option("--on", type=DAY, metavar="DATE", help="The day of it.  [default: today]")
@click.pass_obj
def accept(here: Settings, licence: str, *, name: str | None, on: date | None) -> int:
    """Agree to a licence text; recorded are who, when, and the SHA-256 of the text."""
    context = here.context()
    return answer(here, accepting.run(context, licence, name=name, on=on, confirm=context.confirm), pages.accepted)


@verb("permit")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.argument("use", metavar="USE", type=click.Choice(USES))
@click.option("--evidence", type=click.Path(path_type=Path), metavar="FILE", help="The owner's answer.")
@click.option("--until", type=DAY, metavar="DATE", help="The last day of the permission.")
@click.option("--note", metavar="TEXT", help="Who said so, where there is no document.")
@click.option("--revoke", is_flag=True, help="The owner took the permission back.")
@click.pass_obj
def permit(here: Settings, /, name: str, use: str, **flags: Any) -> int:  # noqa: ANN401 - click hands them over
    """Record a permission that the owner of a dataset gave for one use; wants --evidence or --note."""
    return answer(here, permitting.run(here.context(), name, use, **flags), pages.permitted)
