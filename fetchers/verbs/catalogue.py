"""List and show datasets.

The catalogue's rows. What is held is looked up only where a record exists: a fresh workspace pays for no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.dicom.declared import has_body_part, has_modality
from fetchers.document import Rows
from fetchers.inspection.catalogue_rows import (
    PartListing,
    Row,
    Show,
    dataset_row,
    has_licence,
    held_counts,
    held_files,
    is_recorded,
    part_row,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.dataset import Part

WHICH = ("original", "further")


def listing(
    context: Context,
    *,
    access: str | None = None,
    modality: str | None = None,
    body_part: str | None = None,
    licence: str | None = None,
    held: bool = False,
    which: str | None = None,
) -> Rows[Row]:
    """Return the datasets of the catalogue that fit, those of the original list first, each kind by name.

    A dataset fits by any of its parts; `which` is `original` or `further`.
    """
    here = held_counts(context)
    rows = []
    beyond = context.workspace.catalogue.elsewhere
    known = {name for name, _ in here}
    fetched = beyond.fetched(known) if beyond is not None and known else ()
    for dataset in (*context.workspace.catalogue.outlines(), *fetched):
        whole = (dataset, *dataset.parts)
        files = held_files(here, dataset)
        if (
            (access is None or any(one.access == access for one in whole))
            and (modality is None or any(has_modality(one, modality) for one in whole))
            and (body_part is None or any(has_body_part(one, body_part) for one in whole))
            and (licence is None or any(has_licence(one, licence) for one in whole))
            and (files or not held)
            and (which is None or which == ("original" if dataset.listed else "further"))
        ):
            rows.append(dataset_row(dataset, files))
    return Rows(sorted(rows, key=lambda row: not row.original))


def parts(context: Context, names: Sequence[str]) -> Rows[PartListing]:
    """Return the parts of the named datasets: those of the catalogue, else those that the place lists.

    A dataset without parts is its own one row. What an index on this machine counts needs no network.
    """
    from fetchers.acquire.addresses import open_client

    rows = []
    for name in names:
        for dataset in context.workspace.catalogue.find(name):
            source = context.load(dataset.source)
            found: list[tuple[str, str] | Part]
            if source.local:
                found = list(source.inventory(dataset))
            elif dataset.lists_itself or dataset.parts or dataset.origin is not None:
                found = [(part.part or "", part.title) for part in dataset.parts]
            else:
                with open_client(context, source) as client:
                    found = list(source.parts(dataset, client))
            rows += [part_row(dataset, part) for part in found] or [
                PartListing(dataset=dataset.name, part=dataset.part, title=dataset.title, line="it has no parts")
            ]
    return Rows(rows)


def show(context: Context, name: str) -> Show:
    """Return all that is known of `name`; raise `CatalogueError` where it is unknown or means several parts."""
    from fetchers.errors import CatalogueError
    from fetchers.events import log

    found = context.workspace.catalogue.find(name)
    if len(found) != 1:
        names = ", ".join(one.address for one in found)
        raise CatalogueError(f"{name} means {len(found)} parts: {names}", hint="name one of them")
    if found[0].fault is not None:
        raise CatalogueError(found[0].fault, hint="correct the licence named above, then type the command again")
    from fetchers.acquire import describe
    from fetchers.events.described import versions

    events = log.read(context) if is_recorded(context) else []
    dataset = describe.asked_about(context, found[0])
    dataset = dataset._replace(version=dataset.version or versions(events).get((dataset.name, dataset.part)))
    return shown(context, dataset, events)
