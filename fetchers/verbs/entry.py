"""How does one file become a row: judged, with what proved its end?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from fetchers.checks import container
from fetchers.checks.judge import Judgement, judge
from fetchers.checks.names import shown
from fetchers.holding import Arrival, Finding, HeldFile, Wanted
from fetchers.storage import layout, publish
from fetchers.verbs.promise import archive_kind, held_as_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from fetchers.checks.guard import Guard
    from fetchers.holding import Severity
    from fetchers.storage.publish import Piece
    from fetchers.verbs.manner import Landed, Manner, Parcel, Sought


class Entries:
    """Makes the rows of one dataset; what is to be said of a file goes into `findings`."""

    def __init__(self, manner: Manner, guard: Guard, stamp: str) -> None:
        self.findings: list[Finding] = []
        self._manner = manner
        self._guard = guard
        self._stamp = stamp
        # A place's own files lie where it puts them; a person's folder may be called like a part by accident.
        parts = manner.dataset.parts if manner.origin == "adopted" and manner.dataset.part is None else ()
        self._parts = frozenset(part.part for part in parts)

    def told(self) -> list[Finding]:
        """Give what was to be said so far, once."""
        told, self.findings = self.findings, []
        return told

    def name(self, path: str) -> str:
        """Give the name under which a file is held: nearly always its own."""
        name, why = shown(path), "a hidden folder is what is under way"
        if name == layout.TERMS and self._manner.dataset.part is None:
            name, why = f"{name}.txt", f"{name} is the folder of the terms"
        elif self._parts and name.partition("/")[0] in self._parts and "/" in name:
            name, why = f"_{name}", "the folder of that name is the part's"
        if name != path:
            self.find("renamed", "info", name, f"held under this name, not as {path!r}; {why}")
        return name

    def held(self, parcel: Parcel, path: str, piece: Piece, head: bytes) -> HeldFile:
        """Judge one file, which is to be held as `path`, and make its row; `head` are its first 64 KiB."""
        dataset = self._manner.dataset
        judgement = judge(
            head,
            name=path,
            size=piece.size,
            container=dataset.container,
            modalities=dataset.modalities,
            listing=parcel.modality,
            open_=opener(piece.source),
            guard=self._guard,
        )
        if held_as_archive(path, judgement.kind):
            judgement = Judgement(kind=judgement.kind, unverifiable=True)
        for problem in judgement.problems:
            self.find(problem.rule, problem.severity, path, problem.message, problem.hint)
        proof = _proof(parcel, head)
        if proof == "unproven":
            self.find("unproven", "info", path, "nothing proves that this is the whole file: no length, no checksum")
        return HeldFile(
            dataset=dataset.name,
            part=dataset.part,
            path=path,
            size=piece.size,
            sha256=piece.sha256,
            mtime_ns=piece.mtime_ns,
            kind=judgement.kind,
            origin=self._manner.origin,
            remote=parcel.path,
            acquired_at=self._stamp,
            proof=proof,
            beside=judgement.beside,
            licence=parcel.licence or dataset.licence,
            declared=parcel.modality,
            header=judgement.header,
        )

    def arrival(self, parcel: Parcel, sha256: str, held: Sequence[HeldFile]) -> Arrival:
        """Make the row of a remote file that is wholly here, by its bytes' hash."""
        dataset = self._manner.dataset
        return Arrival(
            dataset=dataset.name,
            part=dataset.part,
            path=parcel.path,
            url=parcel.url,
            size=parcel.size,
            sha256=sha256,
            checksum=parcel.checksum,
            files=len(held),
            images=parcel.images,
            series=parcel.series,
            licence=parcel.licence or dataset.licence,
            arrived_at=self._stamp,
            validator=parcel.validator,
        )

    def wanted(self, sought: Sought) -> Wanted:
        """Make the row of a remote file that is not here."""
        dataset = self._manner.dataset
        return Wanted(
            dataset=dataset.name,
            part=dataset.part,
            path=sought.path,
            url=sought.url,
            size=sought.size,
            checksum=sought.checksum,
            state="queued" if sought.message is None else "failed",
            message=sought.message,
            at=self._stamp,
        )

    def count(self, parcel: Parcel, held: Sequence[HeldFile]) -> None:
        """Compare with the place's own count: gaps in a series' numbering prove nothing."""
        if parcel.images is None:
            return
        found = sum(row.header is not None for row in held)
        if found < parcel.images:
            self.find(
                "count-short",
                "error",
                parcel.into or parcel.path,
                f"{found} images arrived, the place counts {parcel.images}",
                f"fetch get {self._manner.dataset.address} --force brings it again",
            )

    def find(self, rule: str, severity: Severity, path: str, message: str, hint: str | None = None) -> None:
        """Put down a finding."""
        dataset = self._manner.dataset
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                dataset=dataset.name,
                part=dataset.part,
                path=path,
                message=message,
                hint=hint,
            )
        )


def proven(landed: Landed) -> bool:
    """Whether its end is the file's end; what only the format can prove is asked of the format."""
    remote, partial = landed.remote, landed.partial
    if landed.length_known or remote.checksum is not None or remote.size is not None:
        return True
    kind = container.sniff(partial.head, partial.offset)
    if kind not in container.END_PROVING:
        return True
    with opener(partial.source)() as stream:
        return container.proves_end(kind, stream, partial.offset)


def holds(path: str, sha256: str) -> bool:
    """Whether a regular file with these bytes stands at `path`."""
    try:
        return publish.sha256_of(path) == sha256
    except OSError:
        return False


def opener(source: bytes | str | Path) -> Callable[[], BinaryIO]:
    """Give what opens a file's content, wherever it is."""
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source)
    return lambda: open(source, "rb")  # noqa: PTH123 - a plain path in most cases


def _proof(parcel: Parcel, head: bytes) -> str:
    if parcel.checksum is not None:
        return "checksum"
    if parcel.promised is not None or parcel.length_known:
        return "size"
    kind = container.sniff(head, parcel.size)
    return "format" if kind in container.END_PROVING or archive_kind(parcel.joins or parcel.path) else "unproven"
