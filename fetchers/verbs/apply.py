"""Open an access application: the steps of the catalogue become tasks.

Applying again changes nothing that is recorded; it adds what was not said before: the owner, the purpose. A refused
download opens an application by itself, so that what is to be done is not forgotten; the person's own `apply` follows.
After a denial, or when the earlier one was closed, it opens a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import applications, gate, purposes
from fetchers.document import document
from fetchers.errors import CatalogueError
from fetchers.events import log
from fetchers.events.task_rows import task_row
from fetchers.inspection import compliance
from fetchers.inspection.scope import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.events.task_rows import TaskRow
    from fetchers.records import Event, Finding


class Applied(NamedTuple):
    """An application as it stands now; `new` says whether this command opened it."""

    dataset: str
    part: str | None
    state: str
    owner: str | None
    purpose: str | None
    applied_on: date
    new: bool
    tasks: tuple[TaskRow, ...]
    codes: tuple[str, ...] = ()  # of the Data Use Ontology: what was given, or what the words of the purpose propose
    proposed: bool = False
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, name: str, *, owner: str | None = None, purpose: str | None = None) -> Applied:
    """Apply for `name`. Raises `CatalogueError` where it is unknown, or open to everybody."""
    dataset = log.subject(context, name)
    log.refuse_open(context, dataset)
    events = log.noticed(context)
    if unknown := purposes.unknown_codes(purpose):
        raise CatalogueError(
            f"--purpose {', '.join(unknown)}: the Data Use Ontology has no such code",
            hint="http://purl.obolibrary.org/obo/duo.owl",
        )
    before = log.own(context, dataset, events)
    again = before is None or before.over
    if again or _adds(dataset, events, owner, purpose):
        new = log.event(context, "applied", dataset, owner=owner, purpose=purpose)
        events = events + log.append(context, [new])
    found = gate.application(dataset, events, context.now)
    if found is None:  # pragma: no cover - an application has just been recorded
        raise CatalogueError(f"{dataset.address}: the application was not recorded", hint="fetch doctor")
    fits = purposes.fit(found.purpose, dataset.licence, context.workspace.catalogue.licences)
    return Applied(
        dataset=found.dataset,
        part=found.part,
        state=found.state,
        owner=found.owner,
        purpose=found.purpose,
        applied_on=found.applied_on,
        new=again,
        tasks=tuple(task_row(task, context.now.date()) for task in found.tasks),
        codes=fits.codes,
        proposed=fits.proposed,
        findings=tuple(compliance.purpose(context, Subject(dataset), found)),
    )


def _adds(dataset: Dataset, events: Sequence[Event], owner: str | None, purpose: str | None) -> bool:
    """Return True if this says something that the record does not have yet, be it only that a person applies."""
    _, own = applications.belonging(dataset, events)
    applied = [event for event in own if event.what == "applied"]
    if all(event.data.get("automatic") for event in applied):
        return True
    known = {name for event in applied for name in ("owner", "purpose") if event.data.get(name)}
    return bool((owner and "owner" not in known) or (purpose and "purpose" not in known))
