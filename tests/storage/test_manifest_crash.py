"""The record after a crash, a flipped bit, a lost or a torn file: right, or said to be wrong."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.record import journal
from fetchers.storage.record.manifest import Manifest
from tests.storage.record import arrival, event, held, on_disk, sizes, terms

if TYPE_CHECKING:
    from pathlib import Path

FLIPS = 200


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    """Thirty files in three transactions, with events and terms."""
    store = tmp_path / "cache"
    with Manifest.open(store, write=True) as manifest:
        for number in range(3):
            files = [held(ten) for ten in range(number * 10, number * 10 + 10)]
            on_disk(store, *files)
            manifest.record([arrival(number)], files)
        manifest.append([event("applied"), event("granted")])
        manifest.saw_terms(terms())
    return store


def _said(store: Path, *, write: bool = False) -> list[object]:
    with Manifest.open(store, write=write) as manifest:
        return [
            list(manifest.files()),
            manifest.arrivals("lungs", None),
            list(manifest.checksums("lungs", None)),
            sizes(manifest, "lungs"),
            manifest.holdings(),
            manifest.terms(),
            manifest.events(),
            [manifest.by_hash(held(number).sha256) for number in range(30)],
            [manifest.by_instance(f"2.25.{number}") for number in range(30)],
        ]


def test_a_lost_database_is_built_again(store: Path) -> None:
    """For a reader in memory, for a writer on the disk; both say so."""
    before = _said(store)
    (store / "manifest.sqlite").unlink()
    with Manifest.open(store, write=False) as manifest:
        assert "is not there" in manifest.said[0]
    assert _said(store) == before
    assert not (store / "manifest.sqlite").exists()
    with Manifest.open(store, write=True) as manifest:
        assert "built again" in manifest.said[0]
    assert _said(store) == before


@pytest.mark.parametrize("size", [0, 50, 100, 4096, 5000, 20_000])
def test_a_cut_database_is_built_again(store: Path, size: int) -> None:
    """Half copied, or emptied: a writer gets all of it back, at the latest with the command after."""
    before = _said(store)
    os.truncate(store / "manifest.sqlite", size)
    for _ in range(2):
        try:
            assert _said(store, write=True) == before
            break
        except StoreError as error:
            assert "put aside" in error.what  # noqa: PT017 - the other way out is to be right at once
    assert _said(store) == before


def test_an_emptied_database_is_read_from_the_journal(store: Path) -> None:
    """A reader shows what is so, and leaves the repair to the next writer."""
    before = _said(store)
    os.truncate(store / "manifest.sqlite", 0)
    assert _said(store) == before
    assert (store / "manifest.sqlite").stat().st_size == 0


def test_a_schema_that_is_no_text_is_a_broken_database(store: Path) -> None:
    """SQLite quotes it in its message, and Python cannot read that: put aside like any other."""
    before = _said(store)
    body = (store / "manifest.sqlite").read_bytes()
    (store / "manifest.sqlite").write_bytes(body.replace(b"CREATE TABLE files", b"CREATE TABL\xf4 files"))
    with Manifest.open(store, write=True) as manifest:
        assert "put aside" in manifest.said[0]
    assert _said(store) == before


def test_a_database_that_is_none_is_put_aside(store: Path) -> None:
    """What stood in its place is kept, under a name that says so."""
    before = _said(store)
    (store / "manifest.sqlite").write_bytes(b"something else altogether" * 999)
    assert _said(store) == before
    with Manifest.open(store, write=True) as manifest:
        assert "put aside as manifest.sqlite.broken-1" in manifest.said[0]
    assert _said(store) == before
    assert (store / "manifest.sqlite.broken-1").read_bytes().startswith(b"something else")


def test_rows_that_were_not_committed_come_from_the_journal(store: Path) -> None:
    """A run that died between the journal and the commit has recorded; the next writer takes it over."""
    old = (store / "manifest.sqlite").read_bytes()
    files = [held(30), held(31)]
    on_disk(store, held(30))
    with Manifest.open(store, write=True) as manifest:
        manifest.record([arrival(3)], files)
        manifest.append([event("closed")])
    (store / "manifest.sqlite").write_bytes(old)
    with Manifest.open(store, write=True) as manifest:
        assert manifest.file("lungs", None, held(30).path) == held(30)
        assert manifest.file("lungs", None, held(31).path) is None, "the disk does not have it"
        assert "3.zip" not in manifest.arrivals("lungs", None), "a part of it is missing, so it has not arrived"
        assert [one.what for one in manifest.events()] == ["applied", "granted", "closed"]
        assert not manifest.chain_faults()


def test_a_rebuilt_record_claims_no_more_than_the_disk_has(store: Path) -> None:
    """A file that is gone or has another size is not held, and its remote file is wanted again."""
    root = layout.root(store, "lungs", None)
    (root / held(3).path).unlink()
    (root / held(14).path).write_bytes(b"")
    (store / "manifest.sqlite").unlink()
    with Manifest.open(store, write=True) as manifest:
        assert {held(3).path, held(14).path}.isdisjoint(sizes(manifest, "lungs"))
        assert set(manifest.arrivals("lungs", None)) == {"2.zip"}


def test_what_was_replaced_or_released_is_not_missing(store: Path) -> None:
    """The last word of the journal counts."""
    files = [held(40), held(41)]
    on_disk(store, *files)
    with Manifest.open(store, write=True) as manifest:
        manifest.record([arrival(4)], [held(40)._replace(size=7), held(41), held(42)])
        manifest.record([arrival(4)], files)
        manifest.forget("lungs", None, [held(42).path])
        before = manifest.arrivals("lungs", None)
        assert "4.zip" in before
    (store / "manifest.sqlite").unlink()
    with Manifest.open(store, write=True) as manifest:
        assert manifest.arrivals("lungs", None) == before


def test_a_torn_journal_loses_nothing(store: Path) -> None:
    """Half a line at the end was never recorded; it is cut off by the next transaction."""
    before = _said(store)
    with (store / journal.NAME).open("ab") as file:
        file.write(b'0badcafe ["files",[["lun')
    with Manifest.open(store, write=True) as manifest:
        manifest.record([], [])
    assert _said(store) == before
    (store / "manifest.sqlite").unlink()
    assert _said(store, write=True) == before


def test_a_lost_journal_is_written_again(store: Path) -> None:
    """The rows are its twin; doctor says that it is missing until a command writes."""
    before = _said(store)
    (store / journal.NAME).unlink()
    with Manifest.open(store, write=False) as manifest:
        assert "missing" in manifest.faults()[0]
    with Manifest.open(store, write=True) as manifest:
        assert not manifest.faults()
        assert not manifest.chain_faults()
    (store / "manifest.sqlite").unlink()
    assert _said(store, write=True) == before


def test_damage_in_the_journal_costs_only_its_line(store: Path) -> None:
    """Without a database to compare: the transactions around it are built again, and it is said."""
    body = bytearray((store / journal.NAME).read_bytes())
    body[body.index(b"series/0015") + 3] ^= 1
    (store / journal.NAME).write_bytes(body)
    with Manifest.open(store, write=False) as manifest:
        assert any("damaged" in fault for fault in manifest.faults())
    (store / "manifest.sqlite").unlink()
    with Manifest.open(store, write=True) as manifest:
        assert len(sizes(manifest, "lungs")) == 20
        assert len(manifest.events()) == 2
        assert any("damaged" in said for said in manifest.said)
        assert not manifest.faults()


def test_a_commit_that_fails_leaves_no_line(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was told that it is not recorded does not find it recorded later."""
    size = journal.size(store / journal.NAME)
    with Manifest.open(store, write=True) as manifest:
        with closing(sqlite3.connect(store / "manifest.sqlite", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM meta").fetchone()  # a shared lock, never let go
            manifest._database._connection.execute("PRAGMA busy_timeout = 50")
            with pytest.raises(StoreError, match="held by another program"):
                manifest.append([event("closed")])
        assert journal.size(store / journal.NAME) == size
        assert [one.what for one in manifest.events()] == ["applied", "granted"]


def test_every_flipped_bit_is_found_or_does_no_harm(store: Path, tmp_path: Path) -> None:
    """Two hundred flips over the whole database: right all the same, or a fault, or an error; never a quiet lie."""
    truth = _said(store)
    body = (store / "manifest.sqlite").read_bytes()
    chance = random.Random(20261125)
    quiet, found = [], 0
    for number in range(FLIPS):
        at = chance.randrange(len(body))
        flipped = bytearray(body)
        flipped[at] ^= 1 << chance.randrange(8)
        (store / "manifest.sqlite").write_bytes(flipped)
        try:
            with Manifest.open(store, write=False) as manifest:
                if manifest.said or manifest.faults() or manifest.chain_faults():
                    found += 1
                    continue
            if _said(store) != truth:
                quiet.append((number, at))
        except StoreError:
            found += 1
    assert not quiet
    assert found > FLIPS // 8, "the rig has no teeth"


def test_a_flipped_bit_does_not_spread(store: Path, tmp_path: Path) -> None:
    """Whatever a writer does with a flipped database: the journal builds the old record again."""
    truth = _said(store)
    body, lines = (store / "manifest.sqlite").read_bytes(), (store / journal.NAME).read_bytes()
    chance = random.Random(11)
    for _ in range(60):
        flipped = bytearray(body)
        flipped[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        (store / "manifest.sqlite").write_bytes(flipped)
        (store / journal.NAME).write_bytes(lines)
        for _ in range(2):
            try:
                with Manifest.open(store, write=True) as manifest:
                    manifest.record([arrival(0)], [held(number) for number in range(10)])
            except StoreError:
                continue
        for path in store.glob("manifest.sqlite*"):
            path.unlink()
        assert _said(store, write=True) == truth


KILLED = """
import itertools, pathlib, sys
from fetchers.storage.record.manifest import Manifest
from tests.storage.record import arrival, event, held, on_disk
store = pathlib.Path(sys.argv[1])
with Manifest.open(store, write=True) as manifest:
    start = len(manifest.arrivals("lungs", None))
    print("ready", flush=True)
    for number in itertools.count(start):
        files = [held(ten) for ten in range(number * 10, number * 10 + 10)]
        on_disk(store, *files)
        manifest.record([arrival(number)], files)
        manifest.append([event("done", number=number)])
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """Kill -9 at any moment: all batches whole, in order, none of those missing that were told of."""
    store = tmp_path / "cache"
    chance = random.Random(7)
    for _ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", KILLED, str(store)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.02 + chance.random() * 0.1)
        writer.send_signal(signal.SIGKILL)
        told = writer.stdout.read().split()
        writer.wait()
        writer.stdout.close()
        with Manifest.open(store, write=True) as manifest:
            arrived = manifest.arrivals("lungs", None)
            events = manifest.events()
            assert len(sizes(manifest, "lungs")) == 10 * len(arrived)
            assert len(events) >= (int(told[-1]) + 1 if told else 0)
            assert len(arrived) - len(events) in (0, 1), "either just before the event, or just after"
            assert not manifest.faults()
            assert not manifest.chain_faults()
            if len(arrived) > len(events):
                manifest.append([event("done", number=len(events))])
    before = _said(store)
    shutil.move(store / "manifest.sqlite", tmp_path / "aside")
    assert _said(store, write=True) == before


def test_what_a_killed_run_left_in_the_journal_is_no_fault(store: Path) -> None:
    """Killed between the journal's line and the rows: a reader has nothing to complain of, a writer takes it over."""
    before = (store / "manifest.sqlite").read_bytes()
    with Manifest.open(store, write=True) as manifest:
        manifest.append([event("done", number=7)])
        manifest.record([arrival(9)], [held(99)])
        count = len(manifest.events())
    (store / "manifest.sqlite").write_bytes(before)
    with Manifest.open(store, write=False) as manifest:
        assert manifest.faults() == []
        assert manifest.chain_faults() == []
        assert len(manifest.events()) == count - 1
    on_disk(store, held(99))
    with Manifest.open(store, write=True) as manifest:
        assert len(manifest.events()) == count
        assert manifest.faults() == []
        assert manifest.chain_faults() == []


WRITER = """
import pathlib, sys
from fetchers.storage.record.manifest import Manifest
from tests.storage.record import arrival, event, held, wanted
store, name = pathlib.Path(sys.argv[1]), sys.argv[2]
with Manifest.open(store, write=True) as manifest:
    for number in range(200):
        manifest.want([wanted(number, dataset=name)])
        manifest.record([arrival(number, dataset=name)], [held(number, dataset=name), held(number + 500, dataset=name)])
        if number % 10 == 0:
            manifest.append([event("done", dataset=name, number=number)])
"""


def test_four_writers_and_a_reader_lose_nothing(tmp_path: Path) -> None:
    """Every row of every writer is there, the chain is one, and nobody sees a lock."""
    store = tmp_path / "cache"
    names = [f"set{number}" for number in range(4)]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store), name], stderr=subprocess.PIPE, text=True)
        for name in names
    ]
    while any(writer.poll() is None for writer in writers):
        with Manifest.open(store, write=False) as manifest:
            for row in manifest.holdings():
                assert len(sizes(manifest, row.dataset)) >= row.files
    for writer in writers:
        assert writer.communicate()[1] == ""
        assert writer.returncode == 0
    with Manifest.open(store, write=True) as manifest:
        assert [(row.dataset, row.files) for row in manifest.holdings()] == [(name, 400) for name in names]
        assert all(len(manifest.arrivals(name, None)) == 200 for name in names)
        assert not manifest.wanted()
        assert len(manifest.events()) == 80
        assert not manifest.faults()
        assert not manifest.chain_faults()
