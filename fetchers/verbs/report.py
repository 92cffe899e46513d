"""Gather the whole account for one page; the bytes are not read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.dataset import USES, address_of
from fetchers.document import document
from fetchers.handover.output_path import refuse_own
from fetchers.handover.report_chapters import Chapters, acceptances, certificates
from fetchers.inspection.report_counts import Counted
from fetchers.inspection.scope import known
from fetchers.reports import html
from fetchers.storage.publish.atomic_text import write_text
from fetchers.storage.record import summary
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import audit, cite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.records import Holding

_IN_THE_MATRIX = ("use-forbidden", "use-unknown", "duty-open")


class Reported(NamedTuple):
    """The path and size of the page: one file that needs nothing else."""

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
    counted = Counted(context)
    with Manifest.open(context.store, write=False) as manifest:
        held, events = manifest.holdings(), manifest.events()
    for group in summary.alike(context.store):
        counted.add(group)
    for row in held:
        counted.show(row.dataset, row.part)
    order = ("error", "warning", "info")
    findings = [finding for finding in judged.findings if finding.rule not in _IN_THE_MATRIX]
    findings += counted.findings()
    findings.sort(key=lambda finding: order.index(finding.severity))
    chapters = Chapters(context, held, judged.verdicts, findings, counted.pictures)
    return html.ReportData(
        made_at=context.now.strftime("%Y-%m-%d %H:%M UTC"),
        made_by=context.who,
        store=str(context.store),
        chapters=tuple(chapters.all()),
        modalities=tuple(counted.kinds.most_common()),
        uses=judged.uses,
        acceptances=tuple(acceptances(events)),
        certificates=tuple(certificates(events)),
        findings=tuple(findings),
        bibtex=_bibtex(context, held),
    )


def _bibtex(context: Context, held: Sequence[Holding]) -> str:
    names = dict.fromkeys((row.dataset, row.part) for row in held)
    there = [address_of(*name) for name in names if known(context, *name).source != "forgotten"]
    return cite.run(context, there).bibtex if there else ""
