"""Search folders outside the store for copies of what is held.

Every file below the scanned folders is looked at (`looking`), each folder once, in processes where there are many.
Links are not followed, the store itself is left out, nothing of theirs is touched. A scan that was interrupted does not
read again what it had read (`storage.checkpoint`).
"""

from __future__ import annotations

import os
import secrets
import stat
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from fetchers.inspection import scan_piece
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.scan_checkpoint import Checkpoint
from fetchers.workers import pool as cores
from fetchers.workers.fork_safety import may_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from fetchers.context import Context
    from fetchers.inspection.scan_folder import FolderScanner, Seen
    from fetchers.inspection.scope import Subject
    from fetchers.records import Event, Finding
    from fetchers.workers.cluster_executor import ClusterExecutor

_MANY = 2000  # files from which on processes pay for their start
_FOLDERS = 8  # folders per piece of work; fewer towards the end, so that all end together


class Scan:
    """One scan. `files` counts the files that were looked at; members of archives are not among them.

    `beside` is done once, by whoever has time, and its findings stand in `also` when the scan has ended.
    """

    def __init__(
        self,
        context: Context,
        manifest: Manifest,
        wanted: Sequence[Subject] | None,
        events: Sequence[Event] = (),
        beside: Callable[[Manifest], Iterable[Finding]] = lambda _: (),
    ) -> None:
        self.files = 0
        self.also: list[Finding] = []
        self._context = context
        self._manifest = manifest
        self._beside = beside
        self._checkpoint = Checkpoint(context.workspace.home)
        self._wanted, self._events = wanted, events
        made = scan_piece.scanner_of(context, manifest)
        self._look = partial(made, wanted=wanted, events=events, checkpoint=self._checkpoint)
        self._here = self._look(manifest)
        self._waiting: list[str] = []
        self._seen = {_identity(context.store)}

    def run(self, folders: Sequence[Path], executor: ClusterExecutor | None = None) -> Iterator[Finding]:
        """Yield what is found below `folders`; with an `executor` its workers look."""
        self._context.progress.begin("scanning")
        store = f"{os.path.realpath(self._context.store)}{os.sep}"
        self._waiting = [os.fspath(root) for root in reversed(folders) if not os.path.realpath(root).startswith(store)]
        try:
            if executor is not None:
                yield from self._in_cluster(executor)
                return
            with self._checkpoint, self._here:
                while self._waiting and (self.files < _MANY or not may_fork()):
                    yield from self._taken(self._here.through(self._next(1)))
                if self._waiting:
                    yield from self._together()
                else:
                    self.also = list(self._beside(self._manifest))
        finally:
            self._context.progress.end()

    def _together(self) -> Iterator[Finding]:
        """Continue in processes, a few folders each, in the order in which they were handed out."""
        with cores.processes(self._looker) as pool:
            also = pool.submit(_Looker.beside)
            yield from self._spread(lambda folders: pool.submit(_Looker.through, folders), cores.COUNT, cores.AHEAD)
            self.also = also.result()

    def _in_cluster(self, executor: ClusterExecutor) -> Iterator[Finding]:
        """Scan with the workers of a cluster; they read the record by themselves."""
        context = self._context
        manner = scan_piece.Manner(
            token=secrets.token_hex(8),
            home=os.fspath(context.workspace.home.resolve()),
            cache=os.fspath(context.store.resolve()),
            stamp=context.stamp,
            who=context.who,
            wanted=None if self._wanted is None else tuple(self._wanted),
            events=tuple(self._events),
        )
        self._waiting = [os.path.abspath(folder) for folder in self._waiting]  # noqa: PTH100 - a link stays one
        yield from self._spread(
            lambda folders: executor.submit(scan_piece.through, manner, folders), executor.threads, executor.ahead
        )
        self.also = list(self._beside(self._manifest))

    def _spread(self, submit: Callable[[list[str]], cores.Promised[Seen]], count: int, ahead: int) -> Iterator[Finding]:
        """Hand out folders, a bounded number of pieces ahead; yield what is found in the order of handing out."""
        under_way: deque[cores.Promised[Seen]] = deque()
        while self._waiting or under_way:
            while self._waiting and len(under_way) < ahead:
                share = len(self._waiting) // (4 * count)
                under_way.append(submit(self._next(min(max(share, 1), _FOLDERS))))
            yield from self._taken(under_way.popleft().result())

    def _next(self, most: int) -> list[str]:
        """Take some folders that wait, each once however it is reached."""
        folders: list[str] = []
        while self._waiting and len(folders) < most:
            folder = self._waiting.pop()
            identity = _identity(folder)
            if identity is None:
                folders.append(folder)  # it cannot be asked who it is: whoever looks into it says why
            elif identity not in self._seen:
                self._seen.add(identity)
                folders.append(folder)
        return folders

    def _taken(self, seen: Seen) -> list[Finding]:
        self.files += seen.files
        self._waiting += seen.folders
        self._context.progress.advance(files=seen.files)
        return seen.findings

    def _looker(self) -> _Looker:
        """Open the same in a process of its own: a connection to the record cannot be shared."""
        manifest = Manifest.open(self._context.store, write=False)
        return _Looker(manifest, self._look(manifest), self._beside)


class _Looker:
    """Looks through folders in a process of its own. A context manager."""

    def __init__(
        self, manifest: Manifest, look: FolderScanner, beside: Callable[[Manifest], Iterable[Finding]]
    ) -> None:
        self._manifest = manifest
        self._look = look
        self._beside = beside

    def __enter__(self) -> Self:
        self._look.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._look.__exit__(*exception)
        self._manifest.__exit__(*exception)

    def through(self, folders: Sequence[str]) -> Seen:
        return self._look.through(folders)

    def beside(self) -> list[Finding]:
        return list(self._beside(self._manifest))


def _identity(path: Path | str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - once for each folder of a large tree
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None
