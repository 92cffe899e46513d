"""`fetch add` and `fetch search`: the flags, and the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.output import answer
from fetchers.cli.views.add import added, found
from fetchers.verbs import add as adding
from fetchers.verbs import search as searching

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("add")
@click.argument("address", metavar="ADDRESS")
@click.option("--name", metavar="NAME", help="Call it this; by default it is called after its place.")
@click.pass_obj
def add(here: Settings, address: str, *, name: str | None) -> int:
    """Write a dataset into the workspace's catalogue by its address, with what its place says of it.

    ADDRESS is a DOI, zenodo:N, figshare:N, mendeley:ID, osf:ID, dataverse:HOST/DOI, hf:OWNER/NAME, kaggle:OWNER/SLUG,
    openneuro:dsN, physionet:NAME, synapse:synN, s3://BUCKET/PREFIX, croissant:URL, or the https:// address of a record
    or a file. What it names may be fetched without being added: fetch get ADDRESS.
    """
    return answer(here, adding.run(here.context(), address, name=name), added)


@verb("search")
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.pass_obj
def search(here: Settings, words: tuple[str, ...]) -> int:
    """Look for datasets and collections that have all of these words; asks no network."""
    return answer(here, searching.run(here.context(), words), found)
