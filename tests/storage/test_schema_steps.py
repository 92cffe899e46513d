"""Older records are migrated without loss."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from fetchers.records import Problem
from fetchers.storage.record import journal, rows, schema
from fetchers.storage.record.manifest import Manifest
from tests.storage import record

if TYPE_CHECKING:
    from pathlib import Path

FOUND = (Problem("truncated", "error", "3 bytes are here, 4 were promised", "fetch get x --force"),)


def _older(store: Path) -> None:
    """Make the record of one held file as the first schema had it, journal included."""
    store.mkdir()
    row = list(rows.file_row(record.held(1)))[:24]
    line = journal.line("files", [row])
    (store / journal.NAME).write_bytes(line)
    with sqlite3.connect(store / "manifest.sqlite", isolation_level=None) as connection:
        connection.executescript(schema.MIGRATIONS[0])
        connection.execute(f"INSERT INTO files VALUES ({','.join('?' * len(row))})", row)
        connection.execute("INSERT INTO meta VALUES ('journal', ?)", (str(len(line)),))
        connection.execute("PRAGMA user_version = 1")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")


def test_a_reader_brings_an_older_record_up_to_date(tmp_path: Path) -> None:
    """Columns that were added since are empty; journal and rows agree."""
    _older(tmp_path / "cache")
    with Manifest.open(tmp_path / "cache", write=False) as manifest:
        (held,) = manifest.files()
        assert held == record.held(1)
        assert held.findings is None
        assert manifest.faults() == []
        assert list(manifest.told("lungs", None)) == []


def test_an_older_journal_builds_todays_record(tmp_path: Path) -> None:
    """A lost database is built again from lines that know nothing of the new columns."""
    store = tmp_path / "cache"
    _older(store)
    (store / "manifest.sqlite").unlink()
    target = store / "lungs" / record.held(1).path
    target.parent.mkdir(parents=True)
    target.write_bytes(b"xx")
    with Manifest.open(store, write=True) as manifest:
        (held,) = manifest.files()
        assert held == record.held(1)
        assert manifest.faults() == []


def test_what_was_found_out_comes_back(tmp_path: Path) -> None:
    """Findings, change time and inode survive the way through the record, and stand in a view."""
    store = tmp_path / "cache"
    told, clean = record.held(1)._replace(findings=FOUND, ctime_ns=5, inode=7), record.held(2)._replace(findings=())
    with Manifest.open(store, write=True) as manifest:
        manifest.record([], [told, clean])
        assert [(row.path, noted) for row, noted in manifest.told("lungs", None)] == [(told.path, FOUND)]
        assert list(manifest.files()) == [told, clean]
        assert [stamp[3:] for stamp in manifest.stamps("lungs", None)] == [(5, 7), (None, None)]
        noted = [row.noted for row in manifest.span("lungs", None, "", "z")]
        assert [rows.problems(one) for one in noted] == [FOUND, ()]
    with sqlite3.connect(store / "manifest.sqlite") as connection:
        found = connection.execute("SELECT path, rule, severity FROM content_findings").fetchall()
        assert found == [(told.path, "truncated", "error")]
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM files WHERE dataset = 'a' AND part = '' AND findings <> '[]'"
        ).fetchall()
        assert "files_with_findings" in json.dumps(plan)


def test_a_column_that_can_be_read_no_longer_is_as_good_as_none() -> None:
    """What is read back from the disk is a stranger's, too."""
    for text in ("nothing", "{}", "[1]", '[["rule"]]'):
        assert not rows.problems(text)
    assert rows.problems('[["rule","fatal","words",null]]') == ()
