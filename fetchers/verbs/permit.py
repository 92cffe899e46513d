"""Record a permission that the owner of a dataset gave for one use, with the document that says so; or its end.

The latest word on a use counts: a second permission replaces the first, with its own last day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import permissions
from fetchers.dataset import USES
from fetchers.document import document
from fetchers.errors import CatalogueError
from fetchers.events import log

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import EventKind, Evidence


class Permitted(NamedTuple):
    """A permission as it stands now: `active`, `lapsed` (its last day is past already) or `revoked`."""

    dataset: str
    part: str | None
    use: str
    until: date | None
    state: str
    evidence: Evidence | None
    note: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(
    context: Context,
    name: str,
    use: str,
    *,
    evidence: Path | None = None,
    until: date | None = None,
    note: str | None = None,
    revoke: bool = False,
) -> Permitted:
    """Record the permission, or that it was taken back.

    It covers the dataset with all its parts, or the one part that `name` names. Raises `CatalogueError`, and records
    nothing, for what is unknown or not there, and where neither a document nor a note says who gave it.
    """
    if use not in USES:
        raise CatalogueError(f"{use!r} is no use; the uses are {', '.join(USES)}")
    found = context.workspace.catalogue.find(name)
    if len(found) != 1:
        raise CatalogueError(f"{name} means {len(found)} parts", hint="permit one of them at a time")
    (dataset,) = found
    note = (note or "").strip() or None
    if revoke:
        _check_revocable(context, dataset, use, until)
    elif evidence is None and note is None:
        raise CatalogueError(
            f"recording a permission for {use} of {dataset.address} requires a document or a note",
            hint=f"fetch permit {dataset.address} {use} --evidence FILE   (the owner's answer; or --note TEXT)",
        )
    log.check_evidence(evidence)
    document = log.kept(context, dataset.name, evidence)
    last = until.isoformat() if until else None
    what: EventKind = "revoked" if revoke else "permitted"
    log.append(context, [log.event(context, what, dataset, key=use, evidence=document, note=note, until=last)])
    past = until is not None and until < context.now.date()
    return Permitted(
        dataset=dataset.name,
        part=dataset.part,
        use=use,
        until=until,
        state="revoked" if revoke else "lapsed" if past else "active",
        evidence=document,
        note=note,
    )


def _check_revocable(context: Context, dataset: Dataset, use: str, until: date | None) -> None:
    if until is not None:
        raise CatalogueError("--until and --revoke exclude one another: a revocation holds from now on")
    try:
        said = permissions.latest_word(log.read(context), dataset.name, dataset.part, use)
    except LookupError:
        raise CatalogueError(
            f"no permission for {use} of {dataset.address} was ever recorded", hint=f"fetch status {dataset.name}"
        ) from None
    if said.what == "revoked":
        raise CatalogueError(
            f"the permission for {use} of {dataset.address} was revoked already, by {said.who} on {said.at[:10]}",
            hint=f"fetch status {dataset.name}",
        )
