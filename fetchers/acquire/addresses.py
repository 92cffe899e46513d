"""Find the dataset of a name or address that is in no catalogue.

An address (`zenodo:162231`), the name in the store of what an address brought earlier (`zenodo-162231`), or a
collection of the index (`LIDC-IDRI`). What a place said of a dataset when it was fetched stands in the record, as an
event with the day: so its name, its licence, its version and its citation are known without the network afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.source import Client, Source

_COLLECTIONS = "tcia"  # the source whose collections may be named alone


def attach(context: Context) -> Context:
    """Make the catalogue of a command understand addresses; sends no request."""
    context.workspace.catalogue.elsewhere = Addresses(context)
    return context


class Addresses:
    """Finds what the catalogue does not have, for one command."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recorded: Mapping[str, Dataset] | None = None
        self._origins: dict[str, str] = {}
        self._held: frozenset[tuple[str, str | None]] = frozenset()

    def understands(self, written: str) -> bool:
        """Return True for what is an address and no name."""
        if ":" not in written and not written.startswith("10."):
            return False
        from fetchers.sources.reading.addresses import is_address

        return is_address(written)

    def find(self, written: str) -> Dataset | None:
        """Return the dataset that `written` means; None where it means nothing here.

        Raises `CatalogueError` for an address that no place understands, or whose name another one has in the store.
        """
        recorded = self.recorded()
        if not self.understands(written):
            if written.lower() in recorded:
                return recorded[written.lower()]
            return self._context.load(_COLLECTIONS).at(written, self._client)
        if written in self._origins:
            return recorded[self._origins[written]]
        from fetchers.sources.reading.addresses import dataset_at
        from fetchers.workspace.described import same_place

        found = dataset_at(written, self._client)
        before = recorded.get(found.name)
        if before is None or found.part is not None:
            return found
        if not same_place(before.options, found.options):
            raise CatalogueError(
                f"{found.origin} would be called {found.name}, and that is {before.origin} here",
                hint=f"fetch add {found.origin} --name NAME",
            )
        return before._replace(origin=found.origin, options={**before.options, **found.options})

    def fetched(self, names: Collection[str]) -> Iterable[Dataset]:
        """Return those of `names` that stand in no catalogue and were fetched by an address."""
        if all(name in self._context.workspace.catalogue.datasets for name in names):
            return ()
        recorded = self.recorded()
        strangers = sorted(set(names) - set(self._context.workspace.catalogue.datasets))
        return [recorded[name] for name in strangers if name in recorded]

    def names(self) -> dict[str, str]:
        """Return the collections that may be named alone, each with its address: for a name that is nearly right."""
        return {name: f"{_COLLECTIONS}/{name}" for name in self._context.load(_COLLECTIONS).names()}

    def holds(self, name: str) -> bool:
        """Return True where a place was asked for a dataset of that name before."""
        return name in self.recorded()

    def spelled(self, dataset: Dataset, part: str) -> str:
        """Return a part's name as it is held, else as its place spells it."""
        self.recorded()
        if (dataset.name, part) in self._held:
            return part
        return self._context.load(dataset.source).spelled(part)

    def recorded(self) -> Mapping[str, Dataset]:
        """Return what places said of the datasets here, by name; reads the record once."""
        if self._recorded is None:
            self._recorded = {}
            store = self._context.store
            if (store / "manifest.sqlite").exists() or (store / "manifest.journal").exists():
                from fetchers.storage.record.manifest import Manifest

                with Manifest.open(store, write=False) as manifest:
                    events = manifest.events()
                    self._held = frozenset((row.dataset, row.part) for row in manifest.holdings())
                from fetchers.events.described import read

                self._recorded, self._origins = read(events)
        return self._recorded

    def _client(self) -> Client:
        """Open the client, for the few addresses that only a place can tell."""
        return open_client(self._context)


def open_client(context: Context, source: Source | None = None) -> Client:
    """Open the client of a verb that fetches no files."""
    from fetchers.transport.http_client import converse
    from fetchers.transport.network_session import connect

    line = connect(
        home=context.workspace.home,
        environ=context.environ,
        mirrors=context.mirrors,
        offline=context.offline,
        timeout=context.timeout,
        retries=context.retries,
        netrc=context.workspace.config.netrc,
    )
    if source is not None and source.agent is not None and source.gatekeeper is not None:
        line.introduce(source.gatekeeper, source.agent)
    return converse(line)
