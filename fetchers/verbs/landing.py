"""How does what arrived become held? unpack -> judge -> publish -> commit the row.

Runs in a thread of its own while the mover goes on: fsync, hashing and inflating let the interpreter go. Small files
are gathered into groups, since the durable end costs about the same for one as for four hundred. They are hashed and
written out as they come, by the mover's thread: two busy threads that take turns at short calls cost more than one,
also where a call takes 256 KiB (2,000 such files: 1.2 s this way, 1.7 s where the landing thread hashes and writes).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from fetchers.checks import names
from fetchers.checks.guard import Guard
from fetchers.errors import FetchError
from fetchers.storage import layout, publish, space
from fetchers.storage import unpack as unpacking
from fetchers.verbs.entry import Entries, proven
from fetchers.verbs.manner import Landed, Manner, Tally
from fetchers.verbs.promise import archive_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from typing import Self

    from fetchers.dataset import RemoteFile
    from fetchers.holding import Arrival, HeldFile
    from fetchers.storage.manifest import Manifest
    from fetchers.verbs.place import Place

_GROUP_FILES = 1000
_GROUP_BYTES = 16 << 20
_GROUPS_WAITING = 1
_Staged = tuple[Landed, str, int]  # what arrived, the file it was written to, that file's mtime_ns


class Landing:
    """Takes what arrived, holds it, and counts. A context manager: leaving it waits for what is under way."""

    def __init__(self, place: Place, manifest: Manifest, manner: Manner) -> None:
        self.tally = Tally()
        self._place = place
        self._manifest = manifest
        self._manner = manner
        self._root = os.fspath(layout.root(place.store, manner.dataset.name, manner.dataset.part))
        self._group: list[_Staged] = []
        self._group_bytes = 0
        self._joined: dict[str, list[Landed]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="landing")
        self._room = BoundedSemaphore(_GROUPS_WAITING)
        self._unforeseen: list[BaseException] = []
        self._guard = Guard()
        self._entries = Entries(manner, self.tally, self._guard, place.stamp)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._flush()
        self._thread.shutdown(wait=True)
        self._guard.close()
        if self._unforeseen and exception[0] is None:
            raise self._unforeseen[0]

    def take(self, landed: Landed) -> None:
        """Take one file over from the mover; blocks only where the disk is slower than the line."""
        if landed.remote.joins is not None and self._manner.unpack:
            self._joined.setdefault(landed.remote.joins, []).append(landed)
        elif self._unpacks(landed):
            self._flush()
            self._submit(self._land_archive, [landed], landed.remote)
        elif not proven(landed):
            landed.partial.discard()
            self.tally.again.append(landed.remote)
        else:
            self._group.append((landed, *self._staged(landed)))
            self._group_bytes += landed.partial.offset
            if len(self._group) >= _GROUP_FILES or self._group_bytes >= _GROUP_BYTES:
                self._flush()

    def wait(self) -> None:
        """Wait until all that was taken over is held or has failed."""
        self._flush()
        self._thread.submit(_nothing).result()

    def finish_joined(self, missing: Callable[[str], bool]) -> None:
        """Put split archives together whose pieces are all here; `missing` says whether one did not come."""
        for name, pieces in self._joined.items():
            pieces.sort(key=lambda landed: landed.remote.path)
            if not missing(name):
                self._submit(self._land_archive, pieces, pieces[0].remote)
        self._joined.clear()

    # --- in the mover's thread

    def _unpacks(self, landed: Landed) -> bool:
        return self._manner.unpack and landed.remote.unpack and archive_kind(landed.remote.path) is not None

    def _flush(self) -> None:
        if self._group:
            group, self._group, self._group_bytes = self._group, [], 0
            self._submit(self._land_group, group)

    def _submit(self, work: Callable[..., None], *arguments: object) -> None:
        self._room.acquire()

        def done(future: Future[None]) -> None:
            self._room.release()
            error = future.exception()
            if error is not None:
                self._unforeseen.append(error)

        self._thread.submit(work, *arguments).add_done_callback(done)

    def _staged(self, landed: Landed) -> tuple[str, int]:
        source = landed.partial.source
        if isinstance(source, bytes):
            staged = publish.stage(self._place.store, source, private=self._manner.private)
            landed.partial.release()
            return staged
        return os.fspath(source), publish.adopt_modes(source, private=self._manner.private)

    # --- in the landing thread

    def _land_group(self, group: Sequence[_Staged]) -> None:
        held = [
            self._entries.held(
                landed,
                path=landed.remote.path,
                size=landed.partial.offset,
                sha256=landed.partial.sha256,
                head=landed.partial.head,
                source=source,
                mtime_ns=mtime,
            )
            for landed, source, mtime in group
        ]
        pieces = [self._piece(row, source) for row, (_, source, _) in zip(held, group, strict=True)]
        arrivals, rows = [], []
        for (landed, _, _), row, result in zip(group, held, publish.publish(self._place.store, pieces), strict=True):
            if result.refused is not None:
                self._fail(landed, result.refused)
                continue
            arrivals.append(self._entries.arrival(landed, [row]))
            rows.append(row if result.mtime_ns == row.mtime_ns else replace(row, mtime_ns=result.mtime_ns))
        self._commit(arrivals, rows)
        for landed, _, _ in group:
            landed.partial.discard()  # not before: what a large file left tells the next run that it is there

    def _land_archive(self, pieces: Sequence[Landed], remote: RemoteFile) -> None:
        """Unpack, judge and publish one archive, all or nothing; `pieces` are its parts, in order."""
        tree = pieces[0].partial.tree
        try:
            held = self._unpacked(pieces, remote, tree)
            placed = publish.publish(self._place.store, [self._piece(row, source) for row, source in held])
        except FetchError as error:
            for landed in pieces:
                self._fail(landed, error)
            return
        finally:
            unpacking.remove_tree(tree)
        kept = [
            replace(row, mtime_ns=result.mtime_ns)
            for (row, _), result in zip(held, placed, strict=True)
            if result.refused is None
        ]
        refused = [result.refused for result in placed if result.refused is not None]
        # An archive of which a member found its name taken has not arrived: who brings it again is told again.
        whole = [] if refused else pieces
        self._commit([self._entries.arrival(landed, kept if landed is pieces[0] else []) for landed in whole], kept)
        self.tally.failures.extend((remote, error) for error in refused)
        for landed in pieces:
            landed.partial.discard()

    def _unpacked(self, pieces: Sequence[Landed], remote: RemoteFile, tree: Path) -> list[tuple[HeldFile, str]]:
        name = remote.joins or remote.path
        held: list[tuple[HeldFile, str]] = []
        for member in unpacking.unpack(
            [landed.partial.source for landed in pieces],
            archive_kind(name) or "zip",
            tree,
            naming=names,
            private=self._manner.private,
            limits=unpacking.Limits(total=space.free(self._place.store)),
            hashes=remote.hashes,
        ):
            path = f"{remote.into}/{member.path}" if remote.into else member.path
            if member.skipped is not None:
                self._entries.find("archive-member-left-out", "info", path, member.skipped)
                continue
            source = f"{tree}/{member.path}"
            row = self._entries.held(
                pieces[0],
                path=path,
                size=member.size,
                sha256=member.sha256,
                head=member.head,
                source=source,
                mtime_ns=member.mtime_ns,
            )
            held.append((row, source))
        self._entries.count(remote, [row for row, _ in held])
        if self._manner.keep_archives:
            held += [self._kept(landed) for landed in pieces]
        return held

    def _kept(self, landed: Landed) -> tuple[HeldFile, str]:
        """Keep the archive itself beside what came out of it."""
        partial = landed.partial
        source, mtime = self._staged(landed)
        row = self._entries.held(
            landed,
            path=landed.remote.path,
            size=partial.offset,
            sha256=partial.sha256,
            head=partial.head,
            source=source,
            mtime_ns=mtime,
        )
        return replace(row, beside=True), source

    def _piece(self, row: HeldFile, source: str) -> publish.Piece:
        return publish.Piece(
            source=source,
            target=f"{self._root}/{row.path}",
            sha256=row.sha256,
            size=row.size,
            mtime_ns=row.mtime_ns,
            private=self._manner.private,
            replace=self._manner.replace,
        )

    def _commit(self, arrivals: Sequence[Arrival], rows: Sequence[HeldFile]) -> None:
        # Two files of the same name and content may come in one group: one row tells of both.
        rows = list({row.path: row for row in rows}.values())
        if arrivals or rows:
            self._manifest.record(list({arrival.path: arrival for arrival in arrivals}.values()), rows)
        self.tally.files += len(rows)
        self.tally.bytes += sum(row.size for row in rows)
        self._place.progress.advance(files=len(arrivals))

    def _fail(self, landed: Landed, error: FetchError) -> None:
        self.tally.failures.append((landed.remote, error))
        landed.partial.discard()


def _nothing() -> None:
    """Come last in the landing thread's queue."""
