"""Make the row of a file: its kind, what is wrong with it, and what proved its end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fetchers.acquire.pairs import Pairs
from fetchers.checks.formats import completeness, sniff
from fetchers.checks.formats.archive_names import archive_kind, held_as_archive
from fetchers.checks.formats.classify import Judgement, judge
from fetchers.checks.formats.safe_names import shown
from fetchers.errors import ContentError
from fetchers.records import Arrival, HeldFile, Problem, Wanted
from fetchers.storage import layout
from fetchers.storage.patient_key import keyed
from fetchers.storage.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from fetchers.acquire.messages import IngestItem, PendingFile, StoreOptions
    from fetchers.checks.dicom.header_process import HeaderProcess
    from fetchers.records import Finding, Header, Severity
    from fetchers.rules import Rule
    from fetchers.storage.publish.publish import Piece
    from fetchers.storage.safe_folder import SafeFolder


class RowBuilder:
    """Makes the rows of one dataset; what is to be said of a file goes into `findings`."""

    def __init__(
        self, options: StoreOptions, guard: HeaderProcess, stamp: str, open_: Callable[[str], BinaryIO]
    ) -> None:
        self.findings: list[Finding] = []
        self._options = options
        self._guard = guard
        self._stamp = stamp
        self._open = open_  # what a piece names as its source
        self.refused: ContentError | None = None  # why the last file is turned away, if it came by itself
        self.pairs = Pairs(options)
        # A place's own files lie where it puts them; a person's folder may be called like a part by accident.
        parts = options.dataset.parts if options.origin == "adopted" and options.dataset.part is None else ()
        self._parts = frozenset(part.part for part in parts)

    def told(self) -> list[Finding]:
        """Return the findings so far, and forget them."""
        told, self.findings = self.findings, []
        return told

    def name(self, path: str) -> str:
        """Return the name under which a file is held: nearly always its own."""
        name, why = shown(path), "a hidden folder is what is under way"
        if name == layout.TERMS and self._options.dataset.part is None:
            name, why = f"{name}.txt", f"{name} is the folder of the terms"
        elif self._parts and name.partition("/")[0] in self._parts and "/" in name:
            name, why = f"_{name}", "the folder of that name is the part's"
        if name != path:
            self.find("renamed", "info", name, f"held under this name, not as {path!r}; {why}")
        return name

    def held(
        self, item: IngestItem, path: str, piece: Piece, head: bytes, open_: Callable[[], BinaryIO] | None = None
    ) -> HeldFile:
        """Judge one file, which is to be held as `path`, and make its row; `head` are its first 64 KiB."""
        dataset = self._options.dataset
        judgement = judge(
            head,
            name=path,
            size=piece.size,
            container=dataset.container,
            modalities=dataset.modalities,
            listing=item.modality,
            open_=open_ or partial(self._open, piece.source),
            guard=self._guard,
            ending=item.ending,
        )
        if held_as_archive(path, judgement.kind):
            ends = tuple(one for one in judgement.problems if one.rule in ("truncated", "trailing-bytes"))
            judgement = Judgement(kind=judgement.kind, unverifiable=True, problems=ends)
        short = self.pairs.judge(path, piece.size, head, judgement.kind)
        problems = (*judgement.problems, *short)
        for problem in problems:
            self.find(problem.rule, problem.severity, path, problem.message, problem.hint)
        self.refused = self._refusal(item, path, problems) if judgement.refused or short or _is_cut(problems) else None
        header, patient = self._without_patient(judgement.header)
        proof = _proof(item, head)
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
            origin=self._options.origin,
            remote=item.path,
            acquired_at=self._stamp,
            proof=proof,
            beside=judgement.beside,
            licence=item.licence or dataset.licence,
            declared=item.modality,
            header=header,
            patient=patient,
            findings=problems,
        )

    def _refusal(self, item: IngestItem, path: str, problems: Sequence[Problem]) -> ContentError | None:
        """Return why a file of its own is turned away; None where a checksum says that these bytes were promised."""
        if item.checksum is not None:
            return None
        worst = next((one for one in problems if one.severity == "error"), None)
        if worst is None:
            return None
        if self._options.origin == "adopted":
            hint = f"bring the whole file, then: fetch adopt {self._options.dataset.address} PATH"
        else:
            hint = "the place itself has it so: tell it, or try again later"
        return ContentError(f"{path}: {worst.message}", hint=worst.hint or hint)

    def _without_patient(self, header: Header | None) -> tuple[Header | None, str | None]:
        """Return the header without its Patient ID, and the keyed hash of that."""
        if header is None or header.patient_id is None:
            return header, None
        key = self._options.patient_key
        return header._replace(patient_id=None), keyed(key, header.patient_id) if key is not None else None

    def arrival(self, item: IngestItem, sha256: str, held: Sequence[HeldFile]) -> Arrival:
        """Make the row of a remote file that is wholly here, by its bytes' hash."""
        dataset = self._options.dataset
        return Arrival(
            dataset=dataset.name,
            part=dataset.part,
            path=item.path,
            url=item.url,
            size=item.size,
            sha256=sha256,
            checksum=item.checksum,
            files=len(held),
            images=item.images,
            series=item.series,
            licence=item.licence or dataset.licence,
            arrived_at=self._stamp,
            validator=item.validator,
        )

    def wanted(self, pending: PendingFile) -> Wanted:
        """Make the row of a remote file that is not here."""
        dataset = self._options.dataset
        return Wanted(
            dataset=dataset.name,
            part=dataset.part,
            path=pending.path,
            url=pending.url,
            size=pending.size,
            checksum=pending.checksum,
            state="queued" if pending.message is None else "failed",
            message=pending.message,
            at=self._stamp,
        )

    def count(self, item: IngestItem, held: Sequence[HeldFile]) -> tuple[Problem, ...]:
        """Compare with the place's own count: gaps in a series' numbering prove nothing."""
        found = sum(row.header is not None for row in held)
        if item.images is None or found >= item.images:
            return ()
        message = f"{found} images arrived, the place counts {item.images}"
        hint = f"fetch get {self._options.dataset.address} --force"
        self.find("count-short", "error", item.into or item.path, message, hint)
        return (Problem("count-short", "error", message, hint),)

    def passed_over(self, archive: str, member: str | None, why: str) -> None:
        """Add a finding on a member that was left out, or, without a member, on what follows the archive's end."""
        if member is None:
            self.find("trailing-bytes", "info", archive, why)
        else:
            self.find("archive-member-left-out", "info", member, why)

    def find(self, rule: Rule, severity: Severity, path: str, message: str, hint: str | None = None) -> None:
        """Add a finding."""
        self.findings.append(self._options.dataset.finding(rule, severity, path, message, hint))


def holds(store: SafeFolder, path: str, sha256: str) -> bool:
    """Return True if a regular file with these bytes stands at `path` below the store."""
    try:
        return publish.sha256_of(store, path) == sha256
    except OSError:
        return False


def _is_cut(problems: Sequence[Problem]) -> bool:
    return any(problem.rule == "truncated" for problem in problems)


def _proof(item: IngestItem, head: bytes) -> str:
    if item.checksum is not None:
        return "checksum"
    if item.promised is not None or item.length_known:
        return "size"
    kind = sniff.sniff(head, item.size)
    return "format" if completeness.knows_its_end(kind) or archive_kind(item.joins or item.path) else "unproven"
