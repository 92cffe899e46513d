"""Read what people did, and append to it.

Events are read from the record and appended to it, never changed. Lapses are events, too: whoever looks first writes
down that something has ended, so that a clock that goes back later cannot make it good again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.access import gate, permissions
from fetchers.checks.access.applications import concerns_application
from fetchers.dataset import address_of
from fetchers.errors import CatalogueError, FetchError, StoreError
from fetchers.records import Event
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from fetchers.checks.access.applications import Application
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import EventKind, Evidence


def read(context: Context) -> list[Event]:
    """Return all events, in the order in which they were recorded."""
    with Manifest.open(context.store, write=False) as manifest:
        return list(manifest.events())


def append(context: Context, events: Sequence[Event]) -> list[Event]:
    """Record events; gives them as they stand in the chain."""
    with Manifest.open(context.store, write=True) as manifest:
        return list(manifest.append(events))


def noticed(context: Context) -> list[Event]:
    """Return all events, after recording what has lapsed by now. A read-only store is read all the same."""
    events = read(context)
    new = [lapse for dataset in subjects(context, events) for lapse in gate.lapses(dataset, events, context.now)]
    new += permissions.new_lapses(events, context.now)
    if not new:
        return events
    try:
        return events + append(context, new)
    except StoreError:
        return events + new


def subjects(context: Context, events: Sequence[Event]) -> Iterator[Dataset]:
    """Yield each dataset or part that has an application and is in the catalogue still."""
    asked = {(event.dataset, event.part): None for event in events if event.dataset and concerns_application(event)}
    for name, part in asked:
        try:
            found = context.workspace.catalogue.find(address_of(name, part))
        except FetchError:  # it was in a catalogue that this workspace has no longer
            continue
        yield from (dataset for dataset in found if dataset.part == part)


def subject(context: Context, address: str) -> Dataset:
    """Return what an application for `address` is for: a part that asks nothing of its own is covered by its dataset.

    Raises `CatalogueError` for an unknown name, or one that means several parts.
    """
    found = context.workspace.catalogue.find(address)
    if len(found) != 1:
        names = ", ".join(dataset.address for dataset in found)
        raise CatalogueError(f"{address} means {len(found)} parts: {names}", hint="name one of them")
    (dataset,) = found
    if dataset.part is None:
        return dataset
    whole = context.workspace.catalogue.datasets[dataset.name]
    same = (dataset.access, dataset.steps) == (whole.access, whole.steps)
    return whole if same else dataset


def event(
    context: Context,
    what: EventKind,
    dataset: Dataset | None,
    *,
    key: str | None = None,
    on: date | None = None,
    evidence: Evidence | None = None,
    **data: object,
) -> Event:
    """Make an event of this command; what is None is left out of its data."""
    said = {name: value for name, value in data.items() if value not in (None, False)}
    if evidence is not None:
        said |= {"evidence": evidence.path, "sha256": evidence.sha256}
    return Event(
        seq=0,
        at=context.stamp,
        who=context.who,
        what=what,
        dataset=dataset.name if dataset else None,
        part=dataset.part if dataset else None,
        key=key,
        on=(on or context.now.date()).isoformat(),
        data=said,
    )


def own(context: Context, dataset: Dataset, events: Sequence[Event]) -> Application | None:
    """Return the application for exactly this dataset or part; one for the whole that covers it is another."""
    found = gate.application(dataset, events, context.now)
    return found if found is not None and found.part == dataset.part else None


def automatic(context: Context, dataset: Dataset) -> Event:
    """Make the event of an application that nobody opened explicitly."""
    return event(context, "applied", dataset, automatic=True)


def refuse_open(context: Context, dataset: Dataset) -> None:
    """Raise `CatalogueError` where there is nothing to apply for."""
    if dataset.access != "open" or dataset.steps:
        return
    whole = context.workspace.catalogue.find(dataset.name)[0]
    gated = [part for part in whole.parts if part.access != "open"]
    if dataset.part is None and gated:
        names = ", ".join(part.address for part in gated)
        raise CatalogueError(
            f"{dataset.name} itself is open; access requires an application for {names}",
            hint=f"fetch apply {gated[0].address}",
        )
    raise CatalogueError(f"{dataset.address} is open: no application is needed", hint=f"fetch {dataset.address}")


def check_day(context: Context, on: date | None) -> None:
    """Raise `CatalogueError` for a day that has not come yet (UTC)."""
    today = context.now.date()
    if on is not None and on > today:
        raise CatalogueError(
            f"--on {on} is in the future: today is {today} (UTC)", hint="name the day on which it happened"
        )


def kept(context: Context, dataset: str, file: Path | None) -> Evidence | None:
    """Copy a document into the home, where one was given."""
    if file is None:
        return None
    from fetchers.storage.publish import evidence

    home = context.workspace.home
    return evidence.keep(home, dataset, file, group=context.home_is_shared)


def check_evidence(file: Path | None) -> None:
    """Raise `CatalogueError` where a document was named that is not there; before anything is recorded."""
    if file is not None:
        from fetchers.storage.publish import evidence

        evidence.check(file)
