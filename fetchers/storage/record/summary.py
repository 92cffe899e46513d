"""Count the held files by what a report tells of them; SQLite counts a million in about a second, in little memory."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from fetchers.storage.record import rows
from fetchers.storage.record.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fetchers.records import HeldFile

_GROUPED = "dataset, part, beside, frames IS NOT NULL, modality, sop_class, declared"


class Alike(NamedTuple):
    """So many files of one dataset or part about which the record says the same."""

    dataset: str
    part: str | None
    beside: bool
    has_header: bool
    modality: str | None
    sop_class: str | None
    declared: str | None
    files: int


def alike(store: Path) -> list[Alike]:
    """Return the groups of files that a check of the headers cannot tell apart."""
    with closing(Database(store, write=False)) as database:
        found = database.rows(f"SELECT {_GROUPED}, COUNT(*) FROM files GROUP BY {_GROUPED}")  # noqa: S608 - ours
    return [Alike(row[0], row[1] or None, bool(row[2]), bool(row[3]), *row[4:]) for row in found]


def pictures(store: Path, dataset: str, part: str | None, most: int) -> Iterator[HeldFile]:
    """Yield the first pictures of one dataset or part that a page could show."""
    sql = "SELECT * FROM files WHERE dataset = ? AND part = ? AND kind IN ('png', 'jpeg') AND NOT beside LIMIT ?"
    with closing(Database(store, write=False)) as database:
        found = database.rows(sql, (dataset, part or "", most))
    yield from map(rows.held_file, found)
