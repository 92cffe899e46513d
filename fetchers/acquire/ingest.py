"""Turn what arrived into held files: stage -> judge -> publish -> commit the row; an archive is unpacked first.

One object of one process, beside the downloader. It alone writes to the record while files arrive.
"""

from __future__ import annotations

import io
import stat
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any

from fetchers.acquire.archives import advice, kind_of, stays
from fetchers.acquire.generations import Generations
from fetchers.acquire.item_content import ItemContent
from fetchers.acquire.messages import IngestItem, IngestResult, PendingFile, Sent, StoreOptions
from fetchers.acquire.pairs import is_header
from fetchers.acquire.pins import check_members
from fetchers.acquire.placing import Placement
from fetchers.acquire.records import RowBuilder, holds
from fetchers.checks.dicom.header_process import HeaderProcess
from fetchers.checks.formats import safe_names
from fetchers.errors import ContentError, FetchError
from fetchers.storage import disk_space, layout
from fetchers.storage.archive.limits import Limits
from fetchers.storage.publish import publish
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.share import let_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from fetchers.records import Arrival, Finding, HeldFile


OpenRecord = Callable[[], AbstractContextManager[Any]]  # opens what stands for the record, where it is not written


class Ingest:
    """Holds what arrived of one dataset. `memory` is where the bytes of small files lie. A context manager."""

    def __init__(
        self, store: Path, options: StoreOptions, stamp: str, memory: memoryview, record: OpenRecord | None = None
    ) -> None:
        self._store = store
        self._options = options
        self._events = () if options.event is None else (options.event,)
        self._room = options.room
        self._root = layout.below(options.dataset.name, options.dataset.part)
        self._stack = ExitStack()
        self._folder = self._stack.enter_context(layout.opened(store))
        layout.make_root(self._folder, options.dataset.name, options.dataset.part, private=options.private)
        self._manifest = self._stack.enter_context(record() if record else Manifest.open(store, write=True))
        self._entries = RowBuilder(options, self._stack.enter_context(HeaderProcess()), stamp, self._folder.read)
        self._content = ItemContent(self._folder, memory)
        self._placement = Placement(self._manifest, options.dataset, self._folder, self._root)
        self._generations = Generations(self._manifest, options, self._folder, self._root, stamp)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def want(self, pending: list[PendingFile]) -> IngestResult:
        """Write down what is to be brought, or did not come."""
        self._manifest.want(map(self._entries.wanted, pending))
        return IngestResult()

    def group(self, sent: list[Sent]) -> IngestResult:
        """Hold files of their own, each under its name or not at all."""
        report, items = IngestResult(), list(map(IngestItem._make, sent))
        paths = list(map(self._single, items))
        pieces = [self._staged(item, path) for item, path in zip(items, paths, strict=True)]
        for item, path in zip(items, paths, strict=True):
            if is_header(path):  # before its voxels are judged, wherever they stand in the group
                self._entries.pairs.header(path, self._content.head(item))
        report.findings = self._entries.told()
        self._generations.look(paths)
        rows: dict[int, HeldFile] = {}
        told: dict[int, list[Finding]] = {}

        def judge() -> Iterator[publish.Piece | ContentError]:
            for number, (item, path, staged) in enumerate(zip(items, paths, pieces, strict=True)):
                try:
                    sha256 = self._content.checked(item)
                    replace = self._replaces(path, sha256)
                    piece = staged
                    if sha256 != staged.sha256 or replace != staged.replace:
                        piece = staged._replace(sha256=sha256, replace=replace)
                except ContentError as error:
                    report.wrong += 1
                    yield error
                    continue
                row = self._row(item, path, piece)
                if self._entries.refused is not None:
                    report.wrong += 1
                    report.findings += [one for one in self._entries.told() if one.severity == "error"]
                    yield self._entries.refused
                else:
                    rows[number] = row
                    told[number] = self._entries.told()
                    yield piece

        for number, placed in enumerate(publish.publish(self._folder, pieces, judge)):
            if placed.refused is not None:
                # What was found out about it is not true of the file that bears its name.
                told.pop(number, None)
                taken = rows.pop(number, None)
                report.failures.append((number, self._refusal(placed.refused) if taken else placed.refused))
            else:
                rows[number] = _stamped(rows[number], placed)
        report.findings += chain.from_iterable(told.values())
        arrivals = [self._entries.arrival(items[number], row.sha256, [row]) for number, row in rows.items()]
        return self._ended(report, items, arrivals, list(rows.values()))

    def _single(self, item: IngestItem) -> str:
        """Return the name of a file that came by itself."""
        path = self._entries.name(item.path)
        name = self._placement.single(item.path, path, lambda: self._content.digest(item))
        if name != path:
            self._entries.find("renamed", "info", name, f"held under this name: {path} came in another file")
        return name

    def _member(self, item: IngestItem, path: str, sha256: str) -> str:
        """Return the name of a member of an archive."""
        path = self._entries.name(path)
        name = self._placement.member(item.path, path, sha256)
        if name != path:
            what = f"held under this name: {item.path} and another archive both have {path}, with other bytes"
            self._entries.find("renamed", "info", name, what)
        return name

    def archive(self, sent: list[Sent]) -> IngestResult:
        """Unpack, judge and publish one archive, all or nothing; its parts are sent in their order."""
        report, items = IngestResult(), list(map(IngestItem._make, sent))
        tree = f"{self._folder.relative(items[0].folder)}/tree"
        try:
            held = self._unpacked(items, tree)
            self._make_room()
            self._generations.look([row.path for row, _ in held])
            placed = publish.publish(self._folder, [piece for _, piece in held])
        except FetchError as error:
            return self._turned_away(report, items, error)
        finally:
            self._folder.remove_tree(tree)
        kept = [_stamped(row, result) for (row, _), result in zip(held, placed, strict=True) if result.refused is None]
        report.failures += [(0, self._refusal(result.refused)) for result in placed if result.refused is not None]
        refused = {row.path for row, _ in held} - {row.path for row in kept}
        report.findings = [finding for finding in self._entries.told() if finding.path not in refused]
        # An archive of which a member found its name taken has not arrived: who brings it again is told again.
        whole = [] if report.failures else items
        arrivals = [
            self._entries.arrival(item, self._content.checked(item), kept if item is items[0] else []) for item in whole
        ]
        report.unpacked = sum(row.size for row in kept)
        if arrivals and self._placement.again:
            report.findings += self._generations.left_behind(items[0].path, arrivals[0].sha256, kept)
        return self._ended(report, items, arrivals, kept)

    def _turned_away(self, report: IngestResult, items: Sequence[IngestItem], error: FetchError) -> IngestResult:
        """Return why an archive is not unpacked; leave its bytes for a later run if they may be of use."""
        stay = stays(error, self._options, pinned=all(item.checksum is not None for item in items))
        told = advice(error, self._options, items[-1].joins or items[-1].path, kept=stay)
        report.failures += [(number, told) for number in range(len(items))]
        if not stay:
            report.wrong = len(items)
            return self._ended(report, items, [], [])
        for item in items:
            self._content.keep(item)
        return report

    def _unpacked(self, items: Sequence[IngestItem], tree: str) -> list[tuple[HeldFile, publish.Piece]]:
        from fetchers.storage.archive import unpack as unpacking

        first = items[0]
        self._placement.begin(first.path, first.rank)
        came_in = self._content.checked(first)
        held: list[tuple[HeldFile, publish.Piece]] = []
        guessed: defaultdict[str, list[str]] = defaultdict(list)
        for member in unpacking.unpack(
            [self._content.opened(item) for item in items],
            kind_of(first.joins or first.path, self._content.head(first)),
            self._store / tree,
            naming=safe_names,
            private=self._options.private,
            limits=self._limits(),
            hashes=first.hashes,
            store=self._store,
        ):
            path = f"{first.into}/{member.path}" if first.into else member.path
            if member.skipped is not None:
                self._entries.passed_over(first.path, path if member.path else None, member.skipped)
                continue
            if member.renamed is not None:
                self._entries.find("renamed", "info", path, member.renamed)
            if member.guessed is not None:
                guessed[member.guessed].append(path)
            path = self._member(first, path, member.sha256)
            piece = self._piece(path, f"{tree}/{member.path}", member.size, member.sha256, member.mtime_ns)
            row = self._entries.held(first, path, piece, member.head)
            held.append((row._replace(came_in=came_in), piece))
        if self._options.pins is not None:
            check_members(first.path, [row for row, _ in held], self._options.pins)
        for encoding, paths in guessed.items():
            what = f"the names of {len(paths)} members of {first.path} were read as {encoding}, which is a guess"
            self._entries.find("name-guessed", "info", paths[0], what)
        if self._room is not None:
            self._room -= sum(row.size for row, _ in held)
        held = self._counted(first, held)
        if self._options.keep_archives:
            for item in items:
                path = self._entries.name(item.path)
                piece = self._staged(item, path)
                held.append((self._row(item, path, piece)._replace(beside=True), piece))
        return held

    def _limits(self) -> Limits:
        return Limits(free=disk_space.free(self._store), budget=self._room, unpacked=self._options.max_unpacked)

    def _counted(
        self, item: IngestItem, held: list[tuple[HeldFile, publish.Piece]]
    ) -> list[tuple[HeldFile, publish.Piece]]:
        """Record it with the first file if there are fewer images than the archive counts."""
        short = self._entries.count(item, [row for row, _ in held])
        if not short or not held:
            return held
        (row, piece), *others = held
        return [(row._replace(findings=(*(row.findings or ()), *short)), piece), *others]

    def _make_room(self) -> None:
        """Rename held files whose names belong to an archive that is earlier in the listing."""
        moves = self._placement.moves
        if not moves:
            return
        renamed = [(f"{self._root}/{row.path}", f"{self._root}/{name}") for row, name in moves]
        publish.move(self._folder, renamed, private=self._options.private)
        self._manifest.rename(moves)
        for row, name in moves:
            what = f"held under this name: {row.remote} and another archive both have {row.path}, with other bytes"
            self._entries.find("renamed", "info", name, what)

    def _staged(self, item: IngestItem, path: str) -> publish.Piece:
        """Write the bytes of one file to where they can be published from."""
        body, private = self._content.body(item), self._options.private
        if body is None:
            source = self._folder.relative(str(item.source))
            mtime = publish.adopt_modes(self._folder, source, private=private)
        else:
            source, mtime = publish.stage(self._folder, body, private=private)
        return self._piece(path, source, item.size, item.sha256 or "", mtime)

    def _piece(self, path: str, source: str, size: int, sha256: str, mtime_ns: int) -> publish.Piece:
        return publish.Piece(
            source=source,
            target=f"{self._root}/{path}",
            sha256=sha256,
            size=size,
            mtime_ns=mtime_ns,
            private=self._options.private,
            replace=self._replaces(path, sha256),
        )

    def _replaces(self, path: str, sha256: str) -> bool:
        """Return True if the file of that name may be replaced, also because it lacks the recorded bytes."""
        if self._options.replace or self._options.origin == "downloaded":
            return self._options.replace
        target = f"{self._root}/{path}"
        try:
            if not sha256 or stat.S_ISDIR(self._folder.stat(target).st_mode):
                return False
        except OSError:
            return False
        row = self._manifest.file(self._options.dataset.name, self._options.dataset.part, path)
        return row is not None and row.sha256 == sha256 and not holds(self._folder, target, sha256)

    def _row(self, item: IngestItem, path: str, piece: publish.Piece) -> HeldFile:
        body = self._content.body(item)
        open_ = None if body is None else lambda: io.BytesIO(body)
        return self._entries.held(item, path, piece, self._content.head(item), open_)

    def settle(self, _nothing: list[object]) -> IngestResult:
        """Report the volumes that lack their other half, at the end of the run."""
        report = IngestResult()
        rows = list(self._entries.pairs.settled(self._manifest, self._folder, self._root, self._entries.find))
        if rows:
            self._manifest.record([], rows)
        report.findings = self._entries.told()
        return report

    def _refusal(self, error: FetchError) -> FetchError:
        """Return the error for a name that is taken: `adopt` cannot replace what is held."""
        if self._options.origin == "adopted" and isinstance(error, ContentError):
            error.hint = "compare them; yours is where it was, and can be adopted under another name"
        return error

    def _ended(
        self, report: IngestResult, items: Sequence[IngestItem], arrivals: Sequence[Arrival], rows: Sequence[HeldFile]
    ) -> IngestResult:
        # Two files of the same name and content may come in one group: one row tells of both.
        rows = list({row.path: row for row in rows}.values())
        if rows or arrivals:
            if self._options.private and self._options.readers is not None:
                let_read(self._folder, self._root, [row.path for row in rows], self._options.readers)
            events, self._events = self._events if rows else (), () if rows else self._events
            replaced, findings = self._generations.replaced(rows)
            self._manifest.record(
                list({arrival.path: arrival for arrival in arrivals}.values()), rows, (*events, *replaced)
            )
            report.findings += findings
        for item in items:
            if not isinstance(item.source, tuple):
                # Not before: what a large file left tells the next run that it is there.
                self._folder.remove_tree(self._folder.relative(item.folder))
        report.lost = sum(items[number].size for number in {number for number, _ in report.failures})
        report.arrived, report.files, report.bytes = len(arrivals), len(rows), sum(row.size for row in rows)
        report.findings += self._entries.told()
        return report


def _stamped(row: HeldFile, placed: publish.Placed) -> HeldFile:
    return row._replace(mtime_ns=placed.mtime_ns, ctime_ns=placed.ctime_ns, inode=placed.inode)
