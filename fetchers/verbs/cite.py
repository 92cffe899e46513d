"""Return the BibTeX of the named datasets; of a dataset with parts, that of its parts, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.reports.bibtex import bibliography

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset


class Cited(NamedTuple):
    """What a paper must say: BibTeX, and word for word the sentences that an owner asks for."""

    bibtex: str
    text: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str]) -> Cited:
    """Return what must be cited for `names`; raise `CatalogueError` for an unknown one."""
    from fetchers.acquire.describe import asked_about

    found = [
        one
        for name in names
        for dataset in context.workspace.catalogue.find(name)
        for one in _with_parts(asked_about(context, dataset))
    ]
    texts = [text for one in found for text in one.acknowledge]
    return Cited(bibtex=bibliography(found), text=tuple(dict.fromkeys(texts)))


def _with_parts(dataset: Dataset) -> Iterator[Dataset]:
    yield dataset
    brought = dataset.options.get("default_parts")
    yield from (
        part
        for part in dataset.parts
        if part.citations != dataset.citations and (not isinstance(brought, tuple | list) or part.part in brought)
    )
