"""`fetch grant`, `deny`, `renew`, `close`: the outcome of an application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers.cli.command import Verb, verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.param_types import DAY
from fetchers.cli.views.tasks import settled
from fetchers.verbs import decide

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


def _outcome(name: decide.Outcome, summary: str) -> Verb:
    @verb(name)
    @click.argument("name", metavar="NAME[/PART]", type=NAME)
    @click.option("--on", type=DAY, metavar="DATE", help="The day it happened.  [default: today]")
    @click.option("--until", type=DAY, metavar="DATE", help="The last day of the access.")
    @click.option(
        "--evidence",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The letter or message that says so; a copy is kept below HOME/evidence/.",
    )
    @click.option("--note", metavar="TEXT", help="What else there is to say.")
    @click.pass_obj
    def command(here: Settings, /, **flags: Any) -> int:  # noqa: ANN401 - click hands them over
        dataset = flags.pop("name")
        return answer(here, decide.settle(here.context(), dataset, name, **flags), settled)

    command.help = summary
    return command


grant = _outcome("grant", "Record that access was granted; requires --evidence or --note.")
deny = _outcome("deny", "Record that access was denied.")
renew = _outcome("renew", "Record that a grant was renewed; requires --evidence or --note.")
close = _outcome("close", "Record that an application is over.")
