"""What must be cited? BibTeX of the named datasets; of a dataset with parts, that of the parts that it brings, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.reports.bibtex import bibliography

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset


def run(context: Context, names: Sequence[str]) -> str:
    """Give the BibTeX of `names`; raises `CatalogueError` for an unknown one."""
    found = [
        one for name in names for dataset in context.workspace.catalogue.find(name) for one in _with_parts(dataset)
    ]
    return bibliography(found)


def _with_parts(dataset: Dataset) -> Iterator[Dataset]:
    yield dataset
    brought = dataset.options.get("default_parts")
    yield from (
        part
        for part in dataset.parts
        if part.citations != dataset.citations and (not isinstance(brought, tuple | list) or part.part in brought)
    )
