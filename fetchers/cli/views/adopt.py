"""What came of `fetch adopt`, for a person: what was taken in, and what was turned away and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, size
from fetchers.cli.views.findings import findings
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.acquire.request import GetReport
    from fetchers.cli.style import Style


def page(report: GetReport, look: Style) -> Iterator[str]:
    """Yield the lines; with --quiet only what went wrong."""
    for result in report.datasets:
        address = address_of(result.dataset, result.part)
        if look.quiet and not result.exit:
            continue
        taken = f"{count(result.downloaded_files, 'file')} taken in, {size(result.downloaded_bytes)}"
        yield f"{look.paint(address, 'head')}  {taken if result.downloaded_files else 'nothing new was taken in'}"
        yield f"  {look.paint('held', 'dim')}    {count(result.files, 'file')}, {size(result.bytes)} in {result.root}"
        yield from findings(result.findings, look, indent="  ")
        if not result.exit and not look.quiet:
            yield f"  {look.paint('next', 'dim')}    fetch verify {address}"
