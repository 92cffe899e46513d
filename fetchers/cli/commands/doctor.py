"""`fetch doctor`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.pages.house import diagnosis
from fetchers.cli.verb import verb
from fetchers.verbs import doctor

if TYPE_CHECKING:
    from fetchers.cli.circumstances import Circumstances


@verb("doctor")
@click.option("--network", is_flag=True, help="Ask the places, too, whether they answer.")
@click.pass_obj
def command(here: Circumstances, *, network: bool) -> int:
    """Check whether this folder, this network and these credentials can do the job."""
    found = doctor.run(here.place(), network=network)
    return answer(here, found, diagnosis, status=found.exit)
