"""How does what arrived become held? stage -> judge -> publish -> commit the row; an archive is unpacked first.

One object of one process, beside the mover. It alone writes to the record while files arrive.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.checks import names
from fetchers.checks.guard import Guard
from fetchers.errors import FetchError
from fetchers.storage import layout, publish, space
from fetchers.storage import unpack as unpacking
from fetchers.storage.manifest import Manifest
from fetchers.storage.partial import HEAD
from fetchers.verbs.entry import Entries
from fetchers.verbs.manner import Manner, Parcel, Report, Sought
from fetchers.verbs.promise import archive_kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from fetchers.holding import Arrival, HeldFile


class Lander:
    """Holds what arrived of one dataset. `memory` is where the bytes of small files lie. A context manager."""

    def __init__(self, store: Path, manner: Manner, stamp: str, memory: memoryview) -> None:
        self._store = store
        self._manner = manner
        self._memory = memory
        self._root = os.fspath(layout.root(store, manner.dataset.name, manner.dataset.part))
        self._stack = ExitStack()
        self._manifest = self._stack.enter_context(Manifest.open(store, write=True))
        self._entries = Entries(manner, self._stack.enter_context(Guard()), stamp)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def want(self, sought: list[Sought]) -> Report:
        """Write down what is to be brought, or did not come."""
        self._manifest.want(map(self._entries.wanted, sought))
        return Report()

    def group(self, parcels: list[Parcel]) -> Report:
        """Hold files of their own, each under its name or not at all."""
        report = Report()
        held, pieces = [], []
        for parcel in parcels:
            head, source, mtime = self._staged(parcel)
            row = self._entries.held(
                parcel,
                path=parcel.path,
                size=parcel.size,
                sha256=parcel.sha256,
                head=head,
                source=source,
                mtime_ns=mtime,
            )
            held.append(row)
            pieces.append(self._piece(row, source))
        arrivals, rows = [], []
        placed = publish.publish(self._store, pieces)
        for number, (parcel, row, result) in enumerate(zip(parcels, held, placed, strict=True)):
            if result.refused is not None:
                report.failures.append((number, result.refused))
                continue
            arrivals.append(self._entries.arrival(parcel, [row]))
            rows.append(row if result.mtime_ns == row.mtime_ns else row._replace(mtime_ns=result.mtime_ns))
        return self._ended(report, parcels, arrivals, rows)

    def archive(self, pieces: list[Parcel]) -> Report:
        """Unpack, judge and publish one archive, all or nothing; `pieces` are its parts, in order."""
        report = Report()
        tree = Path(pieces[0].folder, "tree")
        try:
            held = self._unpacked(pieces, tree)
            placed = publish.publish(self._store, [self._piece(row, source) for row, source in held])
        except FetchError as error:
            report.failures += [(number, error) for number in range(len(pieces))]
            return self._ended(report, pieces, [], [])
        finally:
            unpacking.remove_tree(tree)
        kept = [
            row._replace(mtime_ns=result.mtime_ns)
            for (row, _), result in zip(held, placed, strict=True)
            if result.refused is None
        ]
        refused = [result.refused for result in placed if result.refused is not None]
        report.failures += [(0, error) for error in refused]
        # An archive of which a member found its name taken has not arrived: who brings it again is told again.
        whole = [] if refused else pieces
        arrivals = [self._entries.arrival(piece, kept if piece is pieces[0] else []) for piece in whole]
        return self._ended(report, pieces, arrivals, kept)

    def _staged(self, parcel: Parcel) -> tuple[bytes, str, int]:
        """Give the first bytes of one file, the temporary file that it lies in by now, and its `mtime_ns`."""
        source, private = parcel.source, self._manner.private
        if isinstance(source, str):
            with open(source, "rb") as file:  # noqa: PTH123 - see `publish.Piece`
                head = file.read(HEAD)
            return head, source, publish.adopt_modes(Path(source), private=private)
        body = self._memory[slice(*source)] if isinstance(source, tuple) else memoryview(source)
        return bytes(body[:HEAD]), *publish.stage(self._store, body, private=private)

    def _whole(self, source: tuple[int, int] | bytes | str) -> bytes | Path:
        if isinstance(source, str):
            return Path(source)
        return source if isinstance(source, bytes) else bytes(self._memory[slice(*source)])

    def _unpacked(self, pieces: Sequence[Parcel], tree: Path) -> list[tuple[HeldFile, str]]:
        first = pieces[0]
        held: list[tuple[HeldFile, str]] = []
        for member in unpacking.unpack(
            [self._whole(piece.source) for piece in pieces],
            archive_kind(first.joins or first.path) or "zip",
            tree,
            naming=names,
            private=self._manner.private,
            limits=unpacking.Limits(total=space.free(self._store)),
            hashes=first.hashes,
        ):
            path = f"{first.into}/{member.path}" if first.into else member.path
            if member.skipped is not None:
                self._entries.find("archive-member-left-out", "info", path, member.skipped)
                continue
            source = f"{tree}/{member.path}"
            row = self._entries.held(
                first,
                path=path,
                size=member.size,
                sha256=member.sha256,
                head=member.head,
                source=source,
                mtime_ns=member.mtime_ns,
            )
            held.append((row, source))
        self._entries.count(first, [row for row, _ in held])
        if self._manner.keep_archives:
            held += [self._kept(piece) for piece in pieces]
        return held

    def _kept(self, piece: Parcel) -> tuple[HeldFile, str]:
        """Keep the archive itself beside what came out of it."""
        head, source, mtime = self._staged(piece)
        row = self._entries.held(
            piece, path=piece.path, size=piece.size, sha256=piece.sha256, head=head, source=source, mtime_ns=mtime
        )
        return row._replace(beside=True), source

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

    def _ended(
        self, report: Report, parcels: Sequence[Parcel], arrivals: Sequence[Arrival], rows: Sequence[HeldFile]
    ) -> Report:
        # Two files of the same name and content may come in one group: one row tells of both.
        rows = list({row.path: row for row in rows}.values())
        if rows or arrivals:
            self._manifest.record(list({arrival.path: arrival for arrival in arrivals}.values()), rows)
        for parcel in parcels:
            if not isinstance(parcel.source, tuple):
                # Not before: what a large file left tells the next run that it is there.
                shutil.rmtree(parcel.folder, ignore_errors=True)
        report.arrived, report.files, report.bytes = len(arrivals), len(rows), sum(row.size for row in rows)
        report.findings, self._entries.findings = self._entries.findings, []
        return report
