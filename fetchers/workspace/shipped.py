"""Read the shipped catalogue.

The file has three rooms, each behind a line of its own: the datasets of the original list, the further ones, and the
licences. Most commands are about one dataset, so the further ones are parsed when one of them is asked for; a listing
wants a line of each, so only the head of each table is parsed for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError
from fetchers.workspace.diagnostics import refuse
from fetchers.workspace.toml import parsed, read

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.workspace.toml import Table

FURTHER = f"\n# {'=' * 94} further datasets\n"
LICENCES = f"\n# {'=' * 104} licences\n"
# Keys that no listing shows; in the shipped file they follow those that it does.
BODY = ("notes", "made_from", "acknowledge", "options", "files", "steps", "citations")


class Datasets(Mapping[str, "Table"]):
    """The tables of all datasets by name: some at hand, the others in a text that is parsed when they are wanted."""

    def __init__(self, first: Table, further: str) -> None:
        self._first = first
        self._further = further

    @cached_property
    def _all(self) -> Table:
        return {**self._first, **parsed(self._further)["datasets"]}

    def outlines(self) -> Table:
        """Return the tables of all datasets with what a listing tells; the other keys may be missing."""
        first = {
            name: {key: value for key, value in table.items() if key not in BODY} for name, table in self._first.items()
        }
        return {**first, **parsed("\n\n".join(_heads(self._further)))["datasets"]}

    def __getitem__(self, name: str) -> Table:
        table: Table = self._first[name] if name in self._first else self._all[name]
        return table

    def __contains__(self, name: object) -> bool:
        return name in self._first or name in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _heads(text: str) -> Iterator[str]:
    """Yield each table of a dataset or part up to the first key of its body; a blank line parts the tables."""
    for table in text.split("\n\n"):
        if table.startswith("[datasets."):
            ends = [end for key in BODY if (end := table.find(f"\n{key} = ")) > 0]
            yield table[: min(ends, default=len(table))]


class Aliases(Mapping[str, str]):
    """Other names of datasets, each with the dataset's own; read out of the tables when a name is no dataset's own."""

    def __init__(self, datasets: Mapping[str, Table]) -> None:
        self._datasets = datasets

    @cached_property
    def _all(self) -> dict[str, str]:
        return {alias: name for name, table in self._datasets.items() for alias in table.get("aliases", ())}

    def __getitem__(self, alias: str) -> str:
        return self._all[alias]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def shipped(path: Path) -> Table:
    """Return the tables of the shipped catalogue; raise `CatalogueError` if the installation lost or broke it."""
    try:
        first, _, rest = path.read_text(encoding="utf-8").partition(FURTHER)
        further, mark, licences = rest.partition(LICENCES)
        if mark:
            table = parsed(first + licences)
            table["datasets"] = Datasets(table["datasets"], further)
            return table
    except (OSError, ValueError):  # said below, with its line
        pass
    whole = read(path)
    if whole is None:
        raise CatalogueError(f"the built-in catalogue {path} is missing", hint="install the package again")
    refuse([whole[1]])
    return whole[0]
