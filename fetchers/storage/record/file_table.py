"""Read the record as a table of files: in blocks, by the archive they came in, by what several datasets have."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from fetchers.records import FILE_COLUMNS
from fetchers.storage.record.overlaps import shared_images

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fetchers.storage.record.database import Database

PAGE = 5000  # rows at a time: a reader must not hold the lock while the caller works
_BLOCK = 10_000  # files of one block of the table: larger ones are hardly faster and take hundreds of MiB


class FileTable:
    """The held files of one store, as a table."""

    _database: Database

    def blocks(self, dataset: str, part: str | None) -> Iterator[list[tuple[Any, ...]]]:
        """Yield `FILE_COLUMNS` of what is held of one dataset or part, in order of the paths, a block at a time."""
        named = {"rows": "image_rows", "columns": "image_columns"}
        columns = ", ".join(named.get(name, name) for name in FILE_COLUMNS)
        return self._pages(columns, "files", dataset, part, _BLOCK)

    def addresses(self, dataset: str, part: str | None) -> dict[str, tuple[str, str]]:
        """Return url and SHA-256 of what arrived of one dataset or part, by the remote file's path."""
        sql = "SELECT path, url, sha256 FROM arrivals WHERE dataset = ? AND part = ?"
        return {path: (url, sha256) for path, url, sha256 in self._database.rows(sql, (dataset, part or ""))}

    def came_in(self, dataset: str, part: str | None) -> Iterator[tuple[str, str]]:
        """Yield what is held of one dataset or part, in order of the paths: path, and the remote file it came in."""
        return self._rows("path, remote", "files", dataset, part)

    def images(self, dataset: str, part: str | None) -> Iterator[tuple[str, int, str, str]]:
        """Yield what is held of one dataset or part and is no readme, in order: path, bytes, SHA-256, kind."""
        found = self._rows("path, size, sha256, kind, beside", "files", dataset, part)
        return (row[:4] for row in found if not row[4] and row[1])

    def decoded(self) -> set[str]:
        """Return the SHA-256 of the files of which the pixels were decoded, or cannot be."""
        return {sha256 for (sha256,) in self._database.rows("SELECT sha256 FROM pixels")}

    def summed(self, dataset: str, part: str | None) -> tuple[int, int, int, int, int, int, str, str]:
        """Return what is held: files, bytes, images, patients, studies, series, the first day and the last one."""
        sql = (
            "SELECT COUNT(*), COALESCE(SUM(size), 0), SUM(beside = 0), COUNT(DISTINCT patient), COUNT(DISTINCT study),"
            " COUNT(DISTINCT series), MIN(acquired_at), MAX(acquired_at) FROM files WHERE dataset = ? AND part = ?"
        )
        (row,) = self._database.rows(sql, (dataset, part or ""))
        return (*row[:2], row[2] or 0, *row[3:6], str(row[6] or "")[:10], str(row[7] or "")[:10])

    def modalities(self, dataset: str, part: str | None) -> dict[str, int]:
        """Return how many held files of one dataset or part name which modality."""
        sql = (
            "SELECT modality, COUNT(*) FROM files WHERE dataset = ? AND part = ? AND modality IS NOT NULL"
            " GROUP BY modality ORDER BY modality"
        )
        return dict(self._database.rows(sql, (dataset, part or "")))

    def members(self, dataset: str, part: str | None) -> Iterator[tuple[str, str, int, str]]:
        """Yield what is held of one dataset or part, in order of the paths: path, SHA-256, bytes, remote file."""
        return self._rows("path, sha256, size, remote", "files", dataset, part)

    def shared(self, same: str, *, alone: bool = False) -> Iterator[tuple[str, str, str, str]]:
        """Yield key, dataset, part, path of images that several datasets or parts have, in order of the keys.

        `same` says what is the same: `files` (bytes), `instances` (SOP Instance UID) or `pixels`. With `alone` what one
        has alone is told, too.
        """
        return iter(self._database.rows(shared_images(same, alone=alone)))

    def pixels(self) -> dict[str, str]:
        """Return the hash of the decoded pixels by the SHA-256 of a file, as far as they were compared."""
        return dict(self._database.rows("SELECT sha256, pixels FROM pixels WHERE pixels IS NOT NULL"))

    def selections(self, dataset: str, part: str | None) -> list[str]:
        """Return what was selected of one dataset or part when files of it came, a text for each."""
        sql = "SELECT selection FROM selections WHERE dataset = ? AND part = ? ORDER BY selection"
        return [text for (text,) in self._database.rows(sql, (dataset, part or ""))]

    def note_selection(self, dataset: str, part: str | None, selection: str) -> None:
        """Remember what was selected; the journal need not know it."""
        if selection in self.selections(dataset, part):
            return
        with self._database.writing() as transaction:
            # Another command may have noted the same since.
            transaction.execute("INSERT OR IGNORE INTO selections VALUES (?, ?, ?)", (dataset, part or "", selection))

    def _rows(self, columns: str, table: str, dataset: str, part: str | None) -> Iterator[Any]:
        """Return rows by their path, a page at a time: a hundred thousand at once would double what they take."""
        return chain.from_iterable(self._pages(columns, table, dataset, part))

    def _pages(self, columns: str, table: str, dataset: str, part: str | None, size: int = 0) -> Iterator[list[Any]]:
        which = "dataset = ? AND part = ? AND path > ?"
        sql = f"SELECT {columns} FROM {table} WHERE {which} ORDER BY path LIMIT {size or PAGE}"  # noqa: S608 - ours
        last = ""
        while page := self._database.rows(sql, (dataset, part or "", last)):
            yield page
            last = page[-1][0]

    def note_pixels(self, found: Iterable[tuple[str, str | None]]) -> None:
        """Remember the hash of decoded pixels by the SHA-256 of a file; None: they could not be decoded."""
        rows = list(dict(found).items())
        with self._database.writing() as transaction:
            known = {sha256 for (sha256,) in transaction.execute("SELECT sha256 FROM pixels")}
            transaction.insert("pixels", [row for row in rows if row[0] not in known])
