"""`fetch audit`: the flags, and the call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.long_options import on_option
from fetchers.cli.output import answer
from fetchers.cli.views.audit import page
from fetchers.dataset import USES
from fetchers.verbs import audit

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("audit", on_option())
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.option("--use", "uses", multiple=True, type=click.Choice(USES), metavar="USE", help="What it is to be used for.")
@click.option(
    "--scan", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="Look for copies here, too."
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.pass_obj
def command(
    here: Settings,
    names: tuple[str, ...],
    *,
    uses: tuple[str, ...],
    scan: tuple[Path, ...],
    strict: bool,
    on: str | None,
) -> int:
    """Judge whether what is held may be held and used so; works offline.

    USE is one of research, teaching, train, publish-model, commercial, clinical, modify, share-team, redistribute,
    publish-derivatives, ai-service.
    """
    found = audit.run(here.context(), names, uses=uses, scan=scan, strict=strict, on=on)
    return answer(here, found, page, status=found.exit)
