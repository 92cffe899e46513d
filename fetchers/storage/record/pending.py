"""Ask the record what was wanted and is not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.storage.record import rows

if TYPE_CHECKING:
    from fetchers.records import Wanted
    from fetchers.storage.record.database import Database

ANY = object()  # every part of a dataset


class Waiting(NamedTuple):
    """What one dataset or part waits for: files by state, bytes where all are known, the last failure's words."""

    dataset: str
    part: str | None
    queued: int
    failed: int
    bytes: int | None
    message: str | None


class Pending:
    """The questions about what is under way; `Manifest` asks all others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wanted(self, dataset: str | None = None) -> list[Wanted]:
        """Return what was wanted and is not here: queued or failed."""
        clause, values = where(dataset, ANY)
        sql = f"SELECT * FROM wanted WHERE {clause} ORDER BY dataset, part, path"  # noqa: S608 - ours
        return [rows.wanted(row) for row in self._database.rows(sql, values)]

    def wanted_paths(self, dataset: str, part: str | None) -> list[str]:
        """Return the paths of the remote files that are wanted of one dataset or part."""
        sql = "SELECT path FROM wanted WHERE dataset = ? AND part = ?"
        return [path for (path,) in self._database.rows(sql, (dataset, part or ""))]

    def waiting(self) -> list[Waiting]:
        """Sum what was wanted and is not here by dataset and part."""
        sql = (
            "SELECT dataset, part, SUM(state = 'queued'), SUM(state = 'failed'),"
            " CASE WHEN COUNT(size) = COUNT(*) THEN SUM(size) END, MAX(CASE WHEN message IS NOT NULL THEN at END)"
            " FROM wanted GROUP BY dataset, part ORDER BY dataset, part"
        )
        return [
            Waiting(
                dataset=name,
                part=part or None,
                queued=queued,
                failed=failed,
                bytes=size,
                message=self._word(name, part, at),
            )
            for name, part, queued, failed, size, at in self._database.rows(sql)
        ]

    def _word(self, dataset: str, part: str, at: str | None) -> str | None:
        sql = "SELECT message FROM wanted WHERE dataset = ? AND part = ? AND at = ? AND message IS NOT NULL LIMIT 1"
        found = self._database.rows(sql, (dataset, part, at)) if at is not None else []
        return str(found[0][0]) if found else None


def where(dataset: str | None, part: object) -> tuple[str, tuple[str, ...]]:
    """Return the clause, and its values, for a dataset and a part; None and `ANY` mean all."""
    if dataset is None:
        return "1 = 1", ()
    if part is ANY:
        return "dataset = ?", (dataset,)
    return "dataset = ? AND part = ?", (dataset, str(part) if part is not None else "")
