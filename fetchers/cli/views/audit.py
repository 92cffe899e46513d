"""What `fetch audit` judged, for a person: a matrix of copies and uses, the reasons, the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.duties import WORDS
from fetchers.cli.style import count
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import findings, wrapped
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.inspection.verdicts import VerdictRow
    from fetchers.verbs.audit import Audit

_STYLES = {"allowed": "good", "allowed-with-duties": "good", "forbidden": "bad", "unknown": "warn"}
_SHORT = {"allowed-with-duties": "with duties"}
_WORST_FIRST = ("forbidden", "unknown", "allowed-with-duties", "allowed")
_MOST_USES = 6  # columns that 100 characters bear


def page(audit: Audit, look: Style) -> Iterator[str]:
    """Yield the lines."""
    if audit.verdicts:
        yield from _matrix(audit, look)
        yield ""
        yield from _reasons(audit, look)
    shown = [finding for finding in audit.findings if finding.rule not in ("use-forbidden", "use-unknown", "duty-open")]
    if shown and audit.verdicts:
        yield ""
    yield from findings(shown, look)
    if audit.scanned_files:
        yield f"{count(audit.scanned_files, 'file')} outside the store checked"
    if shown or audit.verdicts:
        yield ""
    yield from _summary(audit, look)


def _summary(audit: Audit, look: Style) -> Iterator[str]:
    """Yield how much was checked, which duties follow, and which use the answer is for."""
    looked = audit.looked
    if not looked.copies:
        yield (
            "nothing is held of what was asked about"
            if audit.verdicts or audit.findings
            else "nothing is held: fetch list"
        )
        return
    subject = f"{looked.copies:,} {'copy' if looked.copies == 1 else 'copies'}, {count(looked.files, 'file')}"
    errors = sum(finding.severity == "error" for finding in audit.findings)
    warnings = sum(finding.severity == "warning" for finding in audit.findings)
    if errors or warnings:
        told = " and ".join(
            count(amount, word) for amount, word in ((errors, "error"), (warnings, "warning")) if amount
        )
        yield f"{subject}: {look.paint(told, 'bad' if errors else 'warn')}"
    else:
        yield f"{subject}: {look.paint('no objections', 'good')}"
    for licence, duties in looked.duties:
        yield from wrapped(f"{licence} asks for: {duties}", look, indent="  ", hang="    ")
    if look.quiet:
        return
    for duty in dict.fromkeys(duty for _, duties in looked.duties for duty in duties.split(", ")):
        for line in wrapped(f"{duty}: {WORDS.get(duty, duty)}", look, indent="    ", hang="      "):
            yield look.paint(line, "dim")
    if audit.uses:
        yield look.paint(f"judged for: {', '.join(audit.uses)}", "dim")
    else:
        yield look.paint("only the state of the copies was checked; for a use: fetch audit --use research", "dim")


def _matrix(audit: Audit, look: Style) -> Iterator[str]:
    rows: dict[tuple[str, str | None], dict[str, str]] = {}
    for verdict in audit.verdicts:
        rows.setdefault((address_of(verdict.dataset, verdict.part), verdict.licence), {})[verdict.use] = verdict.verdict
    uses = list(audit.uses)
    for start in range(0, len(uses), _MOST_USES):
        some = uses[start : start + _MOST_USES]
        columns = [Column("COPY"), Column("LICENCE", wrap=True), *(Column(use.upper()) for use in some)]
        lines: list[tuple[str | Cell, ...]] = [
            (
                Cell(address, "head"),
                licence or "unknown",
                *(Cell(_SHORT.get(cells[use], cells[use]), _STYLES[cells[use]]) for use in some),
            )
            for (address, licence), cells in rows.items()
        ]
        yield from table(columns, lines, look)


def _reasons(audit: Audit, look: Style) -> Iterator[str]:
    """Yield each reason once, with the copies and uses that it decides."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[VerdictRow]] = {}
    for verdict in audit.verdicts:
        groups.setdefault((verdict.verdict, verdict.reason or "", tuple(verdict.duties)), []).append(verdict)
    worst_first = sorted(groups.items(), key=lambda item: _WORST_FIRST.index(item[0][0]))
    for (word, reason, duties), group in worst_first:
        where = ", ".join(dict.fromkeys(address_of(row.dataset, row.part) for row in group))
        uses = ", ".join(dict.fromkeys(row.use for row in group))
        yield f"{look.paint(_SHORT.get(word, word), _STYLES[word])} {uses}: {where}"
        yield from wrapped(reason, look, indent="    ")
        if duties:
            yield from wrapped(f"duties: {', '.join(duties)}", look, indent="    ")
        for evidence in dict.fromkeys(row.evidence for row in group if row.evidence):
            yield from wrapped(f"evidence: {evidence}", look, indent="    ")
