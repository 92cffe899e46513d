"""`fetch cite`: the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.names import NAME
from fetchers.cli.verb import verb
from fetchers.verbs import cite

if TYPE_CHECKING:
    from fetchers.cli.circumstances import Circumstances


@verb("cite")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=NAME)
@click.pass_obj
def command(here: Circumstances, names: tuple[str, ...]) -> int:
    """Print the BibTeX of what must be cited."""
    bibtex = cite.run(here.place(), names)
    if here.json:
        return answer(here, {"bibtex": bibtex}, lambda _shown, _look: ())
    return answer(here, tuple(bibtex.rstrip("\n").split("\n")), lambda shown, _look: shown)
