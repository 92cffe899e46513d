"""The record: what is held, what arrived, what was wanted, and what people did.

    with Manifest.open(store, write=True) as manifest:
        manifest.record(arrivals, files)

Nothing here is ever a patient's: UIDs, codes and sizes, no names, no dates of birth, no free text.
"""

from __future__ import annotations

import os
from itertools import islice
from operator import itemgetter
from threading import get_ident
from typing import TYPE_CHECKING, Self

from fetchers.errors import StoreError
from fetchers.records import Expected, Holding, Stamp
from fetchers.storage.record import event_chain, journal, rows
from fetchers.storage.record.database import Database
from fetchers.storage.record.file_table import PAGE, FileTable
from fetchers.storage.record.pending import ANY, Pending, Waiting, where
from fetchers.storage.record.transaction import offset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fetchers.records import Arrival, Event, HeldFile, Problem, TermsSeen, Wanted

__all__ = ["ANY", "Manifest", "Waiting", "rebuild"]

_AT_ONCE = 500  # paths in one query
_EXPECTED = (
    "path, size, sha256, origin, remote, proof, beside, declared, sop_class, modality, frames IS NOT NULL,"
    " kind, findings"
)


_open: dict[tuple[str, int], Database] = {}  # by store and thread
os.register_at_fork(after_in_child=_open.clear)  # a connection is no good on the other side of a fork


class Manifest(Pending, FileTable):
    """The record of one store. Reading one that is not there reads as empty, and makes nothing."""

    _own = False  # whether leaving it ends the connection
    _key: tuple[str, int] | None = None

    @classmethod
    def open(cls, store: Path, *, write: bool) -> Manifest:
        """Open it; raise `StoreError` for the disk and for a record of a newer program.

        Who only reads shares what this thread has open already: one command asks many small questions.
        """
        key = (os.fspath(store), get_ident())
        found = None if write else _open.get(key)
        if found is not None and not found.replayed:
            return cls(found)
        manifest = cls(Database(store, write=write))
        if key not in _open:
            _open[key] = manifest._database
            manifest._key = key
        manifest._own = True
        return manifest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._key is not None:
            _open.pop(self._key, None)
        if self._own:
            self._database.close()

    @property
    def said(self) -> list[str]:
        """What a person should know of the opening: built again, put aside."""
        return self._database.said

    # --- reading

    def arrivals(self, dataset: str, part: str | None) -> dict[str, Arrival]:
        """Return what arrived of one dataset or part, by the remote file's path."""
        found = self._database.rows("SELECT * FROM arrivals WHERE dataset = ? AND part = ?", (dataset, part or ""))
        return {row[2]: rows.arrival(row) for row in found}

    def counts(self, dataset: str, part: str | None) -> list[tuple[str, str | None, int]]:
        """Return (remote path, series, images) of what arrived, where the place counts its images.

        Of a series whose files come one by one, each of them is there; `images` is then the series' count, or 0.
        """
        mine = "FROM arrivals WHERE dataset = ? AND part = ?"
        counted = f"SELECT series {mine} AND images IS NOT NULL AND series IS NOT NULL"
        sql = f"SELECT path, series, COALESCE(images, 0) {mine} AND (images IS NOT NULL OR series IN ({counted}))"
        return self._database.rows(sql, (dataset, part or "") * 2)

    def series(self, dataset: str, part: str | None) -> list[tuple[str, int, int]]:
        """Return (series, remote files, whether one is an archive) of what arrived and whose series is known."""
        sql = (
            "SELECT series, COUNT(*), MAX(path LIKE '%.zip') FROM arrivals "
            "WHERE dataset = ? AND part = ? AND series IS NOT NULL GROUP BY series"
        )
        return self._database.rows(sql, (dataset, part or ""))

    def checksums(self, dataset: str, part: str | None) -> Iterator[tuple[str, str | None, str]]:
        """Yield what arrived of one dataset or part: remote path, checksum that was promised, SHA-256."""
        return self._rows("path, checksum, sha256", "arrivals", dataset, part)

    def arrived(self, dataset: str, part: str | None, paths: Sequence[str]) -> list[tuple[str, str | None, str]]:
        """Return the same of some remote files: those of `paths` that arrived."""
        marks = ",".join("?" * len(paths))
        sql = f"SELECT path, checksum, sha256 FROM arrivals WHERE dataset = ? AND part = ? AND path IN ({marks})"  # noqa: S608 - ours
        return self._database.rows(sql, (dataset, part or "", *paths))

    def anything_arrived(self, dataset: str, part: str | None) -> bool:
        """Return True if any remote file of one dataset or part arrived."""
        sql = "SELECT 1 FROM arrivals WHERE dataset = ? AND part = ? LIMIT 1"
        return bool(self._database.rows(sql, (dataset, part or "")))

    def paths(self, dataset: str, part: str | None) -> Iterator[str]:
        """Yield the paths of what is held of one dataset or part, in their order."""
        return map(itemgetter(0), self._rows("path", "files", dataset, part))

    def sizes(self, dataset: str, part: str | None) -> Iterator[tuple[str, int, int]]:
        """Yield what is held of one dataset or part, in order of the paths: path, bytes, mtime_ns."""
        return self._rows("path, size, mtime_ns", "files", dataset, part)

    def stamps(self, dataset: str, part: str | None) -> Iterator[Stamp]:
        """Yield what the file system said of what is held of one dataset or part, in order of the paths."""
        return map(Stamp._make, self._rows(", ".join(Stamp._fields), "files", dataset, part))

    def told(self, dataset: str, part: str | None) -> Iterator[tuple[Expected, tuple[Problem, ...]]]:
        """Yield the held files of one dataset or part of which something was found out when they came in, in order."""
        sql = f"SELECT {_EXPECTED} FROM files WHERE dataset = ? AND part = ? AND findings <> '[]' ORDER BY path"  # noqa: S608 - ours
        for row in map(Expected._make, self._database.rows(sql, (dataset, part or ""))):
            yield row, rows.problems(row.noted) or ()

    def files(self, dataset: str | None = None, part: object = ANY) -> Iterator[HeldFile]:
        """Yield what is held, in order of dataset, part and path, a page at a time."""
        clause, values = where(dataset, part)
        last = ("", "", "")
        while True:
            page = self._database.rows(
                f"SELECT * FROM files WHERE {clause} AND (dataset, part, path) > (?, ?, ?)"  # noqa: S608 - ours
                f" ORDER BY dataset, part, path LIMIT {PAGE}",
                (*values, *last),
            )
            yield from map(rows.held_file, page)
            if len(page) < PAGE:
                return
            last = page[-1][:3]

    def spans(self, dataset: str, part: str | None, size: int) -> Iterator[tuple[str, str]]:
        """Cut what is held of one dataset or part into spans of `size` files: the first path and the last of each."""
        paths = self.paths(dataset, part)
        while span := list(islice(paths, size)):
            yield span[0], span[-1]

    def span(self, dataset: str, part: str | None, first: str, last: str) -> list[Expected]:
        """Return what should be held of one dataset or part, from path `first` to `last`, both included, in order."""
        clause = "dataset = ? AND part = ? AND path BETWEEN ? AND ?"
        sql = f"SELECT {_EXPECTED} FROM files WHERE {clause} ORDER BY path"  # noqa: S608 - ours
        return list(map(Expected._make, self._database.rows(sql, (dataset, part or "", first, last))))

    def file(self, dataset: str, part: str | None, path: str) -> HeldFile | None:
        """One held file, or None."""
        sql = "SELECT * FROM files WHERE dataset = ? AND part = ? AND path = ?"
        found = self._database.rows(sql, (dataset, part or "", path))
        return rows.held_file(found[0]) if found else None

    def hashes(self, dataset: str, part: str | None, paths: Sequence[str]) -> dict[str, str]:
        """Return the SHA-256 of those of `paths` that are held."""
        found: dict[str, str] = {}
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            sql = f"SELECT path, sha256 FROM files WHERE dataset = ? AND part = ? AND path IN ({marks})"  # noqa: S608 - ours
            found.update(self._database.rows(sql, (dataset, part or "", *some)))
        return found

    def brought_by(self, dataset: str, part: str | None, remote: str) -> list[tuple[str, str | None]]:
        """Return what came in one remote file: path, and the SHA-256 of the archive that brought it."""
        sql = "SELECT path, came_in FROM files WHERE dataset = ? AND part = ? AND remote = ?"
        return self._database.rows(sql, (dataset, part or "", remote))

    def holdings(self) -> list[Holding]:
        """Sum what is held by dataset, part and licence."""
        found = self._database.rows("SELECT * FROM holdings ORDER BY dataset, part, licence")
        return [
            Holding(dataset=row[0], part=row[1], licence=row[2], files=row[3], bytes=row[4], acquired_on=row[5][:10])
            for row in found
        ]

    def all_sizes(self) -> set[int]:
        """Return the sizes that any held file has, in bytes."""
        return {size for (size,) in self._database.rows("SELECT DISTINCT size FROM files")}

    def by_hash(self, sha256: str) -> list[HeldFile]:
        """Return the held files with these bytes."""
        sql = "SELECT * FROM files WHERE sha256 = ? ORDER BY dataset, part, path"
        return [rows.held_file(row) for row in self._database.rows(sql, (sha256,))]

    def by_instance(self, uid: str) -> list[HeldFile]:
        """Return the held DICOM objects with this SOP Instance UID."""
        sql = "SELECT * FROM files WHERE sop_instance = ? ORDER BY dataset, part, path"
        return [rows.held_file(row) for row in self._database.rows(sql, (uid,))]

    def adopted(self, dataset: str, part: str | None) -> tuple[int, int]:
        """Return how many files of one dataset or part were adopted, and how many of all are images or other data."""
        sql = (
            "SELECT COALESCE(SUM(origin = 'adopted'), 0), COALESCE(SUM(beside = 0), 0) FROM files"
            " WHERE dataset = ? AND part = ?"
        )
        adopted, images = self._database.rows(sql, (dataset, part or ""))[0]
        return int(adopted), int(images)

    def smallest_instance(self) -> int | None:
        """Return the size of the smallest DICOM object that is held, in bytes; None where none is."""
        found = self._database.rows("SELECT MIN(size) FROM files WHERE sop_instance IS NOT NULL")
        return int(found[0][0]) if found[0][0] is not None else None

    def terms(self, dataset: str | None = None) -> list[TermsSeen]:
        """Return the terms as they were seen, oldest first."""
        clause, values = where(dataset, ANY)
        sql = f"SELECT * FROM terms WHERE {clause} ORDER BY seen_at"  # noqa: S608 - ours
        return [rows.terms_seen(row) for row in self._database.rows(sql, values)]

    def events(self, dataset: str | None = None) -> list[Event]:
        """Return what people and time did, in order."""
        clause, values = ("dataset = ?", (dataset,)) if dataset is not None else ("1 = 1", ())
        sql = f"SELECT * FROM events WHERE {clause} ORDER BY seq"  # noqa: S608 - ours
        return [rows.event(row) for row in self._database.rows(sql, values)]

    def chain_faults(self) -> list[str]:
        """Return where the chain of events is broken, compared with the counts that are kept apart from it."""
        count, head = self._head()
        found = event_chain.faults(self.events(), count=count, head=head)
        lines, taken_over = journal.read(self._database.journal, only="events"), self._database.taken_over()
        noted = [row for _, values, end in lines if end <= taken_over for row in values]
        if not found and noted and (len(noted), noted[-1][-1]) != (count, head):
            found.append(f"{len(noted)} events are in the journal, {count} in the record")
        return found

    def faults(self) -> list[str]:
        """Return what is wrong with the database, its sums and its journal; reads all of it."""
        from fetchers.storage.record import consistency

        try:
            return list(consistency.faults(self._database))
        except StoreError as error:
            return [error.what]

    # --- writing

    def want(self, wanted: Iterable[Wanted]) -> None:
        """Write down what is to be fetched, or did not come. Only a plan: the journal need not know it."""
        planned = list({(row := rows.flat(one))[:3]: row for one in wanted}.values())  # the last word on a file counts
        if not planned:
            return
        with self._database.writing() as transaction:
            transaction.drop("wanted", planned)
            transaction.insert("wanted", planned)

    def record(self, arrivals: Sequence[Arrival], files: Sequence[HeldFile], events: Sequence[Event] = ()) -> None:
        """Record what is durably on the disk, with the events that brought it about; it is no longer wanted."""
        with self._database.writing() as transaction:
            if events:
                event_chain.add(transaction, events, *self._head())
            if files:
                transaction.note("files", [rows.file_row(held) for held in files])
            if arrivals:
                transaction.note("arrivals", [rows.flat(arrival) for arrival in arrivals])

    def rename(self, moves: Sequence[tuple[HeldFile, str]]) -> None:
        """Record that held files have other paths now."""
        with self._database.writing() as transaction:
            transaction.note("forget-files", [[row.dataset, row.part or "", row.path] for row, _ in moves])
            transaction.note("files", [rows.file_row(row._replace(path=path)) for row, path in moves])

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
            transaction.note("terms", [rows.flat(seen)])

    def append(self, events: Sequence[Event]) -> list[Event]:
        """Add events to the chain; gives them with their places and digests."""
        if not events:
            return []
        with self._database.writing() as transaction:
            return event_chain.add(transaction, events, *self._head())

    # --- inside

    def _head(self) -> tuple[int, str]:
        found = dict(self._database.rows("SELECT key, value FROM meta WHERE key IN ('events', 'head')"))
        return offset(found.get("events", 0)), str(found.get("head", event_chain.EMPTY))


def rebuild(store: Path) -> int:
    """Move the database aside and build it again from the journal; return the number of files that it records."""
    database = Database(store, write=True)
    database.close()
    database.put_aside()
    with Manifest.open(store, write=True) as manifest:
        return sum(row.files for row in manifest.holdings())
