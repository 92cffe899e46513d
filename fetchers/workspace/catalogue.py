"""Find the datasets and parts that a name means.

`NAME`, an alias, `NAME/PART`, or `NAME/GLOB`. The tables are parsed once; a dataset is made of its table only when
somebody asks for it, so that a workspace with ten thousand files costs nothing until it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from fetchers.errors import CatalogueError, NothingMatched

if TYPE_CHECKING:
    from fetchers.dataset import Dataset, Licence

Noun = TypeVar("Noun")
_LONGEST = 200  # bytes; file systems end at 255, and endings are added
_GLOB = frozenset("*?[")


class MadeOnDemand(Mapping[str, Noun]):
    """A mapping whose values are made of their tables when they are first asked for."""

    def __init__(self, tables: Mapping[str, dict[str, object]], make: Callable[[str, dict[str, object]], Noun]) -> None:
        self._tables = tables
        self._make = make
        self._made: dict[str, Noun] = {}

    def __getitem__(self, key: str) -> Noun:
        if key not in self._made:
            self._made[key] = self._make(key, self._tables[key])
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


class Terms(MadeOnDemand["Licence"]):
    """The licences that the catalogue's tables describe, and behind them those of SPDX that are built in."""

    def __getitem__(self, key: str) -> Licence:
        if key in self._tables:
            return super().__getitem__(key)
        return self._built_in[key]

    def __contains__(self, key: object) -> bool:
        return key in self._tables or key in self._built_in

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._tables, *self._built_in)))

    def __len__(self) -> int:
        return len(dict.fromkeys((*self._tables, *self._built_in)))

    @property
    def _built_in(self) -> Mapping[str, Licence]:
        from fetchers.checks.terms.licences import BUILT_IN

        return BUILT_IN


class Elsewhere(Protocol):
    """What else a name or an address may mean: a record at a place, a set that was fetched before, a collection."""

    def understands(self, written: str) -> bool:
        """Return True for what is an address and no name."""

    def find(self, written: str) -> Dataset | None:
        """Return what it means; None where it means nothing here."""

    def holds(self, name: str) -> bool:
        """Return True where a place was asked for a dataset of that name before."""

    def fetched(self, names: Collection[str]) -> Iterable[Dataset]:
        """Return those of `names` that stand in no catalogue and were fetched by an address."""

    def names(self) -> Mapping[str, str]:
        """Return further names that may stand alone, each with its address."""

    def spelled(self, dataset: Dataset, part: str) -> str:
        """Return a part's name as its place spells it."""


class Catalogue:
    """All datasets and licences that this workspace knows.

    `aliases` maps an alias to the name of its dataset; without it the datasets are asked for theirs. `outlines` makes
    all of them faster than one by one, without what a listing does not tell.
    """

    def __init__(
        self,
        datasets: Mapping[str, Dataset],
        licences: Mapping[str, Licence] | None = None,
        aliases: Mapping[str, str] | None = None,
        outlines: Callable[[], Iterable[Dataset]] | None = None,
    ) -> None:
        self.datasets = datasets
        self._outlines = outlines
        self.licences: Mapping[str, Licence] = {} if licences is None else licences
        self._aliases = aliases
        self.elsewhere: Elsewhere | None = None

    @property
    def aliases(self) -> Mapping[str, str]:
        """Other names, each with the dataset's own."""
        if self._aliases is None:
            self._aliases = {alias: name for name in self.datasets for alias in self.datasets[name].aliases}
        return self._aliases

    def all(self) -> tuple[Dataset, ...]:
        """Return every dataset, by name."""
        return tuple(self.datasets[name] for name in sorted(self.datasets))

    def outlines(self) -> tuple[Dataset, ...]:
        """Return every dataset, by name, with at least what a line of a listing tells."""
        return self.all() if self._outlines is None else tuple(self._outlines())

    def licence(self, identifier: str) -> Licence | None:
        """Return a licence by its identifier; None where its terms are unknown."""
        return self.licences.get(identifier)

    def find(self, address: str) -> tuple[Dataset, ...]:
        """Return what an address means: one dataset (its parts hang on it), one part, or the parts that a glob matches.

        Raises `CatalogueError` with the nearest names for an unknown one, `NothingMatched` for a glob without match.
        """
        typed = address.strip()
        if self.elsewhere is not None and self.elsewhere.understands(typed):
            return self._beyond(typed)
        written, slash, part = typed.partition("/")
        name = written.lower()
        name = name if name in self.datasets else self._alias(name)
        if not name and (found := self._beyond(typed)):
            return found
        if not name:
            raise CatalogueError(
                f"there is no dataset {written!r} among the {len(self.datasets)} of the catalogue",
                hint=self._meant(written) + "`fetch list` shows all",
            )
        dataset = self.datasets[name]
        if not slash or not part:
            return (dataset,)
        if self.elsewhere is not None and dataset.options.get("open_parts") is True and not _GLOB.intersection(part):
            part = self.elsewhere.spelled(dataset, part)
        return _parts(dataset, part)

    def _meant(self, written: str) -> str:
        """Return the datasets, or collections that may stand alone, with nearly that name."""
        near = _nearest(written.lower(), {**dict.fromkeys(self.datasets), **self.aliases})
        if near or self.elsewhere is None:
            return near
        return _nearest(written, dict(self.elsewhere.names()))

    def _alias(self, name: str) -> str:
        """Return what an alias stands for; what is held here under that very name comes first."""
        meant = self.aliases.get(name, "")
        return "" if meant and self.elsewhere is not None and self.elsewhere.holds(name) else meant

    def _beyond(self, typed: str) -> tuple[Dataset, ...]:
        """Return what stands in no catalogue; a part that another place names is a part of the dataset here."""
        found = self.elsewhere.find(typed) if self.elsewhere is not None else None
        if found is None:
            return ()
        if found.part is not None and found.name in self.datasets:
            return _parts(self.datasets[found.name], found.part)
        return (found,)


def _parts(dataset: Dataset, wanted: str) -> tuple[Dataset, ...]:
    if dataset.options.get("part_levels") is True:
        wanted = wanted.replace("/", "-")  # the place's own names have levels; a part is one folder
    if reason := unfit_part(wanted):
        raise CatalogueError(f"{dataset.name}/{wanted}: {reason}", hint=f"fetch show {dataset.name}")
    if dataset.options.get("open_parts") is True:
        return _named(dataset, wanted) or (dataset.as_part(wanted),)
    if _GLOB.intersection(wanted):
        found = _matching(dataset, wanted)
        if not found:
            known = ", ".join(part.part or "" for part in dataset.parts) or "it has none"
            raise NothingMatched(
                f"no part of {dataset.name} matches {wanted!r}; its parts: {known}", hint=f"fetch show {dataset.name}"
            )
        return found
    if found := _named(dataset, wanted):
        return found
    names = [part.part or "" for part in dataset.parts]
    known = f"its parts are {', '.join(names)}" if names else "it has no parts"
    raise CatalogueError(
        f"{dataset.name} has no part {wanted!r}; {known}",
        hint=_nearest(wanted, dict.fromkeys(names), prefix=f"{dataset.name}/")
        + f"`fetch show {dataset.name}` shows all",
    )


def unfit_part(name: str, *, stored: bool = False) -> str | None:
    """Return why a part cannot have this name, or None: it becomes a folder's name.

    An address may hold a glob; a name as it is `stored` in a catalogue may not.
    """
    if "/" in name or "\\" in name:
        return "a part's name holds no slash"
    if name.startswith(".") or name.endswith((".", " ")):
        return "a part's name begins with no dot and ends with neither dot nor space"
    if name.casefold() == "licence":
        return "LICENCE is the folder of the terms"
    if not name.isprintable() or set('<>:"|*?[' if stored else '<>:"|').intersection(name):
        return "a part's name holds letters, digits, spaces, dots, dashes and the like"
    if len(name.encode()) > _LONGEST:
        return f"a part's name has no more than {_LONGEST} bytes"
    return None


def _named(dataset: Dataset, wanted: str) -> tuple[Dataset, ...]:
    """Return the part with this name: as written, else as an alias of it, else whatever the case if only one fits."""
    for part in dataset.parts:
        if part.part == wanted or wanted in part.aliases:
            return (part,)
    folded = wanted.casefold()
    alike = tuple(part for part in dataset.parts if (part.part or "").casefold() == folded or folded in part.aliases)
    return alike if len(alike) == 1 else ()


def _matching(dataset: Dataset, glob: str) -> tuple[Dataset, ...]:
    from fnmatch import fnmatchcase

    folded = glob.casefold()
    return tuple(part for part in dataset.parts if fnmatchcase((part.part or "").casefold(), folded))


def _nearest(written: str, names: Mapping[str, str | None], prefix: str = "") -> str:
    """Return the nearest of `names`; each maps to what it stands for, or to None."""
    from difflib import get_close_matches

    folded = {name.casefold(): stands_for or name for name, stands_for in names.items()}
    near = dict.fromkeys(folded[name] for name in get_close_matches(written.casefold(), folded, n=3, cutoff=0.6))
    return f"did you mean {' or '.join(prefix + name for name in near)}? " if near else ""
