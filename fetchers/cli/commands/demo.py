"""`fetch demo`: the flags, and the call."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.output import answer
from fetchers.cli.terminal import say
from fetchers.cli.views import demo as pages
from fetchers.verbs import demo

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("demo")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Work in this folder and leave it; by default a throwaway one.",
)
@click.pass_obj
def command(here: Settings, keep: Path | None) -> int:
    """Show the whole story on this machine alone: real commands, real HTTP on loopback, no internet."""
    if here.json:
        told = demo.run(keep=keep, environ=here.environ)
        return answer(here, told, pages.ending, status=told.exit)
    look = here.look
    told = demo.run(
        keep=keep,
        environ=here.environ,
        width=look.width,
        begin=lambda act: say(sys.stdout, pages.begins(act, look)),
        end=lambda step: say(sys.stdout, pages.ends(step, look)),
    )
    return answer(here, told, pages.ending, status=told.exit)
