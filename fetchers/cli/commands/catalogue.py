"""`fetch list` and `fetch show`: the flags, and the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.answer import answer
from fetchers.cli.names import NAME
from fetchers.cli.pages import catalogue as pages
from fetchers.cli.verb import verb
from fetchers.dataset import ACCESS
from fetchers.verbs import browse

if TYPE_CHECKING:
    from fetchers.cli.circumstances import Circumstances


@verb("list")
@click.option("--access", type=click.Choice(ACCESS), help="Only datasets of this access.")
@click.option("--modality", metavar="CODE", help="Only datasets that have this modality: CT, MR, XR ...")
@click.option("--body-part", metavar="NAME", help="Only datasets of this body part.")
@click.option("--licence", metavar="ID", help="Only datasets under this licence.")
@click.option("--held", is_flag=True, help="Only datasets of which something is held.")
@click.pass_obj
def listing(
    here: Circumstances,
    *,
    access: str | None,
    modality: str | None,
    body_part: str | None,
    licence: str | None,
    held: bool,
) -> int:
    """Show the catalogue, one line for each dataset; a * marks where the original list is wrong."""
    rows = browse.listing(
        here.place(), access=access, modality=modality, body_part=body_part, licence=licence, held=held
    )
    return answer(here, rows, pages.listing)


@verb("show")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.pass_obj
def show(here: Circumstances, name: str) -> int:
    """Show all that is known of one dataset: what it is, terms by use, access, errata, citation, what is held."""
    return answer(here, browse.show(here.place(), name), pages.show)
