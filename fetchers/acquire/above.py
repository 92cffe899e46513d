"""Look into the stores that are only read (`--also`): what one of them holds is not fetched again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.acquire import preflight, result
from fetchers.acquire.plan import HeldIndex, MissingFiles, chosen
from fetchers.checks.access import gate
from fetchers.source import Listed
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from fetchers.acquire.request import GetRequest, Result
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event
    from fetchers.source import Source

_SHUT = ("denied", "closed", "lapsed")


class Above:
    """The stores above one's own, with their records; each is opened when it is first asked."""

    def __init__(self, context: Context, stack: ExitStack) -> None:
        self._context = context
        self._stack = stack
        self._opened: list[tuple[Path, Manifest]] | None = None

    def indexes(self, dataset: Dataset) -> tuple[HeldIndex, ...]:
        """Return what of a dataset or part is wholly there, store by store."""
        return tuple(HeldIndex(store, manifest, dataset) for store, manifest in self._holding(dataset))

    def whole(self, dataset: Dataset, source: Source, request: GetRequest, events: Sequence[Event]) -> Result | None:
        """Return the answer where a store above has all that is wanted: then nothing is fetched, and no gate passed.

        What a person was denied stays denied, and the policy holds there as here.
        """
        if not self._context.also or request.force or not (source.by_hand or isinstance(source, Listed)):
            return None
        own = gate.application(dataset, events, self._context.now)
        if (own is not None and own.state in _SHUT) or preflight.forbidden(
            self._context, dataset.licence, dataset.address
        ):
            return None
        for store, manifest in self._holding(dataset):
            if source.by_hand or self._nothing_missing(dataset, source, request, HeldIndex(store, manifest, dataset)):
                return result.result(self._context.of_store(store), dataset, manifest)
        return None

    def instead(self, dataset: Dataset, found: Result) -> Result:
        """Return the root of the store that holds the files, if this one holds none."""
        if found.files or found.plan is not None:
            return found
        for store, manifest in self._holding(dataset):
            there = result.result(self._context.of_store(store), dataset, manifest)
            return found._replace(root=there.root, files=there.files, bytes=there.bytes, terms=there.terms)
        return found

    def _nothing_missing(self, dataset: Dataset, source: Source, request: GetRequest, held: HeldIndex) -> bool:
        files = source.files(dataset, request.selection, None)  # type: ignore[arg-type]  # Listed asks nobody
        listing = MissingFiles(chosen(files, request, None, dataset.licence), held, source, request)
        return next(iter(listing), None) is None and listing.error is None

    def _holding(self, dataset: Dataset) -> Iterator[tuple[Path, Manifest]]:
        if self._opened is None:
            self._opened = [
                (store, self._stack.enter_context(Manifest.open(store, write=False))) for store in self._context.also
            ]
        for store, manifest in self._opened:
            if any((row.dataset, row.part) == (dataset.name, dataset.part) for row in manifest.holdings()):
                yield store, manifest
