"""One transaction: first into the journal, then into the rows.

A row never claims more than the disk has: what is taken over from the journal (after a crash, or to build a lost
database again) is compared with the disk, and a remote file of which a file is missing has not arrived.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from fetchers.storage import layout
from fetchers.storage.record import journal, rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

_KINDS = ("files", "arrivals", "terms", "events")
_KEYED = frozenset({"files", "arrivals"})  # by their first three columns; the last word counts
_ONE = "dataset = ? AND part = ? AND path = ?"
_ROWS_A_LINE = 1000
_AT_ONCE = 32  # rows for one statement: SQLite lets the interpreter go for each statement, and gets it back late


class Transaction:
    """What one block writes. `said` is told what a person should know."""

    def __init__(self, store: Path, connection: sqlite3.Connection, said: list[str]) -> None:
        self._store = store
        self._journal = store / journal.NAME
        self._connection = connection
        self._said = said
        self._lines: list[bytes] = []
        self._end = offset(self._meta("journal"))

    def note(self, kind: str, values: object) -> None:
        """Add a line to the journal and carry it out in the tables."""
        self._lines.append(journal.line(kind, values))
        self._carry_out(kind, values)

    def execute(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """Run one statement that the journal need not know."""
        return self._connection.execute(sql, tuple(values)).fetchall()

    def insert(self, table: str, values: Sequence[Sequence[Any]]) -> None:
        """Add rows to a table, without a word in the journal."""
        for some in _portions(values):
            marks = f"({','.join('?' * len(some[0]))})"
            sql = f"INSERT INTO {table} VALUES {','.join([marks] * len(some))}"  # noqa: S608 - names of ours
            self._connection.execute(sql, tuple(chain.from_iterable(some)))

    def drop(self, table: str, values: Sequence[Sequence[Any]]) -> None:
        """Take out the rows that begin with the same dataset, part and path, without a word in the journal."""
        for (dataset, part), same in groupby(values, lambda row: (row[0], row[1])):
            for some in _portions(list(same)):
                marks = ",".join("?" * len(some))
                sql = f"DELETE FROM {table} WHERE dataset = ? AND part = ? AND path IN ({marks})"  # noqa: S608 - ours
                self._connection.execute(sql, (dataset, part, *(row[2] for row in some)))

    def catch_up(self) -> None:
        """Take over lines that a run made durable and then died; write a lost or damaged journal again."""
        there = journal.size(self._journal)
        if there == self._end:
            return
        damaged: list[int] = []
        if there > self._end:
            self._take_over(damaged)
        if there < self._end or damaged:
            self._end = journal.replace(self._journal, self._everything())
        self._set_meta("journal", self._end)

    def replay(self) -> None:
        """Carry out what the journal says in an empty database in memory; the journal is only read."""
        self.execute("BEGIN")
        self._take_over([])
        self.execute("COMMIT")

    def commit(self) -> None:
        """Make the lines durable, then the rows."""
        before = self._end
        if self._lines:
            self._end = journal.append(self._journal, b"".join(self._lines), before)
            self._set_meta("journal", self._end)
        try:
            self._connection.execute("COMMIT")
        except BaseException:
            if self._lines:  # nobody was told that it is recorded: it must not come back from the journal
                journal.cut(self._journal, before)
            raise

    def _take_over(self, damaged: list[int]) -> None:
        missing: dict[tuple[str, str], dict[str, str]] = {}
        for kind, values, end in journal.read(self._journal, self._end, damaged=damaged):
            if kind == "files":
                self._carry_out(kind, self._honest(values, missing))
            else:
                self._carry_out(kind, values)
                _forget(missing, kind, values)
            self._end = end
        for (dataset, part), paths in missing.items():
            self._connection.executemany(
                f"DELETE FROM arrivals WHERE {_ONE} AND NOT EXISTS"  # noqa: S608 - names of ours
                f" (SELECT 1 FROM files WHERE {_ONE})",
                ((dataset, part, remote, dataset, part, path) for path, remote in paths.items()),
            )
        if damaged:
            self._said.append(
                f"{len(damaged)} lines of {self._journal.name} are damaged: what only they recorded is fetched again"
            )

    def _carry_out(self, kind: str, values: Any) -> None:  # noqa: ANN401 - rows of the journal
        if kind == "forget":
            for table in ("files", "arrivals", "wanted"):
                self._connection.execute(f"DELETE FROM {table} WHERE dataset = ? AND part = ?", values)  # noqa: S608
            return
        if kind == "forget-files":
            self.drop("files", values)
            return
        if kind in _KEYED:  # first out, then in: the sums follow by their triggers
            self.drop(kind, values)
        elif kind == "terms":
            values = [row for row in values if not self._has_terms(row)]
        elif kind == "events":
            ((count,),) = self.execute("SELECT COALESCE(MAX(seq), 0) FROM events")
            values = [row for row in values if row[0] > count]  # a line that is taken over twice adds nothing
        self.insert(kind, values)
        if kind == "arrivals":
            self.drop("wanted", values)
        if kind == "events" and values:
            self._set_meta("events", values[-1][0])
            self._set_meta("head", values[-1][-1])

    def _has_terms(self, row: Any) -> bool:  # noqa: ANN401 - a row of the journal
        columns = ("dataset", "part", "licence", "url", "text_sha256", "text_path", "seen_at")
        same = " AND ".join(f"{name} IS ?" for name in columns)
        return bool(self.execute(f"SELECT 1 FROM terms WHERE {same}", row))  # noqa: S608 - names of ours

    def _honest(self, values: Any, missing: dict[tuple[str, str], dict[str, str]]) -> list[Any]:  # noqa: ANN401 - the same
        """Leave out rows that claim more than the disk has; note their paths and remote files in `missing`."""
        kept = []
        for row in values:
            dataset, part, path, size = row[:4]
            if _size(layout.root(self._store, dataset, part or None) / path) == size:
                kept.append(rows.widened(row))
            else:
                missing.setdefault((dataset, part), {})[path] = row[8]
        return kept

    def _everything(self) -> Iterator[bytes]:
        for kind in _KINDS:
            found = self._connection.execute(f"SELECT * FROM {kind}")  # noqa: S608 - names of ours
            while page := found.fetchmany(_ROWS_A_LINE):
                yield journal.line(kind, page)

    def _meta(self, key: str) -> str | None:
        found = self.execute("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else None

    def _set_meta(self, key: str, value: object) -> None:
        self._connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, str(value))
        )


def _portions(values: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    """Cut rows into portions for one statement each."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def offset(noted: object) -> int:
    """Read how far the rows follow the journal, in bytes; a number that is none is 0: nothing is lost by that."""
    try:
        return max(int(str(noted)), 0)
    except ValueError:
        return 0


def _forget(missing: dict[tuple[str, str], dict[str, str]], kind: str, values: Any) -> None:  # noqa: ANN401 - rows
    """Take out of `missing` what was released later."""
    if kind == "forget":
        missing.pop((values[0], values[1]), None)
    elif kind == "forget-files":
        for dataset, part, path in values:
            missing.get((dataset, part), {}).pop(path, None)


def _size(path: Path) -> int | None:
    try:
        return path.stat(follow_symlinks=False).st_size
    except OSError:
        return None
