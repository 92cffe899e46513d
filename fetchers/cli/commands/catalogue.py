"""`fetch list` and `fetch show`: the flags, and the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import LICENCE, NAME
from fetchers.cli.output import answer
from fetchers.cli.views import catalogue as pages
from fetchers.dataset import ACCESS
from fetchers.verbs import catalogue

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("list")
@click.option("--access", type=click.Choice(ACCESS), help="Only datasets of this access.")
@click.option("--modality", metavar="CODE", help="Only datasets that have this modality: CT, MR, XR ...")
@click.option("--body-part", metavar="NAME", help="Only datasets of this body part.")
@click.option("--licence", metavar="ID", type=LICENCE, help="Only datasets under this licence.")
@click.option(
    "--list",
    "which",
    type=click.Choice(catalogue.WHICH),
    help="Only the 19 datasets of the original list, or only the further ones.",
)
@click.option("--held", is_flag=True, help="Only datasets of which something is held.")
@click.option("--parts", is_flag=True, help="The parts of the named datasets, with their sizes.")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.pass_obj
def listing(  # noqa: PLR0913 - a form: one argument for each thing that may be said
    here: Settings,
    names: tuple[str, ...],
    *,
    access: str | None,
    modality: str | None,
    body_part: str | None,
    licence: str | None,
    held: bool,
    which: str | None,
    parts: bool,
) -> int:
    """Show the catalogue, the 19 datasets of the original list first; a * marks where that list is wrong."""
    if parts != bool(names):
        raise click.UsageError("--parts needs the name of a dataset, and a name needs --parts: fetch list tcia --parts")
    if parts:
        return answer(here, catalogue.parts(here.context(), names), pages.parts)
    rows = catalogue.listing(
        here.context(), access=access, modality=modality, body_part=body_part, licence=licence, held=held, which=which
    )
    return answer(here, rows, pages.listing)


@verb("show")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.pass_obj
def show(here: Settings, name: str) -> int:
    """Show all that is known of one dataset: what it is, terms by use, access, errata, citation, what is held."""
    return answer(here, catalogue.show(here.context(), name), pages.show)
