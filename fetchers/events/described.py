"""Read from the record how archives described the datasets that are held, the latest description of each."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fetchers.workspace.described import dataset_from

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.dataset import Dataset
    from fetchers.records import Event, EventKind

DESCRIBED: EventKind = "described"


def versions(events: Iterable[Event]) -> dict[tuple[str, str | None], str]:
    """Return the version that each dataset or part was described with last."""
    found: dict[tuple[str, str | None], str] = {}
    for event in events:
        table = event.data.get("table")
        if event.what == DESCRIBED and event.dataset is not None and isinstance(table, dict):
            version = table.get("version")
            if isinstance(version, str):
                found[event.dataset, event.part] = version
    return found


def read(events: Iterable[Event]) -> tuple[dict[str, Dataset], dict[str, str]]:
    """Return the datasets that places described, by name, the last word of each; and the names by address."""
    found: dict[str, Dataset] = {}
    origins: dict[str, str] = {}
    for event in events:
        if event.what != DESCRIBED or event.dataset is None or event.part is not None:
            continue
        day = date.fromisoformat(event.on[:10]) if event.on else None
        dataset = dataset_from(event.dataset, event.data.get("table"), day)
        if dataset is not None:
            found[event.dataset] = dataset
            if dataset.origin is not None:
                origins[dataset.origin] = event.dataset
    return found, origins
