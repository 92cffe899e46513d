"""Report a use that the terms forbid, or of which nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import address_of
from fetchers.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.inspection.verdicts import VerdictRow


def use_findings(row: VerdictRow, *, strict: bool) -> Iterator[Finding]:
    """Yield the finding of one verdict, where it is none that allows the use."""
    if row.verdict not in ("forbidden", "unknown"):
        return
    forbidden = row.verdict == "forbidden"
    yield Finding(
        rule="use-forbidden" if forbidden else "use-unknown",
        severity="error" if forbidden or strict else "warning",
        dataset=row.dataset,
        part=row.part,
        message=f"{row.use} is {row.verdict}: {row.reason}",
        hint=f"if the owner allows it: fetch permit {address_of(row.dataset, row.part)} {row.use} --evidence FILE",
    )
