"""Write a dataset that an address names into the workspace's catalogue, with what its place says of it today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.acquire.describe import asked_about
from fetchers.document import document
from fetchers.errors import CatalogueError
from fetchers.workspace.described import table_of
from fetchers.workspace.redact_text import showable
from fetchers.workspace.writing import add

if TYPE_CHECKING:
    from fetchers.context import Context


class Added(NamedTuple):
    """What was written where; `licence` None is unknown."""

    dataset: str
    origin: str
    title: str
    version: str | None
    licence: str | None
    licence_words: str | None
    access: str
    file: str

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, address: str, *, name: str | None = None) -> Added:
    """Add what `address` means, under its own name or another. Raises `CatalogueError` for what is no address."""
    found = context.workspace.catalogue.find(address)
    if len(found) != 1 or (found[0].origin is None and found[0].name in context.workspace.catalogue.datasets):
        raise CatalogueError(
            f"{address} is in the catalogue already",
            hint=f"fetch show {address}   (fetch add takes an address: zenodo:N, hf:OWNER/NAME, https://...)",
        )
    dataset = asked_about(context, found[0])
    called = name or dataset.name
    if called in context.workspace.catalogue.datasets or called in context.workspace.catalogue.aliases:
        raise CatalogueError(f"{called} is in the catalogue already", hint=f"fetch add {address} --name NAME")
    origin = dataset.origin or showable(address)
    table = table_of(dataset._replace(origin=None))
    if table.get("options", {}) != dict(dataset.options):
        raise CatalogueError(
            f"{origin}: the address holds a secret, and none is written into a catalogue",
            hint=f"fetch login {origin.partition('?')[0]}   (then: fetch add {origin.partition('?')[0]})",
        )
    table = {**table, "notes": f"added by its address, {origin}", "checked_on": context.now.date()}
    path = add(context.workspace.home, called, table)
    return Added(
        dataset=called,
        origin=origin,
        title=dataset.title,
        version=dataset.version,
        licence=dataset.licence,
        licence_words=dataset.licence_words,
        access=dataset.access,
        file=str(path),
    )
