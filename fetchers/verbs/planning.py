"""Which remote files are wanted and not here yet?"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING

from fetchers.checks.names import safe_path
from fetchers.errors import FetchError, NothingMatched
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.storage.manifest import Manifest
    from fetchers.verbs.wish import Wish


def chosen(files: Iterable[RemoteFile], wish: Wish, *, listed: bool) -> Iterator[RemoteFile]:
    """Keep what `--include`, `--exclude` and `--limit` leave, as a stream.

    The catalogue's own list (`listed`) was checked when it was read. Raises `ContentError` where a place names a file
    as no file may be named.
    """
    if not listed:
        files = (remote for remote in files if safe_path(remote.path))
    if wish.include:
        files = (remote for remote in files if _matches(remote.path, wish.include))
    if wish.exclude:
        files = (remote for remote in files if not _matches(remote.path, wish.exclude))
    return islice(files, wish.limit)


def _matches(path: str, globs: Iterable[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)


class Listing:
    """What of a listing is wanted and not held, as a stream; what ended it stands in `error` afterwards.

    A fault after the first rows must not undo what they brought, so nothing is raised while it is read.
    """

    def __init__(self, files: Iterable[RemoteFile], held: Held, *, force: bool) -> None:
        self._files = files
        self._held = held
        self._force = force
        self.matched = False
        self.error: FetchError | None = None

    def __iter__(self) -> Iterator[RemoteFile]:
        try:
            for remote in self._files:
                self.matched = True
                if self._force or remote not in self._held:
                    yield remote
        except FetchError as error:
            self.error = error
        if not self.matched and self.error is None:
            self.error = NothingMatched(
                "nothing matches: the selection leaves no file",
                hint="loosen --include, --exclude, --series ...; --dry-run shows what a selection brings",
            )


class Held:
    """What of one dataset or part is wholly here: recorded, and on the disk with the recorded size."""

    def __init__(self, store: Path, manifest: Manifest, dataset: Dataset) -> None:
        self._arrived: dict[str, str] = {}  # remote path -> SHA-256
        self._promised: dict[str, str | None] = {}  # where the place promised another checksum than that
        for path, checksum, sha256 in manifest.checksums(dataset.name, dataset.part):
            self._arrived[path] = sha256
            if checksum != f"sha256:{sha256}":
                self._promised[path] = checksum
        root = os.fspath(layout.root(store, dataset.name, dataset.part))
        broken = set()
        for path, size in manifest.each_size(dataset.name, dataset.part):
            try:
                if os.lstat(f"{root}/{path}").st_size == size:
                    continue
            except OSError:
                pass  # missing: its remote file is wanted again
            row = manifest.file(dataset.name, dataset.part, path)
            if row is not None:
                broken.add(row.remote)
        self._broken = broken

    def same(self, remote: RemoteFile, sha256: str) -> bool:
        """Whether exactly these bytes are held under the remote file's name."""
        return self._arrived.get(remote.path) == sha256 and remote.path not in self._broken

    def __contains__(self, remote: RemoteFile) -> bool:
        sha256 = self._arrived.get(remote.path)
        if sha256 is None or remote.path in self._broken:
            return False
        return remote.checksum in (None, f"sha256:{sha256}", self._promised.get(remote.path))
