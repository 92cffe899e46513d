"""How is the record opened, and how does one transaction of it become durable?

Rollback journal, not WAL: shared network disks, and SQLite's WAL-reset fault (3.7.0 to 3.51.2). `synchronous=EXTRA`, one
writer at a time (`BEGIN IMMEDIATE`). sqlite3 of the standard library and not SQLAlchemy: importing that takes 234 ms,
more than a whole second run may (220 ms); the SQL is kept portable.

A transaction: lock -> lines of the journal that no transaction took over yet -> own line, durable -> rows -> commit.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import journal, layout, rows, schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

NAME = "manifest.sqlite"
_BUSY = 120.0  # seconds; a writer holds the lock for milliseconds
_KINDS = {
    "files": rows.FILE_COLUMNS,
    "arrivals": rows.ARRIVAL_COLUMNS,
    "terms": rows.TERMS_COLUMNS,
    "events": rows.EVENT_COLUMNS,
}


class Database:
    """One connection to the record of one store; may be used from several threads, one at a time."""

    def __init__(self, store: Path, *, write: bool) -> None:
        self.store = store
        self.path = store / NAME
        self.journal = store / journal.NAME
        self.said: list[str] = []
        self._lock = RLock()
        try:
            self._connection = self._open(write=write)
        except sqlite3.DatabaseError as error:
            self._connection = self._anew(error, write=write)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def rows(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """Ask once, take all."""
        with self._lock, self._named():
            return self._connection.execute(sql, tuple(values)).fetchall()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction; what its block writes is durable when the block ends, all of it or nothing."""
        with self._lock, self._named():
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = Transaction(self, connection)
                transaction.catch_up()
                yield transaction
                transaction.commit()
            except BaseException:
                if connection.in_transaction:
                    connection.rollback()
                raise

    # --- opening

    def _open(self, *, write: bool) -> sqlite3.Connection:
        there = self.path.exists()
        if not there and not write:
            return self._in_memory()
        if not there:
            layout.found(self.store)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        # A reader, too, must be able to roll back what a killed writer left half done.
        mode = "rw" if write or os.access(self.path, os.W_OK) else "ro"
        connection = sqlite3.connect(
            f"file:{_quoted(self.path)}?mode={mode}",
            uri=True,
            timeout=_BUSY,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            if write:
                connection.execute("PRAGMA synchronous=EXTRA")
                schema.migrate(connection, self.path)
                if not there and journal.size(self.journal):
                    self.said.append(f"{self.path} was lost: it was built again from {self.journal.name}")
                    self._replay(connection)
            else:
                connection.execute("PRAGMA query_only=ON")
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    connection.close()
                    return self._in_memory()
                if version > len(schema.MIGRATIONS):
                    schema.migrate(connection, self.path)
            connection.execute("SELECT value FROM meta LIMIT 1").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _in_memory(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        schema.migrate(connection, self.path)
        if journal.size(self.journal):
            self.said.append(f"{self.path} is not there: what is shown comes from {self.journal.name}")
            self._replay(connection)
        return connection

    def _anew(self, error: sqlite3.DatabaseError, *, write: bool) -> sqlite3.Connection:
        """Put a broken database aside and build it again from the journal."""
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            raise self._fault(error) from error
        if not write:
            connection = self._in_memory()
            self.said.append(f"{self.path} is broken ({error}): the next command that writes builds it again")
            return connection
        number = 1
        while (aside := self.path.with_name(f"{NAME}.broken-{number}")).exists():
            number += 1
        self.path.rename(aside)
        self.path.with_name(f"{NAME}-journal").unlink(missing_ok=True)
        self.said.append(f"{self.path} was broken ({error}): it was put aside as {aside.name} and built again")
        return self._open(write=True)

    def _replay(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        Transaction(self, connection).catch_up()
        connection.execute("COMMIT")

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._fault(error) from error
        except OSError as error:
            raise layout.disk_error(error, self.store) from error

    def _fault(self, error: sqlite3.Error) -> StoreError:
        if "locked" in str(error) or "busy" in str(error):
            return StoreError(
                f"{self.path} is held by another program for more than {_BUSY:.0f} s", hint="see who: fuser " + NAME
            )
        if "full" in str(error):
            return StoreError(
                f"no space is left on the disk of {self.store}",
                hint="free some, or move the store with --cache DIR, and type the same command again",
            )
        return StoreError(f"{self.path}: {error}", hint="fetch doctor")


class Transaction:
    """What one block writes."""

    def __init__(self, database: Database, connection: sqlite3.Connection) -> None:
        self._database = database
        self._connection = connection
        self._lines: list[bytes] = []
        self._end = int(self._meta("journal") or 0)

    def note(self, kind: str, values: object) -> None:
        """Add a line to the journal and carry it out in the tables."""
        self._lines.append(journal.line(kind, values))
        self._carry_out(kind, values)

    def execute(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """Run one statement that the journal need not know."""
        return self._connection.execute(sql, tuple(values)).fetchall()

    def many(self, sql: str, values: Iterable[Iterable[object]]) -> None:
        """Run one statement for many rows."""
        self._connection.executemany(sql, values)

    def catch_up(self) -> None:
        """Take over lines that a run made durable and then died; write a lost journal again."""
        path = self._database.journal
        there = journal.size(path)
        if there < self._end:
            self._end = journal.append(path, b"".join(self._everything()), 0)
            self._set_meta("journal", self._end)
        elif there > self._end:
            for kind, values, end in journal.read(path, self._end):
                self._carry_out(kind, self._honest(kind, values))
                self._end = end
            self._set_meta("journal", self._end)

    def commit(self) -> None:
        """Make the lines durable, then the rows."""
        if self._lines:
            self._end = journal.append(self._database.journal, b"".join(self._lines), self._end)
            self._set_meta("journal", self._end)
        self._connection.execute("COMMIT")

    def _carry_out(self, kind: str, values: Any) -> None:  # noqa: ANN401 - rows of the journal
        if kind == "forget":
            for table in ("files", "arrivals", "wanted"):
                self._connection.execute(f"DELETE FROM {table} WHERE dataset = ? AND part = ?", values)  # noqa: S608
            return
        if kind == "forget-files":
            self._connection.executemany("DELETE FROM files WHERE dataset = ? AND part = ? AND path = ?", values)
            return
        marks = ",".join("?" * _KINDS[kind])
        keys = {"files": 3, "arrivals": 3}.get(kind)
        if keys:  # first out, then in: the sums follow by their triggers
            self._connection.executemany(
                f"DELETE FROM {kind} WHERE dataset = ? AND part = ? AND path = ?",  # noqa: S608 - names of ours
                (row[:keys] for row in values),
            )
        self._connection.executemany(f"INSERT INTO {kind} VALUES ({marks})", values)  # noqa: S608 - the same
        if kind == "arrivals":
            self._connection.executemany(
                "DELETE FROM wanted WHERE dataset = ? AND part = ? AND path = ?", (row[:3] for row in values)
            )
        if kind == "events":
            self._set_meta("events", values[-1][0])
            self._set_meta("head", values[-1][-1])

    def _honest(self, kind: str, values: Any) -> Any:  # noqa: ANN401 - rows of the journal
        """Leave out rows that claim more than the disk has."""
        if kind != "files":
            return values
        store = self._database.store
        return [row for row in values if _size(layout.root(store, row[0], row[1] or None) / row[2]) == row[3]]

    def _everything(self) -> Iterator[bytes]:
        for kind in _KINDS:
            found = self.execute(f"SELECT * FROM {kind}")  # noqa: S608 - names of ours
            for start in range(0, len(found), 1000):
                yield journal.line(kind, found[start : start + 1000])

    def _meta(self, key: str) -> str | None:
        found = self.execute("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else None

    def _set_meta(self, key: str, value: object) -> None:
        self._connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, str(value))
        )


def _quoted(path: Path) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - a few names need it

    return quote(os.fspath(path.resolve()))


def _size(path: Path) -> int | None:
    try:
        return path.stat(follow_symlinks=False).st_size
    except OSError:
        return None
