"""Say whether copies are for one account alone: neither the terms nor the owner let a team share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event


def private(context: Context, dataset: Dataset, events: Sequence[Event], *licences: str | None) -> bool:
    """Return True if copies of a dataset or part under any of `licences`, by default its own, are private today."""
    given = verdict.permissions_for(dataset.name, dataset.part, events)
    known = context.workspace.catalogue.licences
    return any(verdict.private(one, known, given, context.now) for one in licences or (dataset.licence,))
