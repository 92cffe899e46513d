"""Compare the database, its sums and its journal.

SQLite's own check sees a broken tree or index, not a changed value: that only the journal knows. Both are read once,
row by row; of a row nothing is kept but two hashes (about 100 bytes), so that a million rows need no gigabyte.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any

from fetchers.storage.record import journal, rows, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.storage.record.database import Database

_SHOWN = 5  # faults of one table that are named; the others are counted


def faults(database: Database) -> Iterator[str]:
    """Yield what does not agree; raise `StoreError` where the database cannot be read to its end."""
    for (said,) in database.rows("PRAGMA integrity_check"):
        if said != "ok":
            yield f"{database.path.name}: {said}"
    if database.path.exists():
        yield from _schema(database)
    damaged: list[int] = []
    written = _Written(database, damaged)
    if not journal.size(database.journal) and database.rows("SELECT 1 FROM files UNION SELECT 1 FROM events LIMIT 1"):
        yield f"{journal.NAME} is missing: the next command that writes makes it again"
    else:
        for at in damaged:
            yield f"{journal.NAME} is damaged: the line that ends at byte {at:,}"
        if not database.replayed:
            yield from written.compared(database)
    yield from _sums(database, written.stamps)


def _schema(database: Database) -> Iterator[str]:
    """Yield what differs from the tables, triggers and views that this program makes."""
    asked = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        schema.migrate(fresh, database.path)
        (application,) = fresh.execute("PRAGMA application_id").fetchone()
        ours = dict(fresh.execute(asked))
    finally:
        fresh.close()
    found = dict(database.rows(asked))
    for name in sorted(ours.keys() | found.keys()):
        if ours.get(name) != found.get(name):
            yield f"{name} is not as this program makes it"
    if database.rows("PRAGMA application_id")[0][0] != application:
        yield "the database does not say that it is ours"


def _sums(database: Database, stamps: set[object]) -> Iterator[str]:
    """Yield what the summary says otherwise than the rows."""
    summed = {tuple(row[:5]): row[5] for row in database.rows("SELECT * FROM sums")}
    counted = {
        tuple(row[:5]): row[5]
        for row in database.rows(
            "SELECT dataset, part, COALESCE(licence, ''), COUNT(*), SUM(size), MAX(acquired_at)"
            " FROM files GROUP BY 1, 2, 3"
        )
    }
    for row in sorted(summed.keys() ^ counted.keys(), key=str):
        who = "the sums" if row in summed else "the rows"
        yield f"{who} say of {_address(row)} under {row[2] or 'no licence'}: {row[3]} files, {row[4]} bytes"
    for row in summed.keys() & counted.keys():
        # The sums keep the latest day, also where the file that brought it is gone.
        if summed[row] != counted[row] and (str(summed[row]) < str(counted[row]) or summed[row] not in stamps):
            yield f"the sums say that {_address(row)} was acquired at {summed[row]}, the rows {counted[row]}"


class _Written:
    """What the journal says that the tables hold, as hashes."""

    def __init__(self, database: Database, damaged: list[int]) -> None:
        self.stamps: set[object] = set()
        self._keyed: dict[str, dict[tuple[str, str], dict[int, int]]] = {"files": {}, "arrivals": {}}
        self._loose: dict[str, Counter[int]] = {"terms": Counter(), "events": Counter()}
        taken_over = database.taken_over()  # what stands behind it, a killed run left; the next writer takes it over
        for kind, values, end in journal.read(database.journal, damaged=damaged):
            if end <= taken_over:
                self._take(kind, values)

    def compared(self, database: Database) -> Iterator[str]:
        """Yield the rows that only one of the two has."""
        for kind, groups in self._keyed.items():
            wrong, count = [], 0
            for row in database.stream(f"SELECT * FROM {kind}"):  # noqa: S608 - names of ours
                if groups.get((row[0], row[1]), {}).pop(hash(row[2]), None) != _mark(row):
                    count += 1
                    if count <= _SHOWN:
                        wrong.append(f"{_address(row)}/{row[2]}")
            left = sum(map(len, groups.values()))
            yield from _told(kind, wrong, count, left)
        for kind, noted in self._loose.items():
            found = Counter(_mark(row) for row in database.stream(f"SELECT * FROM {kind}"))  # noqa: S608 - the same
            yield from _told(kind, [], (found - noted).total(), (noted - found).total())

    def _take(self, kind: str, values: Any) -> None:  # noqa: ANN401 - rows of the journal
        if kind == "forget":
            for groups in self._keyed.values():
                groups.pop((values[0], values[1]), None)
        elif kind == "forget-files":
            for dataset, part, path in values:
                self._keyed["files"].get((dataset, part), {}).pop(hash(path), None)
        elif kind in self._keyed:
            groups = self._keyed[kind]
            for row in values:
                whole = rows.widened(row) if kind == "files" else row
                groups.setdefault((row[0], row[1]), {})[hash(row[2])] = _mark(tuple(whole))
                if kind == "files":
                    self.stamps.add(row[9])
        else:
            self._loose[kind].update(_mark(tuple(row)) for row in values)


def _mark(row: tuple[object, ...]) -> int:
    return hash(repr(row))  # not of the row: b"a" hashes like "a", and a flipped bit makes one of the other


def _told(kind: str, wrong: list[str], count: int, left: int) -> Iterator[str]:
    for one in wrong:
        yield f"{kind}: {one} is not as it was written"
    if count > len(wrong):
        yield f"{kind}: {count - len(wrong)} {'more ' if wrong else ''}rows are not as they were written"
    if left > count:
        yield f"{kind}: {left - count} rows are missing"


def _address(row: Any) -> str:  # noqa: ANN401 - a row whose first values are dataset and part
    return f"{row[0]}/{row[1]}" if row[1] else str(row[0])
