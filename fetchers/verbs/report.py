"""What is the whole account, on one page? Gathers what the other verbs know; the bytes are not read again."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import gate
from fetchers.checks.dicom import modality
from fetchers.checks.formats.thumbnail import thumbnail
from fetchers.checks.terms import verdict
from fetchers.checks.terms.duties import WORDS
from fetchers.dataset import USES, address_of
from fetchers.document import document
from fetchers.errors import FetchError
from fetchers.events import log
from fetchers.records import Finding
from fetchers.reports import html
from fetchers.storage import layout
from fetchers.storage.publish.atomic_text import write_text
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.safe_folder import SafeFolder
from fetchers.verbs import audit, cite, tasks
from fetchers.verbs.output_path import refuse_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import HeldFile, Holding, Problem

_PICTURES = 2  # of one copy
_MOST_PICTURES = 24
_MOST_BYTES = 40 * 1024**2  # a larger file is not read for a thumbnail
_IN_THE_MATRIX = ("use-forbidden", "use-unknown", "duty-open")
_SHOWABLE = ("allowed", "allowed-with-duties")


class Reported(NamedTuple):
    """Where the page is, and how large: one file that needs nothing else."""

    path: str
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, file: Path) -> Reported:
    """Write the page to `file`; one that is there already is replaced. Raises `StoreError` for the disk."""
    refuse_own(context, file)
    page = html.page(gathered(context))
    write_text(file, page)
    return Reported(path=str(file), bytes=len(page.encode()))


def gathered(context: Context) -> html.ReportData:
    """Gather the values of the page."""
    judged = audit.run(context, uses=USES)
    counted = _Counted(context)
    with Manifest.open(context.store, write=False) as manifest:
        held = manifest.holdings()
        for row in manifest.files():
            counted.add(row)
    order = ("error", "warning", "info")
    findings = [finding for finding in judged.findings if finding.rule not in _IN_THE_MATRIX]
    findings += counted.findings()
    return html.ReportData(
        made_at=context.now.strftime("%Y-%m-%d %H:%M UTC"),
        made_by=context.who,
        copies=tuple(_copy(context, row) for row in held),
        modalities=tuple(counted.kinds.most_common()),
        uses=judged.uses,
        verdicts=tuple(
            html.Cell(
                address=address_of(row.dataset, row.part),
                licence=row.licence,
                use=row.use,
                verdict=row.verdict,
                reason=row.reason,
                duties=tuple(f"{duty} ({WORDS[duty]})" for duty in row.duties),
                evidence=row.evidence,
            )
            for row in judged.verdicts
        ),
        requests=tuple(_requests(context)),
        due=tuple(_due(row) for row in tasks.listing(context)),
        findings=tuple(sorted(findings, key=lambda finding: order.index(finding.severity))),
        pictures=tuple(counted.pictures),
        bibtex=_bibtex(context, held),
    )


class _Counted:
    """One walk through the record: what the files are, what contradicts its listing, what may be shown."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._datasets: dict[str, Dataset | None] = {}
        self._wrong: Counter[tuple[str, str | None, Problem]] = Counter()
        self._silent: Counter[tuple[str, str | None]] = Counter()
        self.kinds: Counter[str] = Counter()
        self.pictures: list[html.Picture] = []

    def add(self, row: HeldFile) -> None:
        """Take one file in."""
        name = address_of(row.dataset, row.part)
        if name not in self._datasets:
            self._datasets[name] = _dataset(self._context, row.dataset, row.part)
        if row.beside:
            self.kinds["beside"] += 1
            return
        if row.header is None:
            self.kinds["unverifiable"] += 1
            self._silent[row.dataset, row.part] += 1
            self._show(row, name)
            return
        self.kinds[row.header.modality or "none named"] += 1
        dataset = self._datasets[name]
        declared = dataset.modalities if dataset is not None else ()
        for problem in modality.verdict(row.header, declared, row.declared):
            self._wrong[row.dataset, row.part, problem] += 1

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for all files with which the same thing is wrong."""
        for (dataset, part, problem), count in self._wrong.items():
            yield Finding(
                rule=problem.rule,
                severity=problem.severity,
                dataset=dataset,
                part=part,
                message=f"{count:,} x {problem.message}",
                hint=f"fetch verify {address_of(dataset, part)}   (names the files)",
            )
        for (dataset, part), count in self._silent.items():
            message = f"{count:,} files of a format that carries no modality"
            yield Finding(rule="unverifiable", severity="info", dataset=dataset, part=part, message=message)

    def _show(self, row: HeldFile, address: str) -> None:
        mine = sum(picture.address == address for picture in self.pictures)
        if mine >= _PICTURES or len(self.pictures) >= _MOST_PICTURES:
            return
        if row.kind not in ("png", "jpeg") or row.size > _MOST_BYTES or not self._may_be_shown(row):
            return
        try:
            with SafeFolder(self._context.store) as store:
                file = store.read(f"{layout.below(row.dataset, row.part)}/{row.path}")
            with file:
                data = file.read(_MOST_BYTES + 1)
        except OSError:
            return  # `audit` says that it is missing
        if sha256(data).hexdigest() != row.sha256:
            return  # what the terms allow to be shown are the recorded bytes, and no others
        png = thumbnail(data)
        if png is not None:
            self.pictures.append(html.Picture(address=address, name=row.path, png=png))

    def _may_be_shown(self, row: HeldFile) -> bool:
        """Say whether the page, which may go from hand to hand, may carry a picture of the file."""
        dataset = self._datasets[address_of(row.dataset, row.part)]
        licence = row.licence or (dataset.licence if dataset is not None else None)
        answer = verdict.judge(
            licence, "redistribute", self._context.workspace.catalogue.licences, (), self._context.now
        )
        return answer.verdict in _SHOWABLE


def _copy(context: Context, row: Holding) -> html.Copy:
    dataset = _dataset(context, row.dataset, row.part)
    return html.Copy(
        address=address_of(row.dataset, row.part),
        title=dataset.title if dataset is not None else "(not in the catalogue any more)",
        files=row.files,
        bytes=row.bytes,
        acquired_on=row.acquired_on[:10],
        licence=row.licence,
        access=dataset.access if dataset is not None else "unavailable",
    )


def _requests(context: Context) -> Iterator[html.Request]:
    events = log.read(context)
    for dataset in log.subjects(context, events):
        found = gate.application(dataset, events, context.now)
        if found is not None:
            following = next((task.title for task in found.tasks if task.state in ("todo", "doing")), None)
            yield html.Request(
                dataset=found.address,
                state=found.state,
                granted_on=None if found.granted_on is None else str(found.granted_on),
                until=None if found.until is None else str(found.until),
                next_task=following,
            )


def _due(row: tasks.TaskRow) -> html.Due:
    return html.Due(
        dataset=row.address,
        key=row.key,
        title=row.title,
        state=row.state,
        owner=row.owner,
        due=row.due,
        url=row.url,
        overdue=row.overdue,
    )


def _bibtex(context: Context, held: Sequence[Holding]) -> str:
    names = dict.fromkeys(address_of(row.dataset, row.part) for row in held)
    known = [name for name in names if _dataset(context, *_split(name)) is not None]
    return cite.run(context, known).bibtex if known else ""


def _dataset(context: Context, name: str, part: str | None) -> Dataset | None:
    try:
        return next(iter(context.workspace.catalogue.find(address_of(name, part))), None)
    except FetchError:  # held from a catalogue that this workspace has no longer
        return None


def _split(address: str) -> tuple[str, str | None]:
    name, _, part = address.partition("/")
    return name, part or None
