"""`fetch report`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.output import answer
from fetchers.cli.param_types import OUTPUT
from fetchers.cli.views.doctor import reported
from fetchers.verbs import report

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.cli.settings import Settings


@verb("report")
@click.option("--html", required=True, type=OUTPUT, metavar="FILE", help="Write it here.")
@click.pass_obj
def command(here: Settings, html: Path) -> int:
    """Write one self-contained page: what is held, what it may be used for, what is due, what to cite."""
    return answer(here, report.run(here.context(), html), reported)
