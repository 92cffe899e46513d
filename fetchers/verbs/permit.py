"""Record a permission that the owner of a dataset gave for one use, with the document that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import USES
from fetchers.errors import CatalogueError
from fetchers.events import log

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.records import Evidence


class Permitted(NamedTuple):
    """A permission as recorded; `holds` is false where its last day is past already."""

    dataset: str
    part: str | None
    use: str
    until: date | None
    evidence: Evidence | None
    note: str | None
    holds: bool


def run(
    context: Context,
    name: str,
    use: str,
    *,
    evidence: Path | None = None,
    until: date | None = None,
    note: str | None = None,
) -> Permitted:
    """Record the permission. Raises `CatalogueError`, and records nothing, for what is unknown or not there.

    It covers the dataset with all its parts, or the one part that `name` names.
    """
    if use not in USES:
        raise CatalogueError(f"{use!r} is no use; the uses are {', '.join(USES)}")
    found = context.workspace.catalogue.find(name)
    if len(found) != 1:
        raise CatalogueError(f"{name} means {len(found)} parts", hint="permit one of them at a time")
    (dataset,) = found
    log.check_evidence(evidence)
    document = log.kept(context, dataset.name, evidence)
    last = until.isoformat() if until else None
    log.append(context, [log.event(context, "permitted", dataset, key=use, evidence=document, note=note, until=last)])
    return Permitted(
        dataset=dataset.name,
        part=dataset.part,
        use=use,
        until=until,
        evidence=document,
        note=note,
        holds=until is None or until >= context.now.date(),
    )
