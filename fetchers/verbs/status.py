"""Collect what is held, under way, applied for, and about to lapse."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import permissions
from fetchers.document import document
from fetchers.events import log, people
from fetchers.events.status_rows import (
    Applied,
    Held,
    Lapsing,
    applied_rows,
    held_above,
    held_rows,
    lapsing_permissions,
    lapsing_rows,
)
from fetchers.inspection import recorded
from fetchers.inspection.scope import known
from fetchers.inspection.under_way import UnderWay, under_way_rows
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fetchers.context import Context
    from fetchers.records import Finding


class Status(NamedTuple):
    """All of it."""

    held: tuple[Held, ...]
    under_way: tuple[UnderWay, ...]
    applications: tuple[Applied, ...]
    permissions: tuple[permissions.Permission, ...]
    lapsing: tuple[Lapsing, ...]
    acceptances: tuple[people.Acceptance, ...]
    findings: tuple[Finding, ...] = ()  # of what is held, as they were recorded when it came in

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str]) -> Status:
    """Return the status of `names`, or of everything. A lapse that is seen for the first time is recorded.

    Raises `CatalogueError` for an unknown name.
    """
    asked = _asked(context, names)
    with Manifest.open(context.store, write=False) as manifest:
        held = [row for row in manifest.holdings() if asked(row.dataset, row.part)]
        under_way = list(under_way_rows(context, manifest, asked))
        parts = dict.fromkeys((row.dataset, row.part) for row in held)
        found = [one for name, part in parts for one in recorded.findings(manifest, known(context, name, part))]
    events = log.noticed(context)
    chosen = [one for one in log.subjects(context, events) if asked(one.name, one.part)]
    return Status(
        held=(*held_rows(context, held, events), *held_above(context, asked)),
        under_way=tuple(under_way),
        applications=tuple(applied_rows(context, chosen, events)),
        permissions=tuple(one for one in permissions.permissions(events, context.now) if asked(one.dataset, one.part)),
        lapsing=tuple(
            sorted(
                [*lapsing_rows(context, chosen, events), *lapsing_permissions(context, asked, events)],
                key=lambda one: (one.on, one.dataset, one.part or ""),
            )
        ),
        acceptances=people.acceptances(events),
        findings=tuple(found),
    )


def _asked(context: Context, names: Sequence[str]) -> Callable[[str, str | None], bool]:
    """Return the test whether a dataset or part was named: a dataset means its parts, a glob those that match."""
    wanted = [(one.name, one.part) for name in names for one in context.workspace.catalogue.find(name)]

    def asked(dataset: str, part: str | None) -> bool:
        return not wanted or any(
            dataset == name and (glob is None or fnmatchcase(part or "", glob)) for name, glob in wanted
        )

    return asked
