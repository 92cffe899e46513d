"""`fetch doctor`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.output import answer
from fetchers.cli.views.doctor import diagnosis
from fetchers.verbs import doctor

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("doctor")
@click.option("--network", is_flag=True, help="Ask the places, too, whether they answer.")
@click.option("--share", is_flag=True, help="Make this store of yours your group's first: modes, and the mark of it.")
@click.pass_obj
def command(here: Settings, *, network: bool, share: bool) -> int:
    """Check whether this folder, this network and these credentials can do the job."""
    found = doctor.run(here.context(), network=network, share=share)
    return answer(here, found, diagnosis, status=found.exit)
