"""The house itself, for a person: what `doctor` found, where `report` wrote, where a credential is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import size
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.cli.style import Style
    from fetchers.transport.credential_store import Place
    from fetchers.verbs.doctor import Doctor
    from fetchers.verbs.login import Kept
    from fetchers.verbs.report import Reported


def diagnosis(found: Doctor, look: Style) -> Iterator[str]:
    """Yield what is wrong first, then a line for each thing that is well."""
    wrong = [finding for finding in found.findings if finding.severity != "info"]
    yield from findings(wrong, look)
    if look.quiet:
        return
    if wrong:
        yield ""
    rows = [
        (Cell("ok", "good"), Cell(finding.rule, "head"), finding.message)
        for finding in found.findings
        if finding.severity == "info"
    ]
    yield from table((Column(""), Column("CHECK"), Column("RESULT", wrap=True)), rows, look)


def reported(written: Reported, look: Style) -> Iterator[str]:
    """Yield where the page is."""
    yield f"{look.paint(written.path, 'head')}  {size(written.bytes)}, one file that needs nothing else"
    if not look.quiet:
        yield look.paint("open it in a browser; it prints on A4, too", "dim")


def logins(places: Sequence[Place], look: Style) -> Iterator[str]:
    """Yield a line for each place; never a secret."""
    if not places:
        yield "no credentials are stored; to add one: fetch login ADDRESS"
        return
    rows = [(Cell(place.address, "head"), place.kind, place.kept_in) for place in places]
    yield from table((Column("PLACE"), Column("BY"), Column("KEPT IN", wrap=True)), rows, look)


def kept(credential: Kept, look: Style) -> Iterator[str]:
    """Yield what became of a credential; never the secret."""
    address, where = look.paint(credential.address, "head"), credential.kept_in
    yield f"{address}  kept in {where}" if where else f"{address}  forgotten"
