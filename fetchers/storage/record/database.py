"""Open the record, and make its transactions durable.

Rollback journal, not WAL: shared network disks, and SQLite's WAL-reset fault (3.7.0 to 3.51.2). `synchronous=EXTRA`:
with FULL a power cut took back rows that a reader had seen, until the next writer found them in our own journal. One
writer at a time (`BEGIN IMMEDIATE`).

sqlite3 of the standard library and not SQLAlchemy: importing that takes 234 ms, more than a whole second run may
(220 ms); the SQL is kept portable.

A transaction: lock -> lines of the journal that no transaction took over yet -> own line, durable -> rows -> commit.
A broken database is put aside, never written to, and built again from the journal.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import layout, sharing
from fetchers.storage.link_errors import refuse_link
from fetchers.storage.record import accepted, journal, schema
from fetchers.storage.record.connection import BUSY, Connection, connect
from fetchers.storage.record.transaction import Transaction, offset
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

NAME = "manifest.sqlite"
ENGINE = f"SQLite {sqlite3.sqlite_version}"
_FILES = (NAME, f"{NAME}-journal", f"{NAME}-wal", f"{NAME}-shm", journal.NAME, f"{journal.NAME}.new")
_FAULTS = (sqlite3.DatabaseError, UnicodeDecodeError)  # the latter: SQLite quotes a broken schema in its message
_SHUT = ("readonly", "unable to open")
_BROKEN = ("malformed", "not a database", "Could not decode", "disk image")


class Database:
    """One connection to the record of one store; may be used from several threads, one at a time."""

    def __init__(self, store: Path, *, write: bool) -> None:
        self.store = store
        self.path = store / NAME
        self.journal = store / journal.NAME
        self.said: list[str] = []
        self.replayed = False  # whether what is shown comes from the journal alone
        self._write = write
        self._lock = RLock()
        try:
            self._connection = self._open()
        except _FAULTS as error:
            self._connection = self._anew(error)
        except OSError as error:
            raise layout.disk_error(error, store) from error

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def rows(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """Ask once, take all."""
        with self._lock, self._named():
            cursor = self._connection.execute(sql, tuple(values))
            found = cursor.fetchall()
            if found:
                accepted.rows(self.path, [column[0] for column in cursor.description], found)
            return found

    def stream(self, sql: str) -> Iterator[Any]:
        """Ask once, take row by row; holds off writers until the last one is taken."""
        with self._lock, self._named():
            for row in self._connection.execute(sql):
                self._connection.go_on()
                yield row

    def taken_over(self) -> int:
        """Return how far the rows follow the journal, in bytes."""
        found = self.rows("SELECT value FROM meta WHERE key = 'journal'")
        return offset(found[0][0] if found else 0)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction; what its block writes is durable when the block ends, all of it or nothing."""
        with self._lock, self._named(), _transaction(self.store, self._connection, self.said) as transaction:
            yield transaction

    def put_aside(self) -> Path:
        """Rename the database; whoever opens the record next builds it again."""
        number = 1
        with SafeFolder(self.store) as store:
            while store.exists(aside := f"{NAME}.broken-{number}"):
                number += 1
            store.rename(NAME, aside, replace=False)
            store.unlink(f"{NAME}-journal", missing_ok=True)
        return self.store / aside

    # --- opening

    def _open(self) -> Connection:
        there = self._is_there()
        self._refuse_denied(there=there)
        if not there and not self._write:
            return self._in_memory("is not there")
        if not there:
            layout.found(self.store)
            with SafeFolder(self.store) as store:
                os.close(store.open(NAME, os.O_RDWR | os.O_CREAT, store.modes.own_file))
        # A reader, too, must be able to roll back what a killed writer left half done.
        mode = "rw" if self._write or self._may_write() else "ro"
        connection = connect(f"file:{_quoted(self.path)}?mode={mode}")
        self._connection = connection
        try:
            schema.refuse_foreign(connection, self.path)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if self._write:
                connection.execute("PRAGMA synchronous=EXTRA")
                schema.migrate(connection, self.path)
                self._catch_up(connection, lost=version == 0)
            elif version == 0:
                connection.close()
                return self._in_memory("holds no record")
            elif schema.is_older(version):
                if mode == "ro":
                    connection.close()
                    return self._in_memory("is of an older program")
                schema.migrate(connection, self.path)
                connection.execute("PRAGMA query_only=ON")
            else:
                connection.execute("PRAGMA query_only=ON")
                schema.refuse_newer(version, self.path)
            connection.execute("SELECT value FROM meta LIMIT 1").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _may_write(self) -> bool:
        """Return True if this process may write the record and the journal that SQLite keeps beside it."""
        return not sharing.is_only_read(self.store) and all(
            os.access(path, os.W_OK) for path in (self.path, self.store)
        )

    def _refuse_denied(self, *, there: bool) -> None:
        """Raise `OSError` where a mode is in the way, with the file that has it: SQLite would not name it."""
        if self._write and sharing.is_only_read(self.store):
            raise OSError(errno.EROFS, "it is only read (--also)", str(self.store))
        for path in (self.path, self.journal) if there else ():
            wanted = os.R_OK | (os.W_OK if self._write else 0)
            if os.path.lexists(path) and not os.access(path, wanted):
                raise PermissionError(errno.EACCES, "it cannot be " + ("written" if self._write else "read"), str(path))
        if self._write and self.store.exists() and not os.access(self.store, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it cannot be written", str(self.store))

    def _is_there(self) -> bool:
        """Return True if there is a record; raise `OSError` for a link, or what is no file, in its place."""
        refuse_link(self.store, *_FILES)
        try:
            found = os.stat(self.path, follow_symlinks=False)  # noqa: PTH116 - the start of every command
        except (FileNotFoundError, NotADirectoryError):
            return False
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(self.path))
        return True

    def _catch_up(self, connection: Connection, *, lost: bool) -> None:
        """Take over what the journal has and the rows have not: all of it, or what a killed run left."""
        there = journal.size(self.journal)
        noted = connection.execute("SELECT value FROM meta WHERE key = 'journal'").fetchone()
        if there == offset(noted and noted[0]):
            return
        with _transaction(self.store, connection, self.said):
            if lost and there:
                self.said.append(f"{self.path} was lost: it was built again from {self.journal.name}")

    def _in_memory(self, why: str) -> Connection:
        """Stand in for a database that cannot be read, and say why, with what the journal has."""
        self.replayed = True
        connection = connect("file::memory:")
        schema.migrate(connection, self.path)
        if journal.size(self.journal):
            self.said.append(f"{self.path} {why}: what is shown comes from {self.journal.name}")
            Transaction(self.store, connection, self.said).replay()
        return connection

    def _anew(self, error: Exception) -> Connection:
        """Move a broken database aside and build it again from the journal."""
        if not _is_broken(error):
            if not self._write and any(word in str(error) for word in _SHUT) and journal.size(self.journal):
                # Who only reads cannot roll back what a killed writer left half done.
                return self._in_memory("was left half written")
            raise self._fault(error) from error
        if not self._write:
            if not journal.size(self.journal):
                self.said.append(f"{self.path} is broken ({error}), and {self.journal.name} has nothing")
            return self._in_memory(f"is broken ({error})")
        aside = self.put_aside()
        self.said.append(f"{self.path} was broken ({error}): it was put aside as {aside.name} and built again")
        return self._open()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise self._fault(error) from error
        except OSError as error:
            raise layout.disk_error(error, self.store) from error

    def _fault(self, error: Exception) -> StoreError:
        said = str(error)
        if said == "interrupted":
            raise self._connection.interrupted(str(self.path)) from error
        if "locked" in said or "busy" in said:
            return StoreError(
                f"{self.path} is held by another program for more than {BUSY:.0f} s", hint=f"fuser {self.path}"
            )
        if "full" in said:
            return StoreError(
                f"no space is left on the disk of {self.store}",
                hint="free some, or move the store with --cache DIR, and type the same command again",
            )
        if _is_broken(error) and self._write and journal.size(self.journal):
            self._connection.close()
            return StoreError(
                f"{self.path} is broken ({said}): it was put aside as {self.put_aside().name}",
                hint=f"type the same command again: the record is built again from {self.journal.name}",
            )
        return StoreError(f"{self.path}: {said}", hint="fetch doctor")


@contextmanager
def _transaction(store: Path, connection: sqlite3.Connection, said: list[str]) -> Iterator[Transaction]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        transaction = Transaction(store, connection, said)
        transaction.catch_up()
        yield transaction
        transaction.commit()
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise


def _is_broken(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or any(word in str(error) for word in _BROKEN)


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path.resolve()))
