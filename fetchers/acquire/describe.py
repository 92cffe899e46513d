"""Read an archive's description of a dataset, and remember it as it was when the dataset was downloaded.

Title, version, licence, citation, access. What it says is recorded as an event with the day, so that every verb knows
it afterwards without the network. A version that is not named is the one that is here: a second `get` brings no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.acquire.addresses import attach, open_client
from fetchers.errors import AccessError, CatalogueError
from fetchers.events import log
from fetchers.events.described import DESCRIBED, read, versions
from fetchers.source import Source
from fetchers.storage.record.manifest import Manifest
from fetchers.workspace.described import same_place, table_of, with_description

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset, Description
    from fetchers.records import Event
    from fetchers.source import Asker, Client


def describes(source: Source) -> bool:
    """Return True for a source that says something of its datasets when it is asked."""
    return type(source).describe is not Source.describe


def described(
    context: Context, dataset: Dataset, source: Source, client: Asker, events: Sequence[Event], *, force: bool
) -> Dataset:
    """Return a dataset with what its place says of it today.

    Raises `CatalogueError` where another version of it is held, unless it is to be replaced by `force`.
    """
    here = versions(events).get((dataset.name, dataset.part))
    dataset = pinned(dataset, events)
    found = with_description(dataset, _said(dataset, source, client))
    other = here is not None and found.version not in (None, here)
    if not other or force or source.must_choose or not _holds(context, dataset):
        return found
    again, apart = dataset.origin or dataset.address, f"{dataset.name}-{str(found.version)[:8]}".lower()
    raise CatalogueError(
        f"{dataset.address} is held in version {here}; {again} means version {found.version}",
        hint=f"fetch get {again} --force   (replaces it; to hold both: fetch add {again} --name {apart})",
    )


def _said(dataset: Dataset, source: Source, client: Asker) -> Description:
    """Return what a place says; for an index that is here no client is opened."""
    return source.describe(dataset, None if source.local else client())  # type: ignore[arg-type]  # it asks nobody


def _nobody() -> Client:
    raise AssertionError("an index that is here asks nobody")


def pinned(dataset: Dataset, events: Iterable[Event]) -> Dataset:
    """Return a dataset whose version nobody names in the version that is here: a second `get` brings no other."""
    before = read(events)[0].get(dataset.name)
    if before is None or not same_place(before.options, dataset.options):
        return dataset
    return dataset._replace(options={**before.options, **dataset.options})


def asked_about(context: Context, dataset: Dataset) -> Dataset:
    """Return a dataset that an address named with what its place says of it: as recorded, else as it says today."""
    if dataset.source == "forgotten" or (dataset.origin is not None and dataset.checked_on is not None):
        return dataset
    source = context.load(dataset.source)
    if not describes(source) or not (source.local or dataset.origin):
        return dataset
    if source.local:
        return with_description(dataset, _said(dataset, source, _nobody))
    with open_client(context, source) as client:
        try:
            found = with_description(dataset, source.describe(dataset, client))
        except AccessError:
            return dataset._replace(access="registration", steps=tuple(source.steps(dataset)))
    return found._replace(checked_on=context.now.date())


def remember(context: Context, dataset: Dataset) -> None:
    """Record what a place says of a dataset, where it says something else than it is known to have said."""
    table = table_of(dataset)
    key = (dataset.name, dataset.part)
    mine = [event for event in log.read(context) if event.what == DESCRIBED and (event.dataset, event.part) == key]
    if not mine or mine[-1].data.get("table") != table:
        log.append(context, [log.event(context, DESCRIBED, dataset, table=table)])
        attach(context)  # what was read of the record is older than this


def _holds(context: Context, dataset: Dataset) -> bool:
    with Manifest.open(context.store, write=False) as manifest:
        return any((row.dataset, row.part) == (dataset.name, dataset.part) for row in manifest.holdings())
