"""Decide under which name a file is held where another remote file has brought one of that name.

The same bytes are one copy. Other bytes are held below a folder named after their archive, or beside the file that has
the name, and the record keeps which came in what: a name is never given to two.

Of two archives of one run the earlier of the listing has the name, whichever comes first: two machines that fetch the
same have the same names.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from fetchers.checks.formats.archive_names import stem
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.dataset import Dataset
    from fetchers.records import HeldFile
    from fetchers.storage.record.manifest import Manifest
    from fetchers.storage.safe_folder import SafeFolder

_MOST = 1000  # names that are tried
_BELOW_A_FILE = 0  # no mode that anything has: there is a file where its folder should be


class Placement:
    """The names of one dataset's files below `root` in the store."""

    def __init__(self, manifest: Manifest, dataset: Dataset, store: SafeFolder, root: str) -> None:
        self._store = store
        self._manifest = manifest
        self._dataset = dataset
        self._root = root
        self.moves: list[tuple[HeldFile, str]] = []  # held files that give their name up, with their new one
        self._given: set[str] = set()  # names that were made for members of the archive that is at hand
        self._ranks: dict[str, int] = {}  # archives of this run -> where they stand in the listing
        self._absent: set[str] = set()  # folders that were not there when the archive at hand was begun with
        self.again = False  # whether the archive that is at hand has come before

    def begin(self, remote: str, rank: int) -> None:
        """Turn to another archive. One that is brought again looks for the names that its members have."""
        self._given.clear()
        self._absent.clear()
        self.moves.clear()
        self._ranks[remote] = rank
        self.again = bool(self._manifest.arrived(self._dataset.name, self._dataset.part, [remote]))

    def member(self, remote: str, path: str, sha256: str) -> str:
        """Return the name of an archive's member: its own, or one below a folder named after the archive."""
        if not self.again and path not in self._given:
            folder = path.rpartition("/")[0]
            if folder in self._absent or self._nothing_at(path):
                return path
        if self._may_have(remote, path, lambda: sha256) or self._yields(remote, path):
            return path
        return self._first(remote, (f"{folder}/{path}" for folder in _folders(remote)), lambda: sha256) or path

    def single(self, remote: str, path: str, sha256: Callable[[], str]) -> str:
        """Return the name of a file that came by itself: its own, unless another remote file's file has it."""
        if self._nothing_at(path) or self._may_have(remote, path, sha256):
            return path
        return self._first(remote, _beside(path), sha256) or path

    def _nothing_at(self, path: str) -> bool:
        try:
            return self._store.nothing_at(f"{self._root}/{path}")
        except FileNotFoundError:
            self._absent.add(path.rpartition("/")[0])
            return True
        except OSError:
            return self._mode(path) is None

    def _may_have(self, remote: str, path: str, sha256: Callable[[], str]) -> bool:
        """Return True unless the name is another remote file's, with other bytes, or a folder's, or below a file's."""
        if path in self._given:
            return False
        row = self._manifest.file(self._dataset.name, self._dataset.part, path)
        if row is not None:
            return row.remote == remote or row.sha256 == sha256()
        mode = self._mode(path)
        return mode is None or not (mode == _BELOW_A_FILE or stat.S_ISDIR(mode))

    def _mode(self, path: str) -> int | None:
        """Return the mode of what has the name, None where nothing has; raise `StoreError` for a link on the way."""
        try:
            return self._store.stat(f"{self._root}/{path}").st_mode
        except FileNotFoundError:
            return None
        except LinkInTheWayError as error:
            raise layout.disk_error(error, self._root) from error
        except OSError:
            return _BELOW_A_FILE

    def _yields(self, remote: str, path: str) -> bool:
        """Return True if what has the name came in an archive of this run that stands later in the listing."""
        row = self._manifest.file(self._dataset.name, self._dataset.part, path)
        if path in self._given or row is None or self._ranks.get(row.remote, -1) <= self._ranks[remote]:
            return False
        name = self._first(row.remote, (f"{folder}/{path}" for folder in _folders(row.remote)), lambda: row.sha256)
        if name is not None:
            self.moves.append((row, name))
        return name is not None

    def _first(self, remote: str, names: Iterator[str], sha256: Callable[[], str]) -> str | None:
        for name in names:
            if self._may_have(remote, name, sha256):
                self._given.add(name)
                return name
        return None


def _folders(remote: str) -> Iterator[str]:
    """Yield folders named after an archive: by its last name, by its whole path, by a number."""
    whole = stem(remote)
    name = whole.rpartition("/")[2]
    yield name
    yield whole.replace("/", "_")
    yield from (f"{name}~{number}" for number in range(2, _MOST))


def _beside(path: str) -> Iterator[str]:
    folder, slash, name = path.rpartition("/")
    head, dot, ending = name.partition(".") if not name.startswith(".") else (name, "", "")
    yield from (f"{folder}{slash}{head}~{number}{dot}{ending}" for number in range(2, _MOST))
