"""Collect what an audit is about: datasets and parts, with what is held of them.

The named datasets and parts, whether held or not; without names, all that is held. One subject for each dataset or
part, with the licences that its copies are under. A copy that a place gave a licence of its own (TCIA does, by series)
keeps that; for the others the catalogue speaks, as it reads today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.access.permissions import parts_spoken_of
from fetchers.dataset import Dataset, address_of
from fetchers.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.records import Event, Holding
    from fetchers.storage.record.manifest import Manifest

_SAY_NO_LICENCE = frozenset({"byhand", "tbportals"})


class Subject(NamedTuple):
    """One dataset or part; `holdings` are its copies, by the licence that they came under.

    `stores` are those that they lie in, where several were asked.
    """

    dataset: Dataset
    holdings: tuple[Holding, ...] = ()
    stores: tuple[Path, ...] = ()

    @property
    def held(self) -> bool:
        """True if there are copies."""
        return bool(self.holdings)

    @property
    def licences(self) -> tuple[str | None, ...]:
        """The licence expressions that hold today, each once; the catalogue's alone where nothing is held."""
        if not self.holdings:
            return (self.dataset.licence,)
        return tuple(dict.fromkeys(today(self.dataset, row.licence) for row in self.holdings))


def today(dataset: Dataset, recorded: str | None) -> str | None:
    """Return the licence expression that holds today for a copy that was recorded under `recorded`."""
    if recorded is None or (_by_catalogue(dataset) and recorded not in {file.licence for file in dataset.files}):
        return dataset.licence
    return recorded


def _by_catalogue(dataset: Dataset) -> bool:
    """Return True if all that was ever said of its licence stood in the catalogue."""
    return dataset.lists_itself or dataset.source in _SAY_NO_LICENCE


def subjects(context: Context, manifest: Manifest, names: Sequence[str]) -> list[Subject]:
    """Return what is asked about; raise `CatalogueError` for an unknown name."""
    held: dict[tuple[str, str | None], list[Holding]] = {}
    for row in manifest.holdings():
        held.setdefault((row.dataset, row.part), []).append(row)
    if names:
        wanted = [
            one
            for name in names
            for found in context.workspace.catalogue.find(name)
            for one in _asked(found, held, manifest.events)
        ]
    else:
        wanted = [known(context, name, part) for name, part in held]
    unique = {(one.name, one.part): one for one in wanted}
    return [Subject(dataset=one, holdings=tuple(held.get(key, ()))) for key, one in unique.items()]


def _asked(
    dataset: Dataset, held: dict[tuple[str, str | None], list[Holding]], events: Callable[[str], Sequence[Event]]
) -> Iterator[Dataset]:
    """Take the held parts for their dataset; where nothing is held, itself and the parts on other terms."""
    if dataset.part is not None:
        yield dataset
        return
    parts = {part.part: part for part in dataset.parts}
    here = [part for name, part in held if name == dataset.name]
    for part in here:
        yield dataset if part is None else parts.get(part) or dataset.as_part(part)
    if not here:
        yield dataset
        yield from on_other_terms(dataset, events(dataset.name) if dataset.parts else ())


def on_other_terms(dataset: Dataset, events: Sequence[Event]) -> Iterator[Dataset]:
    """Yield the parts that have a licence of their own, or of which the owner said something of its own."""
    spoken = parts_spoken_of(events, dataset.name)
    yield from (part for part in dataset.parts if part.licence != dataset.licence or part.part in spoken)


def known(context: Context, name: str, part: str | None) -> Dataset:
    """Find what the catalogue says of a holding; what it has forgotten is judged by the record alone."""
    try:
        found = context.workspace.catalogue.find(address_of(name, part))
        return next(one for one in found if one.part == part)
    except (FetchError, StopIteration):
        pass
    try:
        (whole,) = context.workspace.catalogue.find(name)
    except FetchError:
        return Dataset(name=name, part=part, source="forgotten", title="not in the catalogue any more")
    return whole if part is None else whole.as_part(part)


def kept_texts(manifest: Manifest, dataset: Dataset) -> frozenset[str]:
    """Return the texts of the terms that were kept below the root of a dataset, relative to it: none below a part's."""
    if dataset.part is not None:
        return frozenset()
    paths = (row.text_path for row in manifest.terms(dataset.name))
    return frozenset(path.removeprefix(f"{dataset.name}/") for path in paths if path is not None)
