"""Open the records of all stores of a command, and say which of them hold a dataset: one's own, and those only read."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from fetchers.inspection.scope import subjects
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject


class Stores:
    """The records of the stores, one's own first; close it, or use it as a context manager."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stack = ExitStack()
        self.opened: list[tuple[Path, Manifest]] = []

    def __enter__(self) -> Self:
        """Open the records for reading."""
        with ExitStack() as stack:
            for store in (self._context.store, *self._context.also):
                self.opened.append((store, stack.enter_context(Manifest.open(store, write=False))))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the records."""
        self._stack.close()

    @property
    def manifests(self) -> list[Manifest]:
        """The records."""
        return [manifest for _, manifest in self.opened]

    def holding(self, one: Subject) -> list[tuple[Path, Manifest]]:
        """Return the stores that hold a subject, with their records; one's own where nothing is said."""
        return [(store, manifest) for store, manifest in self.opened if store in one.stores] or self.opened[:1]

    def held(self, names: Sequence[str]) -> list[Subject]:
        """Return what is held of `names`, or all of it, by name, whichever stores it lies in."""
        found: dict[tuple[str, str | None], Subject] = {}
        for store, manifest in self.opened:
            for one in subjects(self._context, manifest, names):
                key = (one.dataset.name, one.dataset.part)
                if one.held:
                    before = found.get(key, one._replace(holdings=(), stores=()))
                    holdings = (*before.holdings, *one.holdings)
                    found[key] = before._replace(holdings=holdings, stores=(*before.stores, store))
        return sorted(found.values(), key=lambda one: (one.dataset.name, one.dataset.part or ""))
