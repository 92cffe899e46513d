"""How does one file become a row: judged, with what proved its end?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from fetchers.checks import container
from fetchers.checks.judge import Judgement, judge
from fetchers.holding import Arrival, Finding, HeldFile
from fetchers.storage import layout
from fetchers.verbs.promise import archive_kind, held_as_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from fetchers.checks.guard import Guard
    from fetchers.dataset import RemoteFile
    from fetchers.holding import Severity
    from fetchers.verbs.manner import Landed, Manner, Tally


class Entries:
    """Makes the rows of one dataset; what is to be said of a file goes into the tally."""

    def __init__(self, manner: Manner, tally: Tally, guard: Guard, stamp: str) -> None:
        self._manner = manner
        self._tally = tally
        self._guard = guard
        self._stamp = stamp

    def held(
        self, landed: Landed, *, path: str, size: int, sha256: str, head: bytes, source: str, mtime_ns: int
    ) -> HeldFile:
        """Judge one file and make its row; `head` are its first 64 KiB, `source` is all of it."""
        dataset, remote = self._manner.dataset, landed.remote
        if path == layout.TERMS and dataset.part is None:
            path = f"{path}.txt"
            self.find("renamed", "info", path, f"held under this name; {layout.TERMS} is the folder of the terms")
        judgement = judge(
            head,
            name=path,
            size=size,
            container=dataset.container,
            modalities=dataset.modalities,
            listing=remote.modality,
            open_=opener(source),
            guard=self._guard,
        )
        if held_as_archive(path, judgement.kind):
            judgement = Judgement(kind=judgement.kind, unverifiable=True)
        for problem in judgement.problems:
            self.find(problem.rule, problem.severity, path, problem.message, problem.hint)
        proof = _proof(landed)
        if proof == "unproven":
            self.find("unproven", "info", path, "nothing proves that this is the whole file: no length, no checksum")
        return HeldFile(
            dataset=dataset.name,
            part=dataset.part,
            path=path,
            size=size,
            sha256=sha256,
            mtime_ns=mtime_ns,
            kind=judgement.kind,
            origin=self._manner.origin,
            remote=remote.path,
            acquired_at=self._stamp,
            proof=proof,
            beside=judgement.beside,
            licence=remote.licence or dataset.licence,
            declared=remote.modality,
            header=judgement.header,
        )

    def arrival(self, landed: Landed, held: Sequence[HeldFile]) -> Arrival:
        """Make the row of a remote file that is wholly here."""
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
            arrived_at=self._stamp,
            validator=landed.validator,
        )

    def count(self, remote: RemoteFile, held: Sequence[HeldFile]) -> None:
        """Compare with the place's own count: gaps in a series' numbering prove nothing."""
        if remote.images is None:
            return
        found = sum(row.header is not None for row in held)
        if found < remote.images:
            self.find(
                "count-short",
                "error",
                remote.into or remote.path,
                f"{found} images arrived, the place counts {remote.images}",
                f"fetch get {self._manner.dataset.address} --force brings it again",
            )

    def find(self, rule: str, severity: Severity, path: str, message: str, hint: str | None = None) -> None:
        """Put a finding into the tally."""
        dataset = self._manner.dataset
        self._tally.findings.append(
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


def opener(source: bytes | str | Path) -> Callable[[], BinaryIO]:
    """Give what opens a file's content, wherever it is."""
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source)
    return lambda: open(source, "rb")  # noqa: PTH123 - a plain path in most cases


def _proof(landed: Landed) -> str:
    remote = landed.remote
    if remote.checksum is not None:
        return "checksum"
    if remote.size is not None or landed.length_known:
        return "size"
    kind = container.sniff(landed.partial.head, landed.partial.offset)
    return "format" if kind in container.END_PROVING or archive_kind(remote.joins or remote.path) else "unproven"
