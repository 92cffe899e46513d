"""Audit held copies: whether they may be held, and used so. Answered offline, from record, catalogue and disk.

subjects   what is asked about: the named datasets, else all that is held
standing   may we hold it: access, consent, changed terms, retention
copies     are the copies in the store as they should be
scan       are there copies elsewhere
verdicts   what may each be used for
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.terms import verdict as terms
from fetchers.document import document
from fetchers.errors import PARTLY_DONE, CatalogueError, TermsError
from fetchers.events import log
from fetchers.inspection import compliance, store_check
from fetchers.inspection.scope import Subject, subjects
from fetchers.inspection.use_findings import use_findings
from fetchers.inspection.verdicts import VerdictRow, judged
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.records import Finding


class Looked(NamedTuple):
    """How much was checked: copies (of a dataset or part, under one licence) and their files."""

    copies: int
    files: int
    duties: tuple[tuple[str, str], ...]  # which licence asks for which duties


class Audit(NamedTuple):
    """What was asked, what the answers are, what a person should know. `scanned_files` lie outside the store."""

    uses: tuple[str, ...]
    verdicts: tuple[VerdictRow, ...]
    findings: tuple[Finding, ...]
    scanned_files: int
    exit: int
    looked: Looked = Looked(0, 0, ())

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(
    context: Context,
    names: Sequence[str] = (),
    *,
    uses: Sequence[str] = (),
    scan: Sequence[Path] = (),
    strict: bool = False,
    held_only: bool = False,
    on: str | None = None,
) -> Audit:
    """Audit the named datasets, or everything that is held.

    Stores that are only read are answered for, too; `held_only` leaves out what is named and not held.
    `uses` are by default those of the workspace's policy; without any, only the state of the copies is judged.
    `on` names a cluster whose workers scan. Raises `CatalogueError` for an unknown name, and for a folder to be
    scanned that is not there.
    """
    asked = tuple(dict.fromkeys(uses)) or context.workspace.config.policy_uses
    for folder in scan:
        if not folder.is_dir():
            raise CatalogueError(f"{folder} is not a folder", hint="check the path given to --scan")
    events = log.noticed(context)
    above = [run(context.of_store(store), names, uses=asked, strict=strict, held_only=True) for store in context.also]
    there = {(one.dataset, one.part) for answers in above for one in answers.verdicts}
    with Manifest.open(context.store, write=False) as manifest:
        found = [
            one
            for one in subjects(context, manifest, names)
            if one.held or not (held_only or (one.dataset.name, one.dataset.part) in there)
        ]
        verdicts, findings = judged(context, manifest, found, asked, events)
        findings += [finding for row in verdicts for finding in use_findings(row, strict=strict)]
        findings += compliance.findings(context, manifest, found, events)
        ours = partial(store_check.findings, context, [one for one in found if one.held], events)
        scanned = 0
        if scan:
            from fetchers.inspection.scan import Scan

            scanning = Scan(context, manifest, found if names else None, events, beside=ours)
            with context.executor(on) as executor:
                elsewhere = list(scanning.run(scan, executor))
            findings += scanning.also + elsewhere
            scanned = scanning.files
        else:
            findings += ours(manifest)
    verdicts += [row for answers in above for row in answers.verdicts]
    findings += [finding for answers in above for finding in answers.findings]
    order = ("error", "warning", "info")
    findings.sort(key=lambda finding: order.index(finding.severity))
    fails = order[:2] if strict else order[:1]
    return Audit(
        uses=asked,
        verdicts=tuple(verdicts),
        findings=tuple(findings),
        scanned_files=scanned,
        exit=_status(findings, fails),
        looked=_together([_looked(context, found), *(answers.looked for answers in above)]),
    )


def _together(looked: Sequence[Looked]) -> Looked:
    return Looked(
        copies=sum(one.copies for one in looked),
        files=sum(one.files for one in looked),
        duties=tuple(dict.fromkeys(duty for one in looked for duty in one.duties)),
    )


def _looked(context: Context, found: Sequence[Subject]) -> Looked:
    held = [one for one in found if one.held]
    expressions = dict.fromkeys(licence for one in held for licence in one.licences if licence)
    duties = {licence: terms.duties_of(licence, context.workspace.catalogue.licences) for licence in expressions}
    return Looked(
        copies=sum(len(one.licences) for one in held),
        files=sum(row.files for one in held for row in one.holdings),
        duties=tuple((licence, ", ".join(said)) for licence, said in duties.items() if said),
    )


def _status(findings: Sequence[Finding], fails: Sequence[str]) -> int:
    """Return 8 where a finding fails the audit; 9 where all that does is a folder that could not be looked at."""
    rules = {finding.rule for finding in findings if finding.severity in fails}
    if rules == {"scan-incomplete"}:
        return PARTLY_DONE
    return TermsError.exit_status if rules else 0
