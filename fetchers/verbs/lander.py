"""How does what arrived become held? stage -> judge -> publish -> commit the row; an archive is unpacked first.

One object of one process, beside the mover. It alone writes to the record while files arrive.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.checks import names
from fetchers.checks.guard import Guard
from fetchers.errors import ContentError, FetchError
from fetchers.storage import layout, publish, space
from fetchers.storage.hashes import Hashes
from fetchers.storage.manifest import Manifest
from fetchers.storage.partial import HEAD
from fetchers.storage.tree import remove_tree
from fetchers.verbs.entry import Entries, holds
from fetchers.verbs.manner import Manner, Parcel, Report, Sent, Sought
from fetchers.verbs.promise import archive_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from fetchers.holding import Arrival, Finding, HeldFile


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

    def group(self, sent: list[Sent]) -> Report:
        """Hold files of their own, each under its name or not at all."""
        report, parcels = Report(), list(map(Parcel._make, sent))
        paths = [self._entries.name(parcel.path) for parcel in parcels]
        pieces = [self._staged(parcel, path) for parcel, path in zip(parcels, paths, strict=True)]
        report.findings = self._entries.told()
        rows: dict[int, HeldFile] = {}
        told: dict[int, list[Finding]] = {}

        def judge() -> Iterator[publish.Piece | ContentError]:
            for number, (parcel, path, staged) in enumerate(zip(parcels, paths, pieces, strict=True)):
                try:
                    sha256 = self._sha256(parcel)
                    piece = staged._replace(sha256=sha256, replace=self._replaces(path, sha256))
                except ContentError as error:
                    report.wrong += 1
                    yield error
                else:
                    rows[number] = self._row(parcel, path, piece)
                    told[number] = self._entries.told()
                    yield piece

        for number, placed in enumerate(publish.publish(self._store, pieces, judge)):
            if placed.refused is not None:
                # What was found out about it is not true of the file that bears its name.
                told.pop(number, None)
                taken = rows.pop(number, None)
                report.failures.append((number, self._refusal(placed.refused) if taken else placed.refused))
            elif placed.mtime_ns != rows[number].mtime_ns:
                rows[number] = rows[number]._replace(mtime_ns=placed.mtime_ns)
        report.findings += chain.from_iterable(told.values())
        arrivals = [self._entries.arrival(parcels[number], row.sha256, [row]) for number, row in rows.items()]
        return self._ended(report, parcels, arrivals, list(rows.values()))

    def archive(self, sent: list[Sent]) -> Report:
        """Unpack, judge and publish one archive, all or nothing; its parts are sent in their order."""
        report, parcels = Report(), list(map(Parcel._make, sent))
        tree = Path(parcels[0].folder, "tree")
        try:
            held = self._unpacked(parcels, tree)
            placed = publish.publish(self._store, [piece for _, piece in held])
        except FetchError as error:
            report.failures += [(number, error) for number in range(len(parcels))]
            return self._ended(report, parcels, [], [])
        finally:
            remove_tree(tree)
        kept = [
            row._replace(mtime_ns=result.mtime_ns)
            for (row, _), result in zip(held, placed, strict=True)
            if result.refused is None
        ]
        report.failures += [(0, self._refusal(result.refused)) for result in placed if result.refused is not None]
        refused = {row.path for row, _ in held} - {row.path for row in kept}
        report.findings = [finding for finding in self._entries.told() if finding.path not in refused]
        # An archive of which a member found its name taken has not arrived: who brings it again is told again.
        whole = [] if report.failures else parcels
        arrivals = [
            self._entries.arrival(parcel, self._sha256(parcel), kept if parcel is parcels[0] else [])
            for parcel in whole
        ]
        return self._ended(report, parcels, arrivals, kept)

    def _unpacked(self, parcels: Sequence[Parcel], tree: Path) -> list[tuple[HeldFile, publish.Piece]]:
        from fetchers.storage import unpack as unpacking  # noqa: PLC0415 - a set of single files has no archive

        first = parcels[0]
        held: list[tuple[HeldFile, publish.Piece]] = []
        for member in unpacking.unpack(
            [self._whole(parcel.source) for parcel in parcels],
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
            path = self._entries.name(path)
            piece = self._piece(path, f"{tree}/{member.path}", member.size, member.sha256, member.mtime_ns)
            held.append((self._entries.held(first, path, piece, member.head), piece))
        self._entries.count(first, [row for row, _ in held])
        if self._manner.keep_archives:
            for parcel in parcels:
                path = self._entries.name(parcel.path)
                piece = self._staged(parcel, path)
                held.append((self._row(parcel, path, piece)._replace(beside=True), piece))
        return held

    def _staged(self, parcel: Parcel, path: str) -> publish.Piece:
        """Put the bytes of one file where they can be published from."""
        source, private = parcel.source, self._manner.private
        if isinstance(source, str):
            mtime = publish.adopt_modes(Path(source), private=private)
        else:
            body = source if isinstance(source, bytes) else self._memory[slice(*source)]
            source, mtime = publish.stage(self._store, body, private=private)
        return self._piece(path, source, parcel.size, parcel.sha256 or "", mtime)

    def _piece(self, path: str, source: str, size: int, sha256: str, mtime_ns: int) -> publish.Piece:
        return publish.Piece(
            source=source,
            target=f"{self._root}/{path}",
            sha256=sha256,
            size=size,
            mtime_ns=mtime_ns,
            private=self._manner.private,
            replace=self._replaces(path, sha256),
        )

    def _replaces(self, path: str, sha256: str) -> bool:
        """Whether what bears the name gives way: also where it has not the bytes that the record has, and these are."""
        if self._manner.replace or self._manner.origin == "downloaded":
            return self._manner.replace
        target = f"{self._root}/{path}"
        if not sha256 or not os.path.lexists(target) or os.path.isdir(target):  # noqa: PTH112 - see `publish.Piece`
            return False
        row = self._manifest.file(self._manner.dataset.name, self._manner.dataset.part, path)
        return row is not None and row.sha256 == sha256 and not holds(target, sha256)

    def _row(self, parcel: Parcel, path: str, piece: publish.Piece) -> HeldFile:
        source = parcel.source
        if isinstance(source, str):
            with open(source, "rb") as file:  # noqa: PTH123 - see `publish.Piece`
                head = file.read(HEAD)
        else:
            head = bytes((source if isinstance(source, bytes) else self._memory[slice(*source)])[:HEAD])
        return self._entries.held(parcel, path, piece, head)

    def _sha256(self, parcel: Parcel) -> str:
        """Give the hash of one file; raises `ContentError` where it is not the promised file."""
        source = parcel.source
        if parcel.sha256 is not None or isinstance(source, str):
            return parcel.sha256 or ""
        hashes = Hashes(parcel.checksum)
        hashes.update(source if isinstance(source, bytes) else self._memory[slice(*source)])
        hashes.check(parcel.size)
        return hashes.sha256

    def _whole(self, source: tuple[int, int] | bytes | str) -> bytes | Path:
        if isinstance(source, str):
            return Path(source)
        return source if isinstance(source, bytes) else bytes(self._memory[slice(*source)])

    def _refusal(self, error: ContentError) -> ContentError:
        """Word the refusal for a taken name: who adopts cannot replace what is held."""
        if self._manner.origin == "adopted":
            error.hint = "compare them; yours is where it was, and can be adopted under another name"
        return error

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
        report.findings += self._entries.told()
        return report
