"""What is held, what arrived, what was wanted, and what people did about it?

    with Manifest.open(store, write=True) as manifest:
        manifest.record(arrivals, files)

Nothing here is ever a patient's: UIDs, codes and sizes, no names, no dates of birth, no free text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.holding import Holding
from fetchers.storage import journal, ledger, rows
from fetchers.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fetchers.holding import Arrival, Event, HeldFile, TermsSeen, Wanted

_PAGE = 5000  # rows at a time: a reader must not hold the lock while the caller works
ANY = object()  # every part of a dataset


class Manifest:
    """The record of one store. Reading one that is not there reads as empty, and makes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, store: Path, *, write: bool) -> Manifest:
        """Open it; raises `StoreError` for the disk and for a record of a newer program."""
        return cls(Database(store, write=write))

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *exception: object) -> None:
        self._database.close()

    @property
    def said(self) -> list[str]:
        """What a person should know of the opening: built again, put aside."""
        return self._database.said

    # --- reading

    def arrivals(self, dataset: str, part: str | None) -> dict[str, Arrival]:
        """What arrived of one dataset or part, by the remote file's path."""
        found = self._database.rows("SELECT * FROM arrivals WHERE dataset = ? AND part = ?", (dataset, part or ""))
        return {row[2]: rows.arrival(row) for row in found}

    def sizes(self, dataset: str, part: str | None) -> dict[str, tuple[int, int]]:
        """What is held of one dataset or part: path -> (bytes, mtime_ns)."""
        sql = "SELECT path, size, mtime_ns FROM files WHERE dataset = ? AND part = ?"
        return {path: (size, mtime) for path, size, mtime in self._database.rows(sql, (dataset, part or ""))}

    def files(self, dataset: str | None = None, part: object = ANY) -> Iterator[HeldFile]:
        """Yield what is held, in order of dataset, part and path, a page at a time."""
        where, values = _where(dataset, part)
        last = ("", "", "")
        while True:
            page = self._database.rows(
                f"SELECT * FROM files WHERE {where} AND (dataset, part, path) > (?, ?, ?)"  # noqa: S608 - ours
                f" ORDER BY dataset, part, path LIMIT {_PAGE}",
                (*values, *last),
            )
            yield from map(rows.held_file, page)
            if len(page) < _PAGE:
                return
            last = page[-1][:3]

    def file(self, dataset: str, part: str | None, path: str) -> HeldFile | None:
        """One held file, or None."""
        sql = "SELECT * FROM files WHERE dataset = ? AND part = ? AND path = ?"
        found = self._database.rows(sql, (dataset, part or "", path))
        return rows.held_file(found[0]) if found else None

    def holdings(self) -> list[Holding]:
        """What is held, summed by dataset, part and licence."""
        found = self._database.rows("SELECT * FROM holdings ORDER BY dataset, part, licence")
        return [
            Holding(dataset=row[0], part=row[1], licence=row[2], files=row[3], bytes=row[4], acquired_on=row[5][:10])
            for row in found
        ]

    def all_sizes(self) -> set[int]:
        """The sizes that any held file has, in bytes."""
        return {size for (size,) in self._database.rows("SELECT DISTINCT size FROM files")}

    def by_hash(self, sha256: str) -> list[HeldFile]:
        """The held files with these bytes."""
        return [rows.held_file(row) for row in self._database.rows("SELECT * FROM files WHERE sha256 = ?", (sha256,))]

    def by_instance(self, uid: str) -> list[HeldFile]:
        """The held DICOM objects with this SOP Instance UID."""
        sql = "SELECT * FROM files WHERE sop_instance = ?"
        return [rows.held_file(row) for row in self._database.rows(sql, (uid,))]

    def instances(self) -> bool:
        """Whether any DICOM object is held."""
        return bool(self._database.rows("SELECT 1 FROM files WHERE sop_instance IS NOT NULL LIMIT 1"))

    def wanted(self, dataset: str | None = None) -> list[Wanted]:
        """What was wanted and is not here: queued or failed."""
        where, values = _where(dataset, ANY)
        sql = f"SELECT * FROM wanted WHERE {where} ORDER BY dataset, part, path"  # noqa: S608 - ours
        return [rows.wanted(row) for row in self._database.rows(sql, values)]

    def terms(self, dataset: str | None = None) -> list[TermsSeen]:
        """The terms as they were seen, oldest first."""
        where, values = _where(dataset, ANY)
        sql = f"SELECT * FROM terms WHERE {where} ORDER BY seen_at"  # noqa: S608 - ours
        return [rows.terms_seen(row) for row in self._database.rows(sql, values)]

    def events(self, dataset: str | None = None) -> list[Event]:
        """What people and time did, in order."""
        where, values = ("dataset = ?", (dataset,)) if dataset is not None else ("1 = 1", ())
        sql = f"SELECT * FROM events WHERE {where} ORDER BY seq"  # noqa: S608 - ours
        return [rows.event(row) for row in self._database.rows(sql, values)]

    def chain_faults(self) -> list[str]:
        """Say where the chain of events is broken, against the counts that stand apart from it."""
        count, head = self._head()
        found = ledger.faults(self.events(), count=count, head=head)
        noted = [row for kind, values, _ in journal.read(self._database.journal) if kind == "events" for row in values]
        if not found and noted and (len(noted), noted[-1][-1]) != (count, head):
            found.append(f"{len(noted)} events stand in the journal, {count} in the record")
        return found

    def faults(self) -> list[str]:
        """Say what is wrong with the database itself; reads all of it."""
        found = [str(row[0]) for row in self._database.rows("PRAGMA quick_check") if row[0] != "ok"]
        summed = self._database.rows("SELECT COALESCE(SUM(files), 0), COALESCE(SUM(bytes), 0) FROM sums")[0]
        counted = self._database.rows("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM files")[0]
        if summed != counted:
            found.append(f"the sums say {summed[0]} files and {summed[1]} bytes, the rows {counted[0]} and {counted[1]}")
        return found

    # --- writing

    def want(self, wanted: Iterable[Wanted]) -> None:
        """Write down what is to be fetched. Only a plan: the journal need not know it."""
        self._plan(wanted)

    def failed(self, wanted: Wanted) -> None:
        """Write down that it did not come, and why."""
        self._plan([wanted])

    def record(self, arrivals: Sequence[Arrival], files: Sequence[HeldFile]) -> None:
        """Record what is durably on the disk; it is no longer wanted."""
        with self._database.writing() as transaction:
            if files:
                transaction.note("files", [rows.file_row(held) for held in files])
            if arrivals:
                transaction.note("arrivals", [rows.arrival_row(arrival) for arrival in arrivals])

    def forget(self, dataset: str, part: str | None, paths: Sequence[str] | None = None) -> None:
        """Take rows out: of the whole dataset or part, or of some of its files."""
        with self._database.writing() as transaction:
            if paths is None:
                transaction.note("forget", [dataset, part or ""])
            else:
                transaction.note("forget-files", [[dataset, part or "", path] for path in paths])

    def saw_terms(self, seen: TermsSeen) -> None:
        """Record the terms as they are now."""
        with self._database.writing() as transaction:
            transaction.note("terms", [rows.terms_row(seen)])

    def append(self, events: Sequence[Event]) -> list[Event]:
        """Add events to the chain; gives them with their places and digests."""
        if not events:
            return []
        with self._database.writing() as transaction:
            found = dict(transaction.execute("SELECT key, value FROM meta WHERE key IN ('events', 'head')"))
            linked = list(
                ledger.chained(events, count=int(found.get("events", 0)), head=found.get("head", ledger.EMPTY))
            )
            transaction.note("events", [rows.event_row(event) for event in linked])
        return linked

    # --- inside

    def _plan(self, wanted: Iterable[Wanted]) -> None:
        planned = [rows.wanted_row(one) for one in wanted]
        if not planned:
            return
        with self._database.writing() as transaction:
            transaction.many(
                "DELETE FROM wanted WHERE dataset = ? AND part = ? AND path = ?", (row[:3] for row in planned)
            )
            transaction.many(f"INSERT INTO wanted VALUES ({','.join('?' * rows.WANTED_COLUMNS)})", planned)

    def _head(self) -> tuple[int, str]:
        found = dict(self._database.rows("SELECT key, value FROM meta WHERE key IN ('events', 'head')"))
        return int(found.get("events", 0)), str(found.get("head", ledger.EMPTY))


def _where(dataset: str | None, part: object) -> tuple[str, tuple[str, ...]]:
    if dataset is None:
        return "1 = 1", ()
    if part is ANY:
        return "dataset = ?", (dataset,)
    return "dataset = ? AND part = ?", (dataset, str(part) if part is not None else "")
