"""Check that this folder, this network and these credentials can do the job.

Every check is a finding: `info` where all is well, with what is so; the exit status is 4 for a faulty record, 7 for a
folder that cannot be written. Nothing is left behind, and a store that is not there is not made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import CatalogueError, ContentError, StoreError
from fetchers.inspection.machine_checks import folder_findings, software_findings, source_findings
from fetchers.inspection.network_checks import connection_findings, place_findings, proxy_findings
from fetchers.inspection.record_checks import record_findings
from fetchers.verbs import sharing_store

if TYPE_CHECKING:
    from fetchers.context import Context
    from fetchers.records import Finding


class Doctor(NamedTuple):
    """What was looked at."""

    findings: tuple[Finding, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, *, network: bool = False, share: bool = False) -> Doctor:
    """Look at everything; with `network`, ask each place's host one small question.

    With `share` the store becomes a group's first; raises `StoreError` where it is not one's own.
    """
    left = list(sharing_store.share(context)) if share else []
    folder = [*left, *folder_findings(context)]
    record = list(record_findings(context))
    rest = [*software_findings(), *connection_findings(context), *source_findings(context)]
    if network:
        rest += [*proxy_findings(context), *place_findings(context)]
    # One that cannot be read, or is none that this program wrote, says nothing of its events.
    refused = not any(one.rule == "events" for one in record)
    judged = (
        (folder, StoreError.exit_status),
        (record, StoreError.exit_status if refused else ContentError.exit_status),
    )
    status = next((status for found, status in judged if any(_bad(one) for one in found)), 0)
    if not status and any(_bad(one) for one in rest):
        status = CatalogueError.exit_status
    return Doctor(findings=(*folder, *record, *rest), exit=status)


def _bad(finding: Finding) -> bool:
    return finding.severity == "error"
