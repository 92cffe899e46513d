"""Write the table of files as CSV, JSON lines or Parquet, a block at a time: a million rows are never in memory."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, Literal

from fetchers.errors import CatalogueError
from fetchers.records import FILE_COLUMNS, FileRow
from fetchers.reports.escape import is_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO, TextIO

    from fetchers.records import FileBlock

Format = Literal["csv", "jsonl", "parquet"]

_TEXT, _NUMBER, _DECIMAL, _YES_OR_NO = "string", "int64", "float64", "bool_"
_NUMBERS = frozenset(("size", "rows", "columns", "frames"))
_DECIMALS = frozenset(("row_spacing", "column_spacing", "thickness"))
_REMOTE = len(FILE_COLUMNS) - 1
_NOWHERE = (None, None)


def rows(blocks: Iterable[FileBlock]) -> Iterator[FileRow]:
    """Yield the rows one by one."""
    for block in blocks:
        for file in block.files:
            remote = file[_REMOTE]
            url, sha256 = block.arrived.get(remote, _NOWHERE)
            of_file = dict(zip(FILE_COLUMNS, file, strict=True))
            del of_file["remote"]
            of_file["beside"] = bool(of_file["beside"])
            yield FileRow(
                dataset=block.dataset,
                part=block.part,
                absolute=f"{block.root}/{file[0]}",
                version=block.version,
                url=url,
                came_in=remote,
                came_in_sha256=sha256,
                **of_file,
            )


def write_csv(blocks: Iterable[FileBlock], file: TextIO) -> int:
    """Write a header and a line for each file (RFC 4180); return the number of files.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    writer, count = csv.writer(file, lineterminator="\n"), 0
    writer.writerow(FileRow._fields)
    for row in rows(blocks):
        writer.writerow(row if not is_formula(row.path) else row._replace(path=f"'{row.path}"))
        count += 1
    return count


def write_jsonl(blocks: Iterable[FileBlock], file: TextIO) -> int:
    """Write an object for each file; return the number of files."""
    encode, count = json.JSONEncoder(separators=(",", ":")).encode, 0
    for row in rows(blocks):
        file.write(encode(row._asdict()) + "\n")
        count += 1
    return count


def write_parquet(blocks: Iterable[FileBlock], file: BinaryIO) -> int:
    """Write a Parquet file; return the number of files. Raise `CatalogueError` where pyarrow is not installed."""
    pyarrow = _pyarrow()
    from pyarrow import parquet

    schema, count = _schema(pyarrow), 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for block in blocks:
            writer.write_batch(_batch(pyarrow, schema, block))
            count += len(block.files)
    return count


def arrow_table(blocks: Iterable[FileBlock]) -> Any:  # noqa: ANN401 - pyarrow may not be installed
    """Return a `pyarrow.Table`. Raise `CatalogueError` where pyarrow is not installed."""
    pyarrow = _pyarrow()
    schema = _schema(pyarrow)
    return pyarrow.Table.from_batches([_batch(pyarrow, schema, block) for block in blocks], schema=schema)


def _batch(pyarrow: Any, schema: Any, block: FileBlock) -> Any:  # noqa: ANN401 - the same
    """Make the columns of one block; what the files share is never copied into Python objects."""
    from pyarrow import compute

    text, count = pyarrow.string(), len(block.files)
    columns = {
        name: _column(pyarrow, name, values)
        for name, values in zip(FILE_COLUMNS, zip(*block.files, strict=True), strict=True)
    }
    remotes = columns.pop("remote").dictionary_encode()
    arrived = [block.arrived.get(remote, _NOWHERE) for remote in remotes.dictionary.to_pylist()]
    columns["came_in"] = remotes.cast(text)
    for name, values in zip(("url", "came_in_sha256"), zip(*arrived, strict=True), strict=True):
        columns[name] = pyarrow.array(values, type=text).take(remotes.indices)
    for name, value in (("dataset", block.dataset), ("part", block.part), ("version", block.version)):
        columns[name] = pyarrow.repeat(pyarrow.scalar(value, type=text), count)
    columns["absolute"] = compute.binary_join_element_wise(block.root, columns["path"], "/")
    return pyarrow.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _column(pyarrow: Any, name: str, values: tuple[Any, ...]) -> Any:  # noqa: ANN401 - the same
    kind = getattr(pyarrow, _kind(name))()
    if name == "beside":  # SQLite has it as a number
        return pyarrow.array(values, type=pyarrow.int8()).cast(kind)
    return pyarrow.array(values, type=kind)


def _schema(pyarrow: Any) -> Any:  # noqa: ANN401 - the same
    return pyarrow.schema([(name, getattr(pyarrow, _kind(name))()) for name in FileRow._fields])


def _kind(name: str) -> str:
    if name == "beside":
        return _YES_OR_NO
    return _NUMBER if name in _NUMBERS else _DECIMAL if name in _DECIMALS else _TEXT


def _pyarrow() -> Any:  # noqa: ANN401 - the same
    try:
        import pyarrow as pa
    except ImportError:
        raise CatalogueError(
            "a Parquet or Arrow table needs pyarrow, which is not installed", hint="pip install 'fetch-imaging[table]'"
        ) from None
    return pa
