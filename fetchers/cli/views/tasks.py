"""What has to be done, for a person: what is overdue first, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms import duo
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import findings, wrapped
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.cli.style import Style
    from fetchers.events.task_rows import TaskRow
    from fetchers.verbs.apply import Applied
    from fetchers.verbs.decide import Settled

_STATES = {"todo": "warn", "doing": "info", "done": "good", "skipped": "dim", "blocked": "dim"}
_OUTCOMES = {"granted": "good", "denied": "bad", "lapsed": "bad"}
_OPEN = ("todo", "doing", "blocked")


def listing(rows: Sequence[TaskRow], look: Style) -> Iterator[str]:
    """Yield a line for each task, with the address to go to below it."""
    if not rows:
        yield "no task is open: fetch apply NAME opens an application"
        return
    columns = [
        Column("DUE"), Column("DATASET"), Column("KEY"), Column("STATE"), Column("WHAT", wrap=True), Column("OWNER"),
    ]  # fmt: skip
    yield from table(columns, (_row(row) for row in rows), look, below=[row.url for row in rows])
    waiting = next((row for row in rows if row.state in ("todo", "doing")), None)
    if waiting is not None and not look.quiet:
        yield ""
        yield f"{look.paint('next', 'dim')}  fetch tasks done {waiting.address} {waiting.key} --evidence FILE"


def late(rows: Sequence[TaskRow], look: Style) -> Iterator[str]:
    """Yield what is late; nothing at all where nothing is, so that cron mails nobody."""
    if rows:
        yield from listing(rows, look)


def _row(row: TaskRow) -> list[str | Cell]:
    return [
        _due(row),
        row.address,
        Cell(row.key, "head"),
        Cell(row.state, _STATES[row.state]),
        row.title,
        row.owner or "-",
    ]


def _due(row: TaskRow) -> str | Cell:
    if row.state not in _OPEN:
        return Cell(str(row.done_on or "-"), "dim")
    if row.due is None:
        return "-"
    return Cell(f"{row.due} late", "bad") if row.overdue else str(row.due)


def applied(application: Applied, look: Style) -> Iterator[str]:
    """Yield what was applied for, and the tasks that come with it."""
    address = address_of(application.dataset, application.part)
    news = "application opened" if application.new else f"application of {application.applied_on}"
    owner = f", owner {application.owner}" if application.owner else ""
    yield f"{look.paint(address, 'head')}  {news}{owner}: {application.state}"
    if application.purpose:
        yield f"  {look.paint('purpose', 'dim')}  {application.purpose}"
    if application.codes:
        said = "proposed codes" if application.proposed else "codes"
        codes = ", ".join(f"{code} ({duo.label(code) or '?'})" for code in application.codes)
        yield from wrapped(f"{said}: {codes}", look, indent="  ", hang="    ")
        if application.proposed and not look.quiet:
            yield f"  {look.paint('to apply with them:', 'dim')} --purpose {','.join(application.codes)}"
    yield from findings(application.findings, look, indent="  ")
    if application.tasks:
        yield ""
        yield from listing(application.tasks, look)


def moved(row: TaskRow, look: Style) -> Iterator[str]:
    """Yield how a task stands now."""
    state = look.paint(row.state, _STATES[row.state])
    day = f" on {row.done_on}" if row.done_on else ""
    yield f"{look.paint(row.address, 'head')} {row.key}  {state}{day}: {row.title}"
    facts = {
        "owner": row.owner,
        "due": None if row.done_on or row.due is None else f"{row.due}{' (overdue)' if row.overdue else ''}",
        "lapses": row.lapses_on and f"{row.lapses_on}: it comes back as a task then",
        "evidence": ", ".join(f"{one.path} sha256 {one.sha256[:16]}..." for one in row.evidence),
        "note": row.note,
    }
    for label, fact in facts.items():
        if fact:
            yield f"  {look.paint(label.ljust(8), 'dim')}  {fact}"
    if not look.quiet:
        yield f"  {look.paint('next', 'dim')}      fetch tasks {row.address}"


def settled(application: Settled, look: Style) -> Iterator[str]:
    """Yield how an application stands now."""
    address = address_of(application.dataset, application.part)
    until = f" until {application.until}" if application.until else ""
    style = _OUTCOMES.get(application.state, "dim")
    yield f"{look.paint(address, 'head')}  {look.paint(application.state, style)}{until}"
    if application.evidence:
        yield f"  {look.paint('evidence', 'dim')}  {application.evidence.path}"
    if application.remark:
        yield f"  {look.paint('note', 'warn')}      {application.remark}"
    if application.state == "granted" and not look.quiet:
        yield f"  {look.paint('next', 'dim')}      fetch {address}"
