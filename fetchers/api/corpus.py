"""Use a corpus from Python, and have the same again: tables, locks, views, overlaps, statements, exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.api.call import Call, names_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.api.call import Where
    from fetchers.reports.file_table import Format
    from fetchers.verbs.files import Files


def files(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    csv: Where = None,
    jsonl: Where = None,
    parquet: Where = None,
) -> Files:
    """Return the table of what is held, one row a file; iterate over it, or take it as a whole.

    >>> table = fetchers.files("shenzhen")
    >>> len(table), next(iter(table)).kind
    (17, 'png')

    `to_pandas()`, `to_polars()` and `to_arrow()` want pyarrow (`pip install 'fetch-imaging[table]'`). With `csv`,
    `jsonl` or `parquet` the table is written to that file, too. Raises `NothingMatched` where nothing is held.
    """
    from fetchers.verbs import files as verb

    call = Call(home, cache)
    found = verb.run(call.context(), names_of(names))
    wanted: list[tuple[Format, Where]] = [("csv", csv), ("jsonl", jsonl), ("parquet", parquet)]
    for kind, given in wanted:
        if (path := call.path(kind, given)) is not None:
            found.write(path, kind)
    return found
