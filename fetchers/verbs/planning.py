"""Which remote files are wanted and not here yet?"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING

from fetchers.checks.names import safe_path
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.holding import Arrival
    from fetchers.storage.manifest import Manifest
    from fetchers.verbs.wish import Wish


def chosen(files: Iterable[RemoteFile], wish: Wish) -> Iterator[RemoteFile]:
    """Keep what `--include`, `--exclude` and `--limit` leave, as a stream.

    Raises `ContentError` where a place names a file as no file may be named.
    """
    return islice((remote for remote in files if safe_path(remote.path) and _passes(remote.path, wish)), wish.limit)


def _passes(path: str, wish: Wish) -> bool:
    if wish.include and not _matches(path, wish.include):
        return False
    return not _matches(path, wish.exclude)


def _matches(path: str, globs: Iterable[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)


class Held:
    """What of one dataset or part is wholly here: recorded, and on the disk with the recorded size."""

    def __init__(self, store: Path, manifest: Manifest, dataset: Dataset) -> None:
        self._arrivals: Mapping[str, Arrival] = manifest.arrivals(dataset.name, dataset.part)
        root = os.fspath(layout.root(store, dataset.name, dataset.part))
        broken = set()
        for path, (size, _) in manifest.sizes(dataset.name, dataset.part).items():
            try:
                if os.stat(f"{root}/{path}", follow_symlinks=False).st_size == size:  # noqa: PTH116 - 100,000 times a run
                    continue
            except OSError:
                pass  # missing: its remote file is wanted again
            row = manifest.file(dataset.name, dataset.part, path)
            if row is not None:
                broken.add(row.remote)
        self._broken = broken

    def same(self, remote: RemoteFile, sha256: str) -> bool:
        """Whether exactly these bytes are held under the remote file's name."""
        arrival = self._arrivals.get(remote.path)
        return arrival is not None and arrival.sha256 == sha256 and remote.path not in self._broken

    def __contains__(self, remote: RemoteFile) -> bool:
        arrival = self._arrivals.get(remote.path)
        if arrival is None or remote.path in self._broken:
            return False
        return remote.checksum is None or remote.checksum.lower() in (
            arrival.checksum and arrival.checksum.lower(),
            f"sha256:{arrival.sha256}",
        )
