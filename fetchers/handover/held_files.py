"""Read what is held of some datasets: the subjects by name, and one row for each file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import NothingMatched
from fetchers.events.described import versions
from fetchers.handover.output_path import refuse_own
from fetchers.inspection.stores import Stores
from fetchers.records import FileBlock, FileRow
from fetchers.reports import file_table
from fetchers.storage import layout
from fetchers.storage.publish.new_file import new_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject
    from fetchers.reports.file_table import Format


class Written(NamedTuple):
    """The path of the table that was written, and how many files it has."""

    path: str
    format: str
    files: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


class Files:
    """The held files of some datasets; each way to look at them reads the record again, as it is then."""

    def __init__(self, context: Context, held: Sequence[Subject]) -> None:
        self._context = context
        self._held = held

    def __iter__(self) -> Iterator[FileRow]:
        """Yield the rows, in order of dataset, part, store and path; what several stores hold is one row."""
        return file_table.rows(self.blocks())

    def __len__(self) -> int:
        """Return the number of files."""
        if any(len(one.stores) > 1 for one in self._held):  # a file that several stores hold is one file
            return sum(len(block.files) for block in self.blocks())
        return sum(row.files for one in self._held for row in one.holdings)

    def blocks(self) -> Iterator[FileBlock]:
        """Yield the files of each dataset or part, a block at a time."""
        with Stores(self._context) as stores:
            said = {store: versions(manifest.events()) for store, manifest in stores.opened}
            for one in self._held:
                name, part = one.dataset.name, one.dataset.part
                there, seen = stores.holding(one), set[str]()
                for store, manifest in there:
                    arrived = manifest.addresses(name, part)
                    root = os.fspath(layout.root(store, name, part))
                    version = one.dataset.version or said[store].get((name, part)) or said[store].get((name, None))
                    for block in manifest.blocks(name, part):
                        yield FileBlock(name, part, root, version, arrived, _new(block, seen, several=len(there) > 1))

    def relative(self) -> Iterator[FileBlock]:
        """Yield the blocks with paths that begin at the store, which say nothing of this machine."""
        for block in self.blocks():
            yield block._replace(root=layout.below(block.dataset, block.part))

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document: `files`, an object for each."""
        return {"files": [row._asdict() for row in self], "exit": 0}

    def to_arrow(self) -> Any:  # noqa: ANN401 - pyarrow may not be installed
        """Return a `pyarrow.Table`."""
        return file_table.arrow_table(self.blocks())

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas may not be installed
        """Return a `pandas.DataFrame`."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:  # noqa: ANN401 - polars may not be installed
        """Return a `polars.DataFrame`."""
        from importlib import import_module

        return import_module("polars").from_arrow(self.to_arrow())

    def write(self, path: Path, kind: Format) -> Written:
        """Write the table to a file; one that is there already is replaced. Raise `StoreError` for the disk."""
        refuse_own(self._context, path)
        with new_file(path) as file:
            if kind == "parquet":
                count = file_table.write_parquet(self.blocks(), file)
            else:
                with open(file.fileno(), "w", encoding="utf-8", newline="", closefd=False) as text:
                    count = self.stream(text, kind)
        return Written(path=str(path), format=kind, files=count)

    def stream(self, file: TextIO, kind: Format) -> int:
        """Write the table as text to what is open already; return the number of files."""
        return (file_table.write_jsonl if kind == "jsonl" else file_table.write_csv)(self.blocks(), file)


def held_of(context: Context, names: Sequence[str]) -> list[Subject]:
    """Return what is held of `names`, or all of it, by name; raise `NothingMatched` where that is nothing."""
    with Stores(context) as stores:
        held = stores.held(names)
    if not held:
        what = ", ".join(names) or "this workspace"
        raise NothingMatched(f"nothing is held of {what}", hint=f"fetch {names[0] if names else 'list'}")
    return held


def store_of(row: FileRow) -> str:
    """Return the store that a file lies in."""
    return row.absolute.removesuffix(f"/{layout.below(row.dataset, row.part)}/{row.path}")


def _new(block: list[tuple[Any, ...]], seen: set[str], *, several: bool) -> list[tuple[Any, ...]]:
    """Return the files of a block that no store before had."""
    if not several:
        return block
    new = [file for file in block if file[0] not in seen]
    seen.update(file[0] for file in new)
    return new
