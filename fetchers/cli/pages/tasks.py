"""What has to be done, for a person: what is overdue first, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.table import Cell, Column, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from fetchers.cli.look import Look
    from fetchers.verbs.tasks import TaskRow

_STATES = {"todo": "warn", "doing": "info", "done": "good", "skipped": "dim", "blocked": "dim"}
_OPEN = ("todo", "doing", "blocked")


def listing(rows: Sequence[TaskRow], look: Look, today: date) -> Iterator[str]:
    """Yield a line for each task, with the address to go to below it."""
    if not rows:
        yield "no task is open: fetch apply NAME opens an application"
        return
    columns = [
        Column("DUE"), Column("DATASET"), Column("KEY"), Column("STATE"), Column("WHAT", wrap=True), Column("OWNER"),
    ]  # fmt: skip
    yield from table(columns, (_row(row, today) for row in rows), look)
    waiting = next((row for row in rows if row.state in ("todo", "doing")), None)
    if waiting is not None and not look.quiet:
        yield ""
        yield f"{look.paint('next', 'dim')}  fetch tasks done {waiting.dataset} {waiting.key} --evidence FILE"


def _row(row: TaskRow, today: date) -> list[str | Cell]:
    what = f"{row.title}\n{row.url}" if row.url else row.title
    return [
        _due(row, today),
        row.dataset,
        Cell(row.key, "head"),
        Cell(row.state, _STATES[row.state]),
        what,
        row.owner or "-",
    ]


def _due(row: TaskRow, today: date) -> str | Cell:
    if row.state not in _OPEN:
        return Cell(str(row.done_on or "-"), "dim")
    if row.due is None:
        return "-"
    return Cell(f"{row.due} overdue", "bad") if str(row.due) < today.isoformat() else str(row.due)
