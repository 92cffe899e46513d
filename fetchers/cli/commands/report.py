"""`fetch report`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.kinds import OUTPUT
from fetchers.cli.pages.house import reported
from fetchers.cli.verb import verb
from fetchers.verbs import report

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.cli.circumstances import Circumstances


@verb("report")
@click.option("--html", required=True, type=OUTPUT, metavar="FILE", help="Write it here.")
@click.pass_obj
def command(here: Circumstances, html: Path) -> int:
    """Write one self-contained page: what is held, what it may be used for, what is due, what to cite."""
    return answer(here, report.run(here.place(), html), reported)
