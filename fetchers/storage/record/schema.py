"""The tables of the record, and the steps from older ones to today's.

A part that is no part is '' in the tables and NULL in the views. `sums` follows `files` by triggers, so that `status`
need not count a million rows. A person may read `holdings` and `provenance` with the sqlite3 shell.
"""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from fetchers.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

_OBJECTS = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
# What ANALYZE leaves: it chooses between ways to an answer, and never the answer.
_STATISTICS = {
    ("table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("table", "sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
}
APPLICATION = 0x66746368  # "ftch": tells `file` and us that it is ours

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (
    dataset TEXT NOT NULL, part TEXT NOT NULL, path TEXT NOT NULL,
    size BIGINT NOT NULL, sha256 TEXT NOT NULL, mtime_ns BIGINT NOT NULL,
    kind TEXT NOT NULL, origin TEXT NOT NULL, remote TEXT NOT NULL, acquired_at TEXT NOT NULL, proof TEXT NOT NULL,
    beside INTEGER NOT NULL, licence TEXT, declared TEXT,
    sop_class TEXT, sop_instance TEXT, study TEXT, series TEXT, modality TEXT, body_part TEXT, transfer_syntax TEXT,
    image_rows INTEGER, image_columns INTEGER, frames INTEGER,
    PRIMARY KEY (dataset, part, path)
);
CREATE INDEX files_by_hash ON files (sha256);
CREATE INDEX files_by_instance ON files (sop_instance) WHERE sop_instance IS NOT NULL;
CREATE TABLE arrivals (
    dataset TEXT NOT NULL, part TEXT NOT NULL, path TEXT NOT NULL,
    url TEXT NOT NULL, size BIGINT NOT NULL, sha256 TEXT NOT NULL, checksum TEXT,
    files INTEGER NOT NULL, images INTEGER, series TEXT, licence TEXT, arrived_at TEXT NOT NULL, validator TEXT,
    PRIMARY KEY (dataset, part, path)
);
CREATE TABLE wanted (
    dataset TEXT NOT NULL, part TEXT NOT NULL, path TEXT NOT NULL,
    url TEXT NOT NULL, size BIGINT, checksum TEXT, state TEXT NOT NULL, message TEXT, at TEXT NOT NULL,
    PRIMARY KEY (dataset, part, path)
);
CREATE TABLE terms (
    dataset TEXT NOT NULL, part TEXT NOT NULL, licence TEXT, url TEXT, text_sha256 TEXT, text_path TEXT,
    seen_at TEXT NOT NULL
);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    dataset TEXT, part TEXT, key TEXT, day TEXT, data TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE TABLE sums (
    dataset TEXT NOT NULL, part TEXT NOT NULL, licence TEXT NOT NULL,
    files INTEGER NOT NULL, bytes BIGINT NOT NULL, acquired_at TEXT NOT NULL,
    PRIMARY KEY (dataset, part, licence)
);
CREATE TRIGGER files_in AFTER INSERT ON files BEGIN
    INSERT INTO sums VALUES (new.dataset, new.part, COALESCE(new.licence, ''), 1, new.size, new.acquired_at)
    ON CONFLICT (dataset, part, licence) DO UPDATE SET
        files = files + 1, bytes = bytes + excluded.bytes, acquired_at = MAX(acquired_at, excluded.acquired_at);
END;
CREATE TRIGGER files_out AFTER DELETE ON files BEGIN
    UPDATE sums SET files = files - 1, bytes = bytes - old.size
    WHERE dataset = old.dataset AND part = old.part AND licence = COALESCE(old.licence, '');
    DELETE FROM sums WHERE dataset = old.dataset AND part = old.part AND files = 0;
END;
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE VIEW holdings AS
    SELECT dataset, NULLIF(part, '') AS part, NULLIF(licence, '') AS licence, files, bytes, acquired_at FROM sums;
CREATE VIEW provenance AS
    SELECT f.dataset, NULLIF(f.part, '') AS part, f.path, f.size, f.sha256, f.kind, f.modality, f.origin, f.proof,
        f.licence, f.acquired_at, a.url, a.path AS came_in, a.sha256 AS came_in_sha256
    FROM files f LEFT JOIN arrivals a ON a.dataset = f.dataset AND a.part = f.part AND a.path = f.remote;
"""

# What content was judged to be when it came in, and by what a changed copy is seen whose size and time were put back.
_SECOND = """
ALTER TABLE files ADD COLUMN ctime_ns BIGINT;
ALTER TABLE files ADD COLUMN inode BIGINT;
ALTER TABLE files ADD COLUMN findings TEXT;
CREATE INDEX files_with_findings ON files (dataset, part, path) WHERE findings <> '[]';
CREATE VIEW content_findings AS
    SELECT f.dataset, NULLIF(f.part, '') AS part, f.path, json_extract(j.value, '$[0]') AS rule,
        json_extract(j.value, '$[1]') AS severity, json_extract(j.value, '$[2]') AS message
    FROM files f, json_each(f.findings) j WHERE f.findings <> '[]';
"""

# What a training set asks of each file, and what was worked out once: the hash of decoded pixels by that of the bytes,
# and what was selected of a place when files of it came.
_THIRD = """
ALTER TABLE files ADD COLUMN patient TEXT;
ALTER TABLE files ADD COLUMN row_spacing REAL;
ALTER TABLE files ADD COLUMN column_spacing REAL;
ALTER TABLE files ADD COLUMN thickness REAL;
CREATE TABLE pixels (sha256 TEXT PRIMARY KEY, pixels TEXT) WITHOUT ROWID;
CREATE TABLE selections (
    dataset TEXT NOT NULL, part TEXT NOT NULL, selection TEXT NOT NULL,
    PRIMARY KEY (dataset, part, selection)
);
"""

# Which generation of an archive brought a file: after a newer one came, files of the older may stay.
_FOURTH = """
ALTER TABLE files ADD COLUMN came_in TEXT;
DROP VIEW provenance;
CREATE VIEW provenance AS
    SELECT f.dataset, NULLIF(f.part, '') AS part, f.path, f.size, f.sha256, f.kind, f.modality, f.origin, f.proof,
        f.licence, f.acquired_at, a.url, f.remote AS came_in, COALESCE(f.came_in, a.sha256) AS came_in_sha256
    FROM files f LEFT JOIN arrivals a ON a.dataset = f.dataset AND a.part = f.part AND a.path = f.remote;
"""

MIGRATIONS = (_FIRST, _SECOND, _THIRD, _FOURTH)  # append, never edit: entry N makes version N + 1


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate a database to today's schema, all in one transaction; raise `StoreError` for a newer one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    refuse_newer(version, path)
    if version == len(MIGRATIONS) or (version == 0 and _made(connection)):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been quicker: what counts is the version under the lock.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for statement in _statements("".join(MIGRATIONS[version:])):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _made(connection: sqlite3.Connection) -> bool:
    """Make all tables of an empty database at once; return False where another process is making them."""
    import sqlite3

    end = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {len(MIGRATIONS)}; COMMIT;"
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {''.join(MIGRATIONS)} {end}")
    except sqlite3.OperationalError:
        connection.rollback()
        return False
    return True


def is_older(version: int) -> bool:
    """Return True for a database that an older program made: columns are missing that are read today."""
    return version < len(MIGRATIONS)


def refuse_newer(version: int, path: Path) -> None:
    """Raise `StoreError` for a database that a newer program made: it may hold what this one would spoil."""
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} has schema {version}, this program knows {len(MIGRATIONS)}: a newer one made it",
            hint="pip install --upgrade fetch-imaging",
        )


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `StoreError` where a database holds a table, index, trigger or view that is not as this program makes it.

    Asked before any row is read: a foreign view may have no end, and a trigger may do anything to what is written.
    """
    connection.execute("BEGIN")  # version and objects of one moment: another process may be migrating
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        found = connection.execute(_OBJECTS).fetchall()
    finally:
        connection.rollback()
    refuse_newer(version, path)
    ours = _objects_of(version)
    for kind, name, sql in found:
        if ours.get((kind, name)) != sql and (kind, name, sql) not in _STATISTICS:
            raise StoreError(
                f"{path}: the {kind} {str(name)[:80]!r} is none of this program's: nothing of the record is believed",
                hint="fetch doctor",
            )


@cache
def _objects_of(version: int) -> dict[tuple[str, str], str]:
    """Return kind and name -> SQL of what the statements of the first `version` schemas make."""
    import sqlite3

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for statement in _statements("".join(MIGRATIONS[:version])):
            fresh.execute(statement)
        return {(kind, name): sql for kind, name, sql in fresh.execute(_OBJECTS)}


def _statements(script: str) -> Iterator[str]:
    """Split at the ends of statements; a trigger's own semicolons are no ends."""
    from sqlite3 import complete_statement

    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""
