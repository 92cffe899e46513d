"""Where we are, for a person: held, under way, applied for, about to lapse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import number, size
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import findings
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.verbs.status import Status

_STATES = {
    "open": "info",
    "submitted": "info",
    "granted": "good",
    "denied": "bad",
    "lapsed": "bad",
    "closed": "dim",
    "active": "good",
    "revoked": "bad",
}


def page(status: Status, look: Style) -> Iterator[str]:
    """Yield the lines; what is empty is left out."""
    if not (status.held or status.under_way or status.applications or status.permissions or status.lapsing):
        yield "nothing is held, under way or applied for: fetch list shows what there is"
        return
    sections = [
        _held(status, look),
        _under_way(status, look),
        _applications(status, look),
        _permissions(status, look),
        _lapsing(status, look),
        findings([one for one in status.findings if one.severity != "info"], look),
    ]
    filled = [lines for lines in map(list, sections) if lines]
    for index, lines in enumerate(filled):
        if index:
            yield ""
        yield from lines


def _held(status: Status, look: Style) -> Iterator[str]:
    columns = [
        Column("HELD"), Column("FILES", right=True), Column("SIZE", right=True), Column("SINCE"),
        Column("LICENCE", wrap=True),
    ]  # fmt: skip
    rows = [
        (
            Cell(address_of(row.dataset, row.part), "head"),
            number(row.files),
            size(row.bytes),
            str(row.acquired_on)[:10],
            row.licence or Cell("unknown", "warn"),
        )
        for row in status.held
    ]
    below = [
        f"read by group {row.readers}" if row.readers else None if row.store == status.held[0].store else row.store
        for row in status.held
    ]
    yield from table(columns, rows, look, below=below)


def _under_way(status: Status, look: Style) -> Iterator[str]:
    columns = [
        Column("UNDER WAY"),
        Column("QUEUED", right=True),
        Column("FAILED", right=True),
        Column("LAST WORD", wrap=True),
    ]
    rows = [
        (
            Cell(address_of(row.dataset, row.part), "head"),
            number(row.queued),
            Cell(number(row.failed), "bad" if row.failed else "dim"),
            row.message or "the same command goes on",
        )
        for row in status.under_way
    ]
    yield from table(columns, rows, look)


def _applications(status: Status, look: Style) -> Iterator[str]:
    columns = [Column("APPLICATION"), Column("STATE"), Column("GRANTED"), Column("UNTIL"), Column("NEXT", wrap=True)]
    rows = [
        (
            Cell(address_of(row.dataset, row.part), "head"),
            Cell(row.state, _STATES.get(row.state, "dim")),
            str(row.granted_on or "-"),
            str(row.until or "-"),
            f"{row.next_task}{f' (due {row.due})' if row.due else ''}" if row.next_task else "-",
        )
        for row in status.applications
    ]
    yield from table(columns, rows, look)


def _permissions(status: Status, look: Style) -> Iterator[str]:
    columns = [Column("PERMISSION"), Column("USE"), Column("STATE"), Column("UNTIL"), Column("SAID BY", wrap=True)]
    rows = [
        (
            Cell(address_of(row.dataset, row.part), "head"),
            row.use,
            Cell(row.state, _STATES[row.state]),
            str(row.until or "-"),
            row.evidence or row.note or "-",
        )
        for row in status.permissions
    ]
    yield from table(columns, rows, look)


def _lapsing(status: Status, look: Style) -> Iterator[str]:
    columns = [Column("ABOUT TO LAPSE"), Column("ON"), Column("WHAT", wrap=True)]
    rows = [
        (Cell(address_of(row.dataset, row.part), "head"), Cell(str(row.on), "warn"), row.title)
        for row in status.lapsing
    ]
    yield from table(columns, rows, look, below=[None if look.quiet else row.hint for row in status.lapsing])
