"""`fetch remind`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.output import answer
from fetchers.cli.views.remind import page, trouble
from fetchers.verbs import remind

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("remind")
@click.option(
    "--to",
    multiple=True,
    required=True,
    metavar="URL",
    help="Whom: mailto:ada@lab.example, https://host/hook, slack://..., msteams://... May be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send and record nothing.")
@click.pass_obj
def command(here: Settings, to: tuple[str, ...], *, dry_run: bool) -> int:
    """Send what is due, lapsing, lapsed and changed, each once for each address; fit for cron.

    Silent and 0 where there is nothing new; 5 where a message was not taken: it is sent again next time.
    """
    found = remind.run(here.context(), to, dry_run=dry_run)
    return answer(here, found, page, status=found.exit, trouble=trouble)
