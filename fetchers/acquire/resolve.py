"""Find the datasets and parts that an address means."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from fetchers.errors import NothingMatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.source import Client


def targets(context: Context, address: str, client: Callable[[], Client]) -> Iterator[Dataset]:
    """Yield what `address` means. A dataset with parts means the parts; a glob asks the place for its parts.

    Raises `CatalogueError` for an unknown name (with the nearest ones), `NothingMatched` for a glob without a match.
    """
    for dataset in context.workspace.catalogue.find(address):
        if dataset.part is None and dataset.parts:
            if dataset.files or dataset.files_from or not dataset.lists_itself:
                yield dataset  # it has content of its own beside its parts
            default = dataset.options.get("default_parts")
            names = default if isinstance(default, list | tuple) else [part.part for part in dataset.parts]
            yield from (part for part in dataset.parts if part.part in names)
        elif dataset.part is not None and any(sign in dataset.part for sign in "*?["):
            yield from _expanded(context, dataset, client)
        else:
            yield dataset


def _expanded(context: Context, dataset: Dataset, client: Callable[[], Client]) -> Iterator[Dataset]:
    glob = dataset.part or "*"
    found = False
    source = context.load(dataset.source)
    for name, _ in source.parts(dataset, None if source.local else client()):  # type: ignore[arg-type]  # it asks nobody
        if fnmatchcase(name.lower(), glob.lower()):
            found = True
            yield dataset.as_part(name)
    if not found:
        raise NothingMatched(f"{dataset.address}: no part has such a name", hint=f"fetch list {dataset.name} --parts")
