"""What a worker of a cluster would write into the record, kept in its order for the client, who is its one writer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fetchers.records import Arrival, Event, HeldFile, Wanted

Calls = list[tuple[str, tuple[Any, ...]]]  # the names of the record's methods, and their arguments
_WRITES = frozenset({"want", "record", "rename", "forget"})


class RecordBuffer:
    """Stands for the record while one piece of one dataset is brought: knows what it was told to write."""

    def __init__(self, manifest: Manifest, calls: Calls) -> None:
        self._manifest = manifest
        self._calls = calls
        self._rows: dict[str, HeldFile | None] = {}  # None: forgotten
        self._arrivals: dict[str, Arrival] = {}

    def want(self, wanted: Iterable[Wanted]) -> None:
        """Keep what is to be brought."""
        self._calls.append(("want", (list(wanted),)))

    def record(self, arrivals: Sequence[Arrival], files: Sequence[HeldFile], events: Sequence[Event] = ()) -> None:
        """Keep what arrived."""
        self._calls.append(("record", (list(arrivals), list(files), tuple(events))))
        self._rows.update((row.path, row) for row in files)
        self._arrivals.update((one.path, one) for one in arrivals)

    def rename(self, moves: Sequence[tuple[HeldFile, str]]) -> None:
        """Keep that held files have other paths now."""
        self._calls.append(("rename", (list(moves),)))
        self._rows.update((row.path, None) for row, _ in moves)
        self._rows.update((path, row._replace(path=path)) for row, path in moves)

    def forget(self, dataset: str, part: str | None, paths: Sequence[str] | None = None) -> None:
        """Keep that some files are gone."""
        self._calls.append(("forget", (dataset, part, paths)))
        self._rows.update((path, None) for path in paths or ())

    def file(self, dataset: str, part: str | None, path: str) -> HeldFile | None:
        """Return the row of one file."""
        return self._rows[path] if path in self._rows else self._manifest.file(dataset, part, path)

    def hashes(self, dataset: str, part: str | None, paths: Sequence[str]) -> dict[str, str]:
        """Return the SHA-256 of those of `paths` that are held."""
        found = self._manifest.hashes(dataset, part, paths)
        for path in paths:
            row = self._rows.get(path)
            if row is not None:
                found[path] = row.sha256
            elif path in self._rows:
                found.pop(path, None)
        return found

    def arrived(self, dataset: str, part: str | None, paths: Sequence[str]) -> list[tuple[str, str | None, str]]:
        """Return path, checksum and SHA-256 of those of `paths` that arrived."""
        own = [(one.path, one.checksum, one.sha256) for path in paths if (one := self._arrivals.get(path))]
        others = [path for path in paths if path not in self._arrivals]
        return own + (self._manifest.arrived(dataset, part, others) if others else [])

    def brought_by(self, dataset: str, part: str | None, remote: str) -> list[tuple[str, str | None]]:
        """Return what came in one remote file: path, and the SHA-256 of the archive that brought it."""
        before = [one for one in self._manifest.brought_by(dataset, part, remote) if one[0] not in self._rows]
        rows = [row for row in self._rows.values() if row is not None and row.remote == remote]
        return before + [(row.path, row.came_in) for row in rows]


@contextmanager
def buffered(store: Path, calls: Calls) -> Iterator[RecordBuffer]:
    """Open the record of a store to be read, and let `calls` grow by what would be written."""
    with Manifest.open(store, write=False) as manifest:
        yield RecordBuffer(manifest, calls)


def carry_out(manifest: Manifest, calls: Calls) -> None:
    """Write what a worker kept. Raise `ValueError` for what no worker of ours keeps."""
    for name, args in calls:
        if name not in _WRITES:
            raise ValueError(f"{name} is no write of the record")
        getattr(manifest, name)(*args)
