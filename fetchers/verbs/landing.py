"""How does what arrived become held? unpack -> judge -> publish -> commit the row.

Runs in a thread of its own while the mover goes on: fsync, hashing and inflating let the interpreter go. Small files are
gathered into groups, since the durable end costs about the same for one as for four hundred.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Self

from fetchers.checks import container, names
from fetchers.checks.guard import Guard
from fetchers.checks.judge import judge
from fetchers.errors import FetchError
from fetchers.holding import Arrival, Finding, HeldFile
from fetchers.storage import layout, publish, space
from fetchers.storage import unpack as unpacking
from fetchers.verbs.promise import archive_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path
    from typing import BinaryIO

    from fetchers.checks.judge import Judgement
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.storage.manifest import Manifest
    from fetchers.storage.partial import Partial
    from fetchers.verbs.place import Place

_GROUP_FILES = 400
_GROUP_BYTES = 32 << 20
_GROUPS_WAITING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """One remote file that is here with all its bytes, and how its end is known."""

    remote: RemoteFile
    partial: Partial
    url: str  # secrets left out
    validator: str | None
    length_known: bool


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of it so far; written by the landing thread, read when it has ended."""

    files: int = 0
    bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    failures: list[tuple[RemoteFile, FetchError]] = field(default_factory=list)
    again: list[RemoteFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How files of one dataset are to be held."""

    dataset: Dataset
    private: bool
    unpack: bool = True
    keep_archives: bool = False
    replace: bool = False
    origin: str = "downloaded"


class Landing:
    """Takes what arrived, holds it, and counts. A context manager: leaving it waits for what is under way."""

    def __init__(self, place: Place, manifest: Manifest, manner: Manner) -> None:
        self.tally = Tally()
        self._place = place
        self._manifest = manifest
        self._manner = manner
        self._root = layout.root(place.store, manner.dataset.name, manner.dataset.part)
        self._group: list[Landed] = []
        self._group_bytes = 0
        self._joined: dict[str, list[Landed]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="landing")
        self._room = BoundedSemaphore(_GROUPS_WAITING)
        self._unforeseen: list[BaseException] = []
        self._guard = Guard()

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
        else:
            self._group.append(landed)
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

    # --- in the landing thread

    def _land_group(self, group: Sequence[Landed]) -> None:
        whole = [landed for landed in group if self._proven(landed)]
        pieces, held, arrivals = [], [], []
        for landed in whole:
            path = names.safe_path(landed.remote.path)
            partial = landed.partial
            source = partial.source
            pieces.append(self._piece(source, path, partial.sha256))
            judgement = self._judge(partial.head, path, partial.offset, landed.remote, _opener(source))
            held.append(self._held(path, partial.sha256, partial.offset, landed, judgement))
            arrivals.append(self._arrival(landed, [held[-1]]))
        placed = publish.publish(self._place.store, pieces)
        rows = []
        for landed, row, arrival, result in zip(whole, held, arrivals, placed, strict=True):
            if result.refused is not None:
                self._fail(landed, result.refused)
                continue
            rows.append((arrival, _with_time(row, result)))
            landed.partial.discard()
        self._commit([arrival for arrival, _ in rows], [row for _, row in rows])

    def _land_archive(self, pieces: Sequence[Landed], remote: RemoteFile) -> None:
        """Unpack, judge and publish one archive, all or nothing; `pieces` are its parts, in order."""
        tree = pieces[0].partial.tree
        try:
            held, placed = self._unpacked(pieces, remote, tree)
        except FetchError as error:
            for landed in pieces:
                self._fail(landed, error)
            return
        finally:
            unpacking.remove_tree(tree)
        refused = [result.refused for result in placed if result.refused is not None]
        kept = [_with_time(row, result) for row, result in zip(held, placed, strict=True) if result.refused is None]
        self._commit([self._arrival(landed, kept if landed is pieces[0] else []) for landed in pieces], kept)
        for error in refused:
            self._fail(pieces[0], error)
        for landed in pieces:
            landed.partial.discard()

    def _unpacked(
        self, pieces: Sequence[Landed], remote: RemoteFile, tree: Path
    ) -> tuple[list[HeldFile], list[publish.Placed]]:
        name = remote.joins or remote.path
        kind = archive_kind(name) or "zip"
        held: list[HeldFile] = []
        todo: list[publish.Piece] = []
        self._place.progress.begin(f"unpacking {name}")
        for member in unpacking.unpack(
            [landed.partial.source for landed in pieces],
            kind,
            tree,
            naming=names,
            private=self._manner.private,
            limits=unpacking.Limits(total=space.free(self._place.store)),
            hashes=remote.hashes,
        ):
            path = f"{remote.into}/{member.path}" if remote.into else member.path
            if member.skipped is not None:
                self._find("archive-member-left-out", "info", path, member.skipped)
                continue
            source = tree / member.path
            judgement = self._judge(member.head, path, member.size, remote, _opener(source))
            held.append(self._held(path, member.sha256, member.size, pieces[0], judgement))
            todo.append(self._piece(source, path, member.sha256))
        self._count(remote, held)
        if self._manner.keep_archives:
            for landed in pieces:
                partial = landed.partial
                path = names.safe_path(landed.remote.path)
                todo.append(self._piece(partial.source, path, partial.sha256))
                judgement = self._judge(partial.head, path, partial.offset, landed.remote, _opener(partial.source))
                held.append(self._held(path, partial.sha256, partial.offset, landed, judgement))
        return held, publish.publish(self._place.store, todo)

    def _proven(self, landed: Landed) -> bool:
        """Whether its end is the file's end; what only the format can prove is asked of the format."""
        remote, partial = landed.remote, landed.partial
        if landed.length_known or remote.checksum is not None or remote.size is not None:
            return True
        kind = container.sniff(partial.head, partial.offset)
        if kind not in container.END_PROVING:
            return True
        with _opener(partial.source)() as stream:
            whole = container.proves_end(kind, stream, partial.offset)
        if not whole:
            partial.discard()
            self.tally.again.append(remote)
        return whole

    def _proof(self, landed: Landed) -> str:
        remote = landed.remote
        if remote.checksum is not None:
            return "checksum"
        if remote.size is not None or landed.length_known:
            return "size"
        kind = container.sniff(landed.partial.head, landed.partial.offset)
        return "format" if kind in container.END_PROVING or archive_kind(remote.joins or remote.path) else "unproven"

    def _piece(self, source: bytes | Path, path: str, sha256: str) -> publish.Piece:
        return publish.Piece(
            source=source,
            target=self._root / path,
            sha256=sha256,
            private=self._manner.private,
            replace=self._manner.replace,
        )

    def _judge(self, head: bytes, path: str, size: int, remote: RemoteFile, open_: Callable[[], BinaryIO]) -> Judgement:
        dataset = self._manner.dataset
        judgement = judge(
            head,
            name=path,
            size=size,
            container=dataset.container,
            modalities=dataset.modalities,
            listing=remote.modality,
            open_=open_,
            guard=self._guard,
        )
        for problem in judgement.problems:
            self._find(problem.rule, problem.severity, path, problem.message, problem.hint)
        return judgement

    def _held(self, path: str, sha256: str, size: int, landed: Landed, judgement: Judgement) -> HeldFile:
        dataset, remote = self._manner.dataset, landed.remote
        proof = self._proof(landed)
        if proof == "unproven":
            self._find("unproven", "info", path, "nothing proves that this is the whole file: no length, no checksum")
        return HeldFile(
            dataset=dataset.name,
            part=dataset.part,
            path=path,
            size=size,
            sha256=sha256,
            mtime_ns=0,
            kind=judgement.kind,
            origin="adopted" if self._manner.origin == "adopted" else "downloaded",
            remote=remote.path,
            acquired_at=self._place.stamp,
            proof=proof,
            beside=judgement.beside,
            licence=remote.licence or dataset.licence,
            declared=remote.modality,
            header=judgement.header,
        )

    def _arrival(self, landed: Landed, held: Sequence[HeldFile]) -> Arrival:
        dataset, remote = self._manner.dataset, landed.remote
        return Arrival(
            dataset=dataset.name,
            part=dataset.part,
            path=remote.path,
            url=landed.url,
            size=landed.partial.offset,
            sha256=landed.partial.sha256,
            checksum=remote.checksum,
            files=len(held),
            images=remote.images,
            series=remote.series,
            licence=remote.licence or dataset.licence,
            arrived_at=self._place.stamp,
            validator=landed.validator,
        )

    def _count(self, remote: RemoteFile, held: Sequence[HeldFile]) -> None:
        """Compare with the place's own count: gaps in a series' numbering prove nothing."""
        if remote.images is None:
            return
        found = sum(row.header is not None for row in held)
        if found < remote.images:
            self._find(
                "count-short",
                "error",
                remote.into or remote.path,
                f"{found} images arrived, the place counts {remote.images}",
                f"fetch get {self._manner.dataset.address} --force brings it again",
            )

    def _commit(self, arrivals: Sequence[Arrival], rows: Sequence[HeldFile]) -> None:
        if arrivals:
            self._manifest.record(arrivals, rows)
        self.tally.files += len(rows)
        self.tally.bytes += sum(row.size for row in rows)
        self._place.progress.advance(files=len(arrivals))

    def _fail(self, landed: Landed, error: FetchError) -> None:
        self.tally.failures.append((landed.remote, error))
        landed.partial.discard()

    def _find(self, rule: str, severity: str, path: str, message: str, hint: str | None = None) -> None:
        dataset = self._manner.dataset
        self.tally.findings.append(
            Finding(
                rule=rule,
                severity="error" if severity == "error" else "warning" if severity == "warning" else "info",
                dataset=dataset.name,
                part=dataset.part,
                path=path,
                message=message,
                hint=hint,
            )
        )


def _nothing() -> None:
    """Come last in the landing thread's queue."""


def _opener(source: bytes | Path) -> Callable[[], BinaryIO]:
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source)
    return lambda: source.open("rb")


def _with_time(row: HeldFile, placed: publish.Placed) -> HeldFile:
    return replace(row, mtime_ns=placed.mtime_ns)
