"""`fetch cite`: the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.verbs import cite

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("cite")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=NAME)
@click.pass_obj
def command(here: Settings, names: tuple[str, ...]) -> int:
    """Print the BibTeX of what must be cited."""
    found = cite.run(here.context(), names)
    if here.json:
        return answer(here, found, lambda _shown, _look: ())
    lines = tuple(found.bibtex.rstrip("\n").split("\n"))  # one text each, or a terminal's rules would join them
    return answer(here, lines, lambda shown, _look: shown)
