"""Say which files a run is fetching, so that no other run on the store fetches them, too.

A run writes the paths that it takes into a file of its own, `.partial/<dataset>lease.<owner>`. That counts while its
owner lives and the file was touched within ten minutes; a dead owner's is as good as none. The short moment in which a
run reads the others' leases and writes its own is held by a lock. Where locks lie (Lustre, GPFS, some NFS), two runs
may take the same file: then it is fetched twice, and the results are right all the same.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from fetchers.storage import layout
from fetchers.storage.partial import ownership
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_BEAT = 10.0  # seconds between two signs of life
_PATIENCE = 2.0  # seconds in which the lock must be had; without it two runs may take the same file
_STEP = 0.01
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_END = b"\0"  # no path holds it


class Leases:
    """What one run takes of one dataset or part, and what others have taken."""

    def __init__(self, store: Path, prefix: str, owner: str, *, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._name = f"{prefix}lease."
        self._own = f"{layout.PARTIAL}/{self._name}{owner}"
        self._lock = f"{layout.LOCKS}/{prefix}.lock"
        self._now = now
        self._beat = 0.0

    def take(self, paths: Iterable[str]) -> set[str]:
        """Take files of the dataset; return those that another run that lives has taken already."""
        with suppress(OSError), SafeFolder(self._store) as folder, self._alone(folder):
            others = self._others(folder)
            mine = [path for path in paths if path not in others]
            if mine:
                descriptor = folder.open(self._own, _APPEND, folder.modes.own_file)
                try:
                    os.write(descriptor, _END.join([*(path.encode() for path in mine), b""]))
                finally:
                    os.close(descriptor)
            return others.intersection(paths) if others else set()
        return set()

    def others(self) -> set[str]:
        """Return the files that other runs have taken."""
        with suppress(OSError), SafeFolder(self._store) as folder:
            return self._others(folder)
        return set()

    def beat(self) -> None:
        """Renew the leases, if they are old enough."""
        now = self._now()
        if now - self._beat > _BEAT:
            self._beat = now
            with suppress(OSError), SafeFolder(self._store) as folder:
                descriptor = folder.open(self._own, os.O_WRONLY)
                try:
                    os.utime(descriptor)
                finally:
                    os.close(descriptor)

    def release(self) -> None:
        """Release all leases: the files are recorded, or have failed."""
        with suppress(OSError), SafeFolder(self._store) as folder:
            folder.unlink(self._own, missing_ok=True)

    def _others(self, folder: SafeFolder) -> set[str]:
        found: set[str] = set()
        for name, state in folder.scan(layout.PARTIAL):
            path = f"{layout.PARTIAL}/{name}"
            if not name.startswith(self._name) or path == self._own:
                continue
            if not ownership.is_left(name, state.st_mtime, self._now()):
                with suppress(OSError), folder.read(path) as file:
                    # A last path without its end was not written to its end.
                    found.update(one.decode(errors="replace") for one in file.read().split(_END)[:-1])
        return found

    @contextmanager
    def _alone(self, folder: SafeFolder) -> Iterator[None]:
        """Hold the lock for a moment, or go on without it where it cannot be had."""
        folder.make_all(layout.LOCKS, folder.modes.own_folder)
        descriptor = folder.open(self._lock, os.O_RDWR | os.O_CREAT, folder.modes.own_file)
        try:
            end = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    if time.monotonic() > end:
                        break
                    time.sleep(_STEP)
                else:
                    break
            yield
        finally:
            os.close(descriptor)
