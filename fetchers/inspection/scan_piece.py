"""One piece of a scan on a worker of a cluster: look through some folders for copies of what is held.

The worker reads the record; what it has read by itself of an interrupted scan is not remembered.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetchers.context import Context
from fetchers.errors import CatalogueError
from fetchers.inspection.scan_folder import FolderScanner
from fetchers.storage.record.manifest import Manifest
from fetchers.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.inspection.scan_folder import Seen
    from fetchers.inspection.scope import Subject
    from fetchers.records import Event
    from fetchers.source import Source

_here = (
    threading.local()
)  # the scanner of this thread: opening the record for each piece would cost more than the piece


class Manner(NamedTuple):
    """What all pieces of one scan share."""

    token: str  # this very scan
    home: str
    cache: str
    stamp: str
    who: str
    wanted: tuple[Subject, ...] | None
    events: tuple[Event, ...]


class _NothingSeen:
    """Stands for the notes of an interrupted scan, which the client keeps."""

    def seen(self, path: str, size: int, mtime_ns: int) -> bool:
        del path, size, mtime_ns
        return False

    def note(self, path: str, size: int, mtime_ns: int) -> None:
        del path, size, mtime_ns

    def flush(self) -> None:
        pass


def through(manner: Manner, folders: Sequence[str]) -> Seen:
    """Look at what lies in `folders`, not below them."""
    if getattr(_here, "token", None) != manner.token:
        _here.token, _here.scanner = manner.token, _scanner(manner)
    scanner: FolderScanner = _here.scanner
    with scanner:
        return scanner.through(folders)


def scanner_of(context: Context, manifest: Manifest) -> partial[FolderScanner]:
    """Return what makes a scanner for what is held now."""
    return partial(
        FolderScanner,
        context,
        sizes=manifest.all_sizes() - {0},  # all empty files are alike; that says nothing
        smallest=manifest.smallest_instance(),
    )


def _scanner(manner: Manner) -> FolderScanner:
    home = Path(manner.home)
    context = Context(
        workspace=open_workspace(home=home, cache=Path(manner.cache), environ={}, cwd=home),
        now=datetime.strptime(manner.stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        who=manner.who,
        environ={},
        load=_no_source,
    )
    manifest = Manifest.open(context.store, write=False)
    made = scanner_of(context, manifest)
    return made(manifest, wanted=manner.wanted, events=manner.events, checkpoint=_NothingSeen())


def _no_source(name: str) -> Source:
    raise CatalogueError(f"a scan asks no place, and {name} is one")
